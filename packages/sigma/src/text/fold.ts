const nonAscii = /[\u0080-\uffff]/;

/** Code points that have another case and no simple folding. */
const dottedCapitalI = 0x130;
const dotlessSmallI = 0x131;

/** Foldings of the basic plane, filled as needed; 0 means unknown. Bounded, because texts come from events. */
const foldings = new Uint16Array(0x10000);

function isOneCodePoint(text: string): boolean {
  return text.length === 1 || (text.length === 2 && (text.codePointAt(0) ?? 0) > 0xffff);
}

function foldCharacter(character: string): string {
  const codePoint = character.codePointAt(0) ?? 0;
  const known = foldings[codePoint];
  if (known !== undefined && known !== 0) {
    return String.fromCharCode(known);
  }
  const upper = character.toUpperCase();
  const lower = (isOneCodePoint(upper) ? upper : character).toLowerCase();
  const hasFolding = isOneCodePoint(lower) && codePoint !== dottedCapitalI && codePoint !== dotlessSmallI;
  const folded = hasFolding ? lower : character;
  if (codePoint <= 0xffff) {
    foldings[codePoint] = folded.charCodeAt(0);
  }
  return folded;
}

/**
 * Simple case folding (Unicode CaseFolding.txt, statuses C and S): one code point to one code point, the same in
 * every place of a word and in every language. `toLowerCase` is neither: it turns a final Σ into ς and İ into two
 * code points, so that a substring of a text could stop being one after folding.
 */
export function fold(text: string): string {
  if (!nonAscii.test(text)) {
    return text.toLowerCase();
  }
  let folded = "";
  for (const character of text) {
    folded += foldCharacter(character);
  }
  return folded;
}
