/**
 * Texts of a policy file, which people write in their own script. Marks that steer the direction of writing or join
 * letters belong to ordinary Arabic, Hebrew, Persian or Hindi; shown as `[U+200F]` they would make a title unreadable,
 * and left in they could reorder what stands beside it. So they are dropped, which the text of a record never is:
 * there they are evidence and stay visible.
 */
const invisibleMarks = /[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/gu;

export function authorText(text: string): string {
  return text.replace(invisibleMarks, "");
}
