const NON_ASCII = /[\u0080-\uffff]/;

/** Code points whose upper case has another lower case than themselves, without being equal under simple folding. */
const DOTTED_CAPITAL_I = 0x130;
const DOTLESS_SMALL_I = 0x131;

const foldedCodePoints = new Map<number, string>();

function foldCodePoint(codePoint: number): string {
  const known = foldedCodePoints.get(codePoint);
  if (known !== undefined) {
    return known;
  }
  const character = String.fromCodePoint(codePoint);
  let folded = character;
  if (codePoint !== DOTTED_CAPITAL_I && codePoint !== DOTLESS_SMALL_I) {
    const upper = character.toUpperCase();
    const lower = (isOneCodePoint(upper) ? upper : character).toLowerCase();
    folded = isOneCodePoint(lower) ? lower : character;
  }
  foldedCodePoints.set(codePoint, folded);
  return folded;
}

const isOneCodePoint = (text: string): boolean =>
  text.length === 1 || (text.length === 2 && (text.codePointAt(0) ?? 0) > 0xffff);

/**
 * Simple case folding (Unicode CaseFolding.txt, statuses C and S): one code point to one code point, the same in
 * every place of a word and in every language. `toLowerCase` is neither: it turns a final Σ into ς and İ into two
 * code points, so that a substring of a text could stop being one after folding.
 */
export function fold(text: string): string {
  if (!NON_ASCII.test(text)) {
    return text.toLowerCase();
  }
  let folded = "";
  for (const character of text) {
    folded += foldCodePoint(character.codePointAt(0) ?? 0);
  }
  return folded;
}
