import { decodeSlackText, escapeHtml } from "./html.ts";
import type { LinkButton, SlackBlock, SlackMessage } from "./slack-blocks.ts";
import { severityLook } from "./slack-look.ts";

/**
 * A Slack message as an HTML page of its own that looks about as Slack would, so that wording can be judged before
 * anything is deployed.
 */
export function slackPreview(message: SlackMessage): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Slack preview</title>
<style>${slackPreviewStyle}
body{margin:0;padding:24px;background:var(--slack-back)}
@media (max-width:520px){body{padding:12px}}
</style>
</head>
<body>
<p class="slack-notification"><b>Notification</b> ${escapeHtml(decodeSlackText(message.text))}</p>
${slackPreviewArticle(message)}
</body>
</html>
`;
}

/**
 * The message alone, for a page that brings `slackPreviewStyle`. Reads mrkdwn as Slack does (code, bold, italic,
 * strike, links, entities), so that text which slipped through escaping would show here too. Everything is escaped;
 * there is no script and no inline style.
 */
export function slackPreviewArticle(message: SlackMessage): string {
  const attachments = message.attachments.map(
    ({ color, blocks }) =>
      `<div class="attachment ${barClass.get(color) ?? ""}">${blocks.map(block).join("")}</div>`,
  );
  return `<article class="slack">
<div class="avatar" aria-hidden="true">S</div>
<div class="message">
<p class="sender"><b>Streamwarden</b> <span class="app">APP</span></p>
${message.blocks.map(block).join("")}
${attachments.join("")}
</div>
</article>`;
}

/** The bar's colour as a class, so that pages need no inline style. */
const barClass = new Map(
  Object.entries(severityLook).map(([severity, { color }]) => [color, `bar-${severity}`]),
);

function block(value: SlackBlock): string {
  switch (value.type) {
    case "header":
      return `<h1>${escapeHtml(decodeSlackText(value.text.text))}</h1>`;
    case "section":
      return value.fields !== undefined
        ? `<div class="fields">${value.fields.map((field) => `<div>${mrkdwn(field.text)}</div>`).join("")}</div>`
        : `<div class="section">${mrkdwn(value.text.text)}</div>`;
    case "context":
      return `<div class="context">${value.elements.map((element) => `<span>${mrkdwn(element.text)}</span>`).join("")}</div>`;
    case "actions":
      return `<div class="actions">${value.elements.map(button).join("")}</div>`;
  }
}

function button({ text, url, style: look }: LinkButton): string {
  return `<a class="button ${look === "primary" ? "primary" : ""}" rel="noreferrer" href="${escapeHtml(safeUrl(url))}">${escapeHtml(decodeSlackText(text.text))}</a>`;
}

const tokens = /`([^`\n]+)`|<([^<>\n]*)>|\*([^*\n]+)\*|\b_([^_\n]+)_\b|~([^~\n]+)~|\n/g;

/** Slack's mrkdwn to HTML. What links to anything but a page or a mailbox, and mentions, are shown as a warning mark. */
function mrkdwn(text: string): string {
  let out = "";
  let end = 0;
  for (const match of text.matchAll(tokens)) {
    out += escapeHtml(decodeSlackText(text.slice(end, match.index)));
    const [whole, code, angle, bold, italic, strike] = match;
    if (whole === "\n") out += "<br>";
    else if (code !== undefined) out += `<code>${escapeHtml(decodeSlackText(code))}</code>`;
    else if (bold !== undefined) out += `<b>${mrkdwnInline(bold)}</b>`;
    else if (italic !== undefined) out += `<i>${mrkdwnInline(italic)}</i>`;
    else if (strike !== undefined) out += `<s>${mrkdwnInline(strike)}</s>`;
    else if (angle !== undefined) out += link(decodeSlackText(angle));
    end = match.index + whole.length;
  }
  return out + escapeHtml(decodeSlackText(text.slice(end)));
}

function link(angle: string): string {
  const [address = "", label = address] = angle.split("|");
  return /^(?:https?:\/\/|mailto:)/.test(address)
    ? `<a rel="noreferrer" href="${escapeHtml(address)}">${escapeHtml(label)}</a>`
    : `<mark>${escapeHtml(angle)}</mark>`;
}

function mrkdwnInline(text: string): string {
  return escapeHtml(decodeSlackText(text));
}

function safeUrl(url: string): string {
  return url.startsWith("https://") ? url : "about:blank";
}

/** Everything below `.slack`, in the colours of the reader's system. */
export const slackPreviewStyle = `
:root{color-scheme:light dark;--slack-back:#fff;--slack-text:#1d1c1d;--slack-soft:#616061;--slack-line:#bbbabb;--slack-app:#e8e8e8;--slack-note:#f1f1f3;--slack-code:#c01343;--slack-code-back:#f6f6f7;--slack-code-line:#dcdcde;--slack-link:#1264a3}
@media (prefers-color-scheme:dark){:root{--slack-back:#1a1d21;--slack-text:#d1d2d3;--slack-soft:#ababad;--slack-line:#565856;--slack-app:#35373b;--slack-note:#222529;--slack-code:#e8912d;--slack-code-back:#232529;--slack-code-line:#3b3d41;--slack-link:#1d9bd1}}
.slack,.slack-notification{font:15px/1.46 Lato,"Noto Sans",system-ui,sans-serif;color:var(--slack-text)}
.slack-notification{margin:0 0 20px;padding:10px 14px;border-radius:10px;background:var(--slack-note);font-size:13px;max-width:660px;overflow-wrap:anywhere}
.slack-notification b{display:block;color:var(--slack-soft);font-weight:600}
.slack{display:flex;gap:10px;max-width:700px;background:var(--slack-back)}
.slack .avatar{flex:none;width:36px;height:36px;border-radius:6px;background:#3b2f63;color:#fff;font-weight:700;display:grid;place-items:center}
.slack .message{min-width:0;flex:1}
.slack .sender{margin:0 0 2px}
.slack .app{background:var(--slack-app);color:var(--slack-soft);font-size:10px;padding:1px 3px;border-radius:2px;vertical-align:1px}
.slack h1{font-size:18px;line-height:1.3;margin:6px 0 8px;font-weight:800;overflow-wrap:anywhere}
.slack .attachment{border-left:4px solid #9aa0a6;border-radius:4px;padding:4px 0 4px 12px;margin-top:4px}
${Object.entries(severityLook)
  .map(([severity, { color }]) => `.slack .bar-${severity}{border-left-color:${color}}`)
  .join("\n")}
.slack .section,.slack .fields,.slack .context,.slack .actions{margin:8px 0;overflow-wrap:anywhere}
.slack .fields{display:grid;grid-template-columns:1fr 1fr;gap:10px 16px}
.slack .fields>div{min-width:0}
.slack .context{font-size:12px;color:var(--slack-soft);display:flex;flex-direction:column;gap:4px}
.slack .actions{display:flex;flex-wrap:wrap;gap:8px}
.slack a{color:var(--slack-link)}
.slack .button{border:1px solid var(--slack-line);border-radius:4px;padding:5px 12px;font-weight:700;font-size:14px;color:var(--slack-text);text-decoration:none}
.slack .button.primary{background:#007a5a;border-color:#007a5a;color:#fff}
.slack code{font:12px/1.5 Monaco,Menlo,Consolas,"DejaVu Sans Mono",monospace;color:var(--slack-code);background:var(--slack-code-back);border:1px solid var(--slack-code-line);border-radius:3px;padding:1px 3px;overflow-wrap:anywhere}
.slack mark{background:#ffd400;color:#1d1c1d}
@media (max-width:520px){.slack .fields{grid-template-columns:1fr}}
`;
