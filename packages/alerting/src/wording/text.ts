/**
 * Text safety. Every string of a record may come from an attacker, so each rendering passes it through one of
 * these functions: what cannot be seen is shown as a mark, what is long is cut visibly, and what is one line
 * stays one line. All work is bounded by the output's size, not by the input's.
 */

/**
 * Characters that can hide, reorder or forge text: controls (C0, C1, ANSI escape), format characters (bidi
 * overrides, zero-width, tags), line separators, lone surrogates, fillers and selectors that draw nothing, and
 * noncharacters, which XML (and so SNS) rejects.
 */
const unseen =
  /([\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800])\1*/gu;

/** Marks piled on one letter can cover the lines above; real writing needs at most a few. */
const piledMarks = /(\p{M}{4})\p{M}+/gu;

const lineBreaks = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/u;
const lineBreakRuns = /[ \t]*(?:[\n\r\v\f\u0085\u2028\u2029]+[ \t]*)+/gu;
const spaces = /[\t\p{Zs}]+/gu;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** What an empty value looks like, so that it is not mistaken for a missing line. */
export const emptyMark = "(empty)";

/** Replaces every character that cannot be seen by a visible mark: `␛`, `[U+202E]`, `[U+200B x 40]`. */
export function visible(text: string): string {
  return text.replace(unseen, markOf).replace(piledMarks, "$1…");
}

/** Whether the text holds nothing that `visible` would replace, except line feeds. */
export function isVisible(text: string): boolean {
  const withoutLineFeeds = text.replaceAll("\n", " ");
  return visible(withoutLineFeeds) === withoutLineFeeds;
}

function markOf(run: string, character: string): string {
  const point = character.codePointAt(0) ?? 0;
  if (point === 0xfe0e || point === 0xfe0f) return ""; // text or emoji style of the character before: no meaning
  if (point >= 0xd800 && point <= 0xdfff) return "\ufffd";
  if (point < 0x20) return String.fromCodePoint(0x2400 + point);
  if (point === 0x7f) return "\u2421";
  const count = run.length / character.length;
  const name = `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
  return count === 1 ? `[${name}]` : `[${name} x ${count}]`;
}

/**
 * At most `maximumLength` UTF-16 units, ending in `…` when something was cut. Never splits a grapheme, so an
 * emoji or accented letter is whole or gone.
 */
export function cut(text: string, maximumLength: number): string {
  if (text.length <= maximumLength) return text;
  if (maximumLength < 1) return "";
  let end = 0;
  // 32 units of look-ahead: a grapheme that is longer than the room left is not begun.
  for (const { index, segment } of graphemes.segment(text.slice(0, maximumLength + 32))) {
    if (index + segment.length > maximumLength - 1) break;
    end = index + segment.length;
  }
  return `${text.slice(0, end)}…`;
}

/** For a place of one line: line breaks become ` ⏎ `, runs of spaces one space, the rest visible, then cut. */
export function oneLine(text: string, maximumLength: number): string {
  const head = text.slice(0, 2 * maximumLength + 64);
  const line = visible(head.replace(lineBreakRuns, " ⏎ ").replace(spaces, " ")).trim();
  return cut(head.length < text.length ? `${line}…` : line, maximumLength);
}

/** Like `oneLine`, and an empty value says so. */
export function oneLineValue(text: string, maximumLength: number): string {
  return oneLine(text, maximumLength) || emptyMark;
}

/** For a place of several lines: breaks are kept, each line is visible, and the whole is cut visibly. */
export function manyLines(text: string, maximumLines: number, maximumLength: number): string {
  const lines = text
    .slice(0, maximumLength + 1)
    .split(lineBreaks)
    .map((line) => visible(line.replaceAll("\t", "  ")).trimEnd());
  while (lines[0] === "") lines.shift();
  while (lines.at(-1) === "") lines.pop();
  const kept = lines.slice(0, maximumLines).join("\n");
  const whole = lines.length <= maximumLines && text.length <= maximumLength;
  return cut(whole ? kept : `${kept}\n…`, maximumLength);
}

/** Breaks a line at spaces so that it fits `columns`; a longer word (a URL, an ARN) stays whole. */
export function wrap(line: string, columns: number, indent = ""): readonly string[] {
  const lines: string[] = [];
  let current = "";
  for (const word of line.split(" ")) {
    if (current !== "" && current.length + 1 + word.length > columns) {
      lines.push(current);
      current = indent + word;
    } else {
      current = current === "" ? word : `${current} ${word}`;
    }
  }
  return [...lines, current];
}

const asciiForms: Readonly<Record<string, string>> = {
  "…": "...",
  "⏎": " ",
  "–": "-",
  "—": "-",
  "‘": "'",
  "’": "'",
  "“": '"',
  "”": '"',
  "×": "x",
};

/** Printable ASCII only, one line, ending in `...` when cut: accents are dropped, what has no ASCII form is `?`. */
export function asciiLine(text: string, maximumLength: number): string {
  const line = oneLine(text, 2 * maximumLength + 64)
    .replace(/[…⏎–—‘’“”×]/gu, (character) => asciiForms[character] ?? "?")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\x20-\x7e]/gu, "?")
    .replace(/ +/g, " ")
    .trim();
  if (line.length <= maximumLength) return line;
  return `${line.slice(0, Math.max(0, maximumLength - 3)).trimEnd()}...`.slice(0, maximumLength);
}

/** JSON whose text is safe to carry and print: what `visible` would replace is a `\u` escape, so nothing is lost. */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value)
    .replace(unseen, unicodeEscapes)
    .replace(/\p{M}{5,}/gu, unicodeEscapes);
}

function unicodeEscapes(run: string): string {
  return Array.from({ length: run.length }, (_, index) => unicodeEscape(run.charCodeAt(index))).join("");
}

function unicodeEscape(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}
