/** What cannot be seen, reorders text or steers a terminal: controls, format characters, separators, surrogates. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * JSON that is safe to print: what cannot be seen is a `\u` escape, so nothing is lost. On one line, or indented by a
 * number of spaces; the only line feeds are those between its lines, because JSON escapes the others.
 */
export const visibleJson = (value: unknown, indent = 0): string =>
  JSON.stringify(value, null, indent).replace(unseen, (character) =>
    character === "\n" ? character : escapes(character),
  );

/** Text on one line that is safe to print, at most `maximumLength` characters. */
export function visibleText(text: string, maximumLength: number): string {
  const shown = text.slice(0, maximumLength + 1).replace(unseen, escapes);
  return shown.length <= maximumLength ? shown : `${shown.slice(0, maximumLength - 1)}…`;
}

const escapes = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
  ).join("");
