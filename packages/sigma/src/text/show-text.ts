const longestShown = 200;
/** The limit for texts that share a line with others. */
const longestShort = 60;
/** Controls, format characters, separators, lone surrogates, and what is drawn as nothing. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Writes what cannot be seen as JSON escapes: the text stays on one line and does nothing to a terminal. */
export function visible(text: string): string {
  return text.replace(unseen, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}

/** A text from an event or a rule, cut to a length and made safe for one line. */
export function showText(text: string, longest = longestShown): string {
  return visible(text.length > longest ? `${text.slice(0, longest)}…` : text);
}

/**
 * The text in quotes. Not as JSON writes it: there a form feed is `\f`, which whoever wrote `"\foo"` takes for the two
 * characters that they meant.
 */
export function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** A text cut short, safe for one line. */
export function shortText(text: string): string {
  return showText(text, longestShort);
}

/** A text cut short, in quotes, safe for one line. The ellipsis stands before the closing quote. */
export function quotedShort(text: string): string {
  return visible(quoted(text.length > longestShort ? `${text.slice(0, longestShort)}…` : text));
}
