const longestShown = 200;
/** For texts that are one of several on a line. */
const longestShort = 60;
/** Controls, format characters, separators, lone surrogates, and what is drawn as nothing. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** What cannot be seen written as JSON escapes it: a text on one line that no terminal acts on. */
export function visible(text: string): string {
  return text.replace(unseen, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}

/** Text from an event or a rule made safe for one line: what cannot be seen is escaped, the rest cut. */
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

/** A short form of a text, safe for one line. */
export function shortText(text: string): string {
  return showText(text, longestShort);
}

/** A short form in quotes, safe for one line; what was cut off is marked before the closing quote. */
export function quotedShort(text: string): string {
  return visible(quoted(text.length > longestShort ? `${text.slice(0, longestShort)}…` : text));
}
