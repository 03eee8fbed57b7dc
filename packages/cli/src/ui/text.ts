import { styleText } from "node:util";
import { visibleText } from "./visible.ts";

type Style = Parameters<typeof styleText>[0];

/**
 * One line for a person.
 *
 * Titles, values and file names come from attackers, so no string is trusted, wherever it comes from: all of them are
 * escaped when they are printed, and style is no part of a string. That leaves nothing to forget in a command. Only
 * `styled` and `line` make text that is more than a string.
 */
export type Text = string | StyledText;

class StyledText {
  readonly parts: readonly Text[];
  readonly style: Style | undefined;

  constructor(parts: readonly Text[], style?: Style) {
    this.parts = parts;
    this.style = style;
  }

  /** Without style, for who puts it into a string by mistake. */
  toString(): string {
    return this.parts.join("");
  }
}

/** The text in a style, where the output shows styles. */
export function styled(style: Style, text: Text): Text {
  return new StyledText([text], style);
}

/** A template of texts: `` line`${styled("bold", place)} ${message}` ``. */
export function line(strings: TemplateStringsArray, ...values: readonly (Text | number)[]): Text {
  return new StyledText(
    strings.flatMap((text, index) => {
      const value = values[index];
      return value === undefined ? [text] : [text, typeof value === "number" ? String(value) : value];
    }),
  );
}

/** Texts one after the other. */
export function joined(texts: readonly Text[]): Text {
  return new StyledText(texts);
}

/** The text as it is written: escaped, on one line. */
export function rendered(text: Text, hasColor: boolean): string {
  if (typeof text === "string") return visibleText(text);
  const inner = text.parts.map((part) => rendered(part, hasColor)).join("");
  const { style } = text;
  return style === undefined || !hasColor ? inner : styleText(style, inner, { validateStream: false });
}

/** At most so many characters of a text. */
export function shortened(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** The lines of a text that has several by right, such as an email. */
export function linesOf(text: string): string[] {
  return text.replace(/\n+$/, "").split("\n");
}

/** `1 policy`, `2 policies`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}
