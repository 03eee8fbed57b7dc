import { asciiLine, oneLine } from "./text.ts";

/**
 * One visible line of at most `maximumLength` UTF-16 units for a subject, in the script it was written in. A text of
 * ASCII stays ASCII when it is cut (`...`), so that a title costs the retry of `withAsciiSubject` only where it needs
 * more than that.
 */
export function subjectPart(text: string, maximumLength: number): string {
  const line = oneLine(text, 2 * maximumLength);
  return /^[\x20-\x7e…⏎]*$/u.test(line) ? asciiLine(text, maximumLength) : oneLine(text, maximumLength);
}
