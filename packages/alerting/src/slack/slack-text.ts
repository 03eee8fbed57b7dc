import { type AuthorPart, authorParts, shownUrl } from "../wording/author-links.ts";
import type { Prose } from "../wording/prose.ts";
import { cut, emptyMark, oneLine, visible } from "../wording/text.ts";

/**
 * Text for Slack's mrkdwn. `&`, `<` and `>` are escaped as Slack asks, which stops `<!channel>`, `<@U1>` and
 * `<url|text>`; the marks that format text are replaced by characters that look like them, because mrkdwn has
 * no escape for them. Values of a record go into code spans, where Slack formats nothing and links nothing.
 */

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

const lookAlikes: Readonly<Record<string, string>> = {
  "*": "∗",
  _: "＿",
  "~": "∼",
  "`": "ˋ",
};

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Prose in mrkdwn: nothing in it formats, mentions, links or becomes an emoji. */
export function slackText(text: string, maximumLength: number): string {
  return escapeWithin(calm(oneLine(text, maximumLength)), maximumLength);
}

/**
 * A policy author's prose of several lines (`manyLines` has bounded and cleaned it): neutralised like all text, but its
 * addresses become links, because a runbook at 3 a.m. must be clickable. See `authorParts` for what is understood.
 */
export function slackLines(text: string, maximumLength: number): string {
  let kept = "";
  for (const piece of authorParts(visibleLines(text)).flatMap(slackPieces)) {
    if (kept.length + piece.length > maximumLength - 1) {
      // A single endless word is cut within, so that something of it is seen.
      return kept === "" ? escapeWithin(calm(oneLine(text, maximumLength)), maximumLength) : `${kept}…`;
    }
    kept += piece;
  }
  return kept;
}

/** A link whole, or a text word by word, so that a cut falls between them. */
function slackPieces(part: AuthorPart): readonly string[] {
  if (typeof part === "string") return part.split(/(?<=[ \n])/).map((word) => escapeEntities(calm(word)));
  const { url, label } = part;
  const shown = label ?? (url.startsWith("mailto:") ? shownUrl(url) : undefined);
  const address = escapeEntities(url);
  return [
    shown === undefined ? `<${address}>` : `<${address}|${slackText(shown.replaceAll("|", "¦"), 200)}>`,
  ];
}

function visibleLines(text: string): string {
  return text.split("\n").map(visible).join("\n");
}

/** A value in a code span: `` `value` ``, at most `maximumLength` with its marks. */
export function slackCode(text: string, maximumLength: number): string {
  const line = oneLine(text, maximumLength).replaceAll("`", "ˋ");
  return `\`${escapeWithin(line || emptyMark, maximumLength - 2)}\``;
}

/** A sentence of ours with values of the record in code spans, each at most `maximumValue` long. */
export function slackProse(prose: Prose, maximumValue: number): string {
  return prose
    .map((part) => {
      if (typeof part === "string") return escapeEntities(part);
      return "data" in part
        ? slackCode(part.data, maximumValue)
        : slackText(part.text, maximumValue) || emptyMark;
    })
    .join("");
}

/** The text of a `plain_text` object: not parsed for formatting, but entities are still escaped. */
export function slackPlain(text: string, maximumLength: number): string {
  return escapeWithin(oneLine(text, maximumLength), maximumLength);
}

function calm(line: string): string {
  return (
    line
      // Between letters and digits `_` formats nothing, and names must stay copyable.
      .replace(/[*~`]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, (mark) => lookAlikes[mark] ?? "")
      .replace(/:(?=[\w+＿-]+:)/gu, "∶") // `:name:` would be drawn as an emoji
      .replace(/@(?=channel|here|everyone)/gi, "＠")
      .replace(/:\/\//g, "∶//")
  ); // a bare URL would become a link
}

/** Escapes and cuts so that the escaped text fits and no entity is split. */
function escapeWithin(text: string, maximumLength: number): string {
  const whole = escapeEntities(text);
  if (whole.length <= maximumLength) return whole;
  let kept = "";
  for (const { segment } of graphemes.segment(cut(text, maximumLength))) {
    const escaped = escapeEntities(segment);
    if (kept.length + escaped.length > maximumLength - 1) break;
    kept += escaped;
  }
  return `${kept.replace(/_+$/, "")}…`; // a `_` that was inside a word may not end it
}

function escapeEntities(text: string): string {
  return text.replace(/[&<>]/g, (character) => entities[character] ?? "");
}
