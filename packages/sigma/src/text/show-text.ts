const LONGEST_SHOWN = 200;
const CONTROL = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Text from an event made safe for one line: control and invisible formatting characters escaped, the rest cut. */
export function showText(text: string, longest = LONGEST_SHOWN): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut
    .toWellFormed()
    .replace(CONTROL, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
