/**
 * What cannot be seen, reorders text or steers a terminal: controls, format characters, separators, surrogates. Wider
 * than what JSON escapes, which leaves C1 controls, bidirectional overrides and U+2028 as they are.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Text on one line that is safe to print: what cannot be seen is a `\u` escape, as in JSON. */
export function visibleText(text: string): string {
  return text.replace(unseen, escapes);
}

/**
 * JSON that is safe to print and still the same value, on one line, or indented by a number of spaces. The only line
 * feeds are those between its lines, because JSON escapes the others.
 */
export function visibleJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(unseen, (character) =>
    character === "\n" ? character : escapes(character),
  );
}

function escapes(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
  ).join("");
}
