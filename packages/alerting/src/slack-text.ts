import { cut, emptyMark, oneLine, visible } from "./text.ts";

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

/** Prose of several lines in mrkdwn. The caller has bounded and cleaned the lines (`manyLines`). */
export function slackLines(text: string, maximumLength: number): string {
  return escapeWithin(
    text
      .split("\n")
      .map((line) => calm(visible(line)))
      .join("\n"),
    maximumLength,
  );
}

/** A value in a code span: `` `value` ``, at most `maximumLength` with its marks. */
export function slackCode(text: string, maximumLength: number): string {
  const line = oneLine(text, maximumLength).replaceAll("`", "ˋ");
  return `\`${escapeWithin(line || emptyMark, maximumLength - 2)}\``;
}

/** The text of a `plain_text` object: not parsed for formatting, but entities are still escaped. */
export function slackPlain(text: string, maximumLength: number): string {
  return escapeWithin(oneLine(text, maximumLength), maximumLength);
}

function calm(line: string): string {
  return line
    .replace(/[*_~`]/g, (mark) => lookAlikes[mark] ?? "")
    .replace(/:(?=[\w+＿-]+:)/gu, "∶") // `:name:` would be drawn as an emoji
    .replace(/@(?=channel|here|everyone)/gi, "＠")
    .replace(/:\/\//g, "∶//"); // a bare URL would become a link
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
  return `${kept}…`;
}

const escapeEntities = (text: string): string =>
  text.replace(/[&<>]/g, (character) => entities[character] ?? "");
