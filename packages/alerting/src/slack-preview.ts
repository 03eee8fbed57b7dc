import type { LinkButton, SlackBlock, SlackMessage } from "./slack-blocks.ts";

/**
 * Shows a Slack message as an HTML page that looks about as Slack would, so that wording can be judged before
 * anything is deployed. Reads mrkdwn as Slack does (code, bold, italic, strike, links, entities), so that text
 * which slipped through escaping would show here too. Everything is escaped; the page runs no script.
 */
export function slackPreview(message: SlackMessage): string {
  const attachments = message.attachments.map(
    ({ color, blocks }) =>
      `<div class="attachment" style="border-left-color:${safeColor(color)}">${blocks.map(block).join("")}</div>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Slack preview</title>
<style>${style}</style>
</head>
<body>
<p class="notification"><b>Notification</b> ${html(decode(message.text))}</p>
<article>
<div class="avatar" aria-hidden="true">S</div>
<div class="message">
<p class="sender"><b>Streamwarden</b> <span class="app">APP</span></p>
${message.blocks.map(block).join("")}
${attachments.join("")}
</div>
</article>
</body>
</html>
`;
}

function block(value: SlackBlock): string {
  switch (value.type) {
    case "header":
      return `<h1>${html(decode(value.text.text))}</h1>`;
    case "section":
      return "fields" in value
        ? `<div class="fields">${value.fields.map((field) => `<div>${mrkdwn(field.text)}</div>`).join("")}</div>`
        : `<div class="section">${mrkdwn(value.text.text)}</div>`;
    case "context":
      return `<div class="context">${value.elements.map((element) => `<span>${mrkdwn(element.text)}</span>`).join("")}</div>`;
    case "actions":
      return `<div class="actions">${value.elements.map(button).join("")}</div>`;
  }
}

const button = ({ text, url, style: look }: LinkButton): string =>
  `<a class="button ${look === "primary" ? "primary" : ""}" rel="noreferrer" href="${html(safeUrl(url))}">${html(decode(text.text))}</a>`;

const tokens = /`([^`\n]+)`|<([^<>\n]*)>|\*([^*\n]+)\*|\b_([^_\n]+)_\b|~([^~\n]+)~|\n/g;

/** Slack's mrkdwn to HTML. Links that are not https, and mentions, are shown as a warning mark. */
function mrkdwn(text: string): string {
  let out = "";
  let end = 0;
  for (const match of text.matchAll(tokens)) {
    out += html(decode(text.slice(end, match.index)));
    const [whole, code, angle, bold, italic, strike] = match;
    if (whole === "\n") out += "<br>";
    else if (code !== undefined) out += `<code>${html(decode(code))}</code>`;
    else if (bold !== undefined) out += `<b>${mrkdwnInline(bold)}</b>`;
    else if (italic !== undefined) out += `<i>${mrkdwnInline(italic)}</i>`;
    else if (strike !== undefined) out += `<s>${mrkdwnInline(strike)}</s>`;
    else if (angle !== undefined) out += link(decode(angle));
    end = match.index + whole.length;
  }
  return out + html(decode(text.slice(end)));
}

function link(angle: string): string {
  const [address = "", label = address] = angle.split("|");
  return address.startsWith("https://")
    ? `<a rel="noreferrer" href="${html(address)}">${html(label)}</a>`
    : `<mark>${html(angle)}</mark>`;
}

const mrkdwnInline = (text: string): string => html(decode(text));

const decode = (text: string): string =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

const html = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");

const safeUrl = (url: string): string => (url.startsWith("https://") ? url : "about:blank");

const safeColor = (color: string): string => (/^#[0-9a-f]{6}$/i.test(color) ? color : "#9aa0a6");

const style = `
body{margin:0;padding:24px;font:15px/1.46 Lato,"Noto Sans",system-ui,sans-serif;color:#1d1c1d;background:#fff}
.notification{margin:0 0 20px;padding:10px 14px;border-radius:10px;background:#f1f1f3;font-size:13px;max-width:660px}
.notification b{display:block;color:#616061;font-weight:600}
article{display:flex;gap:10px;max-width:700px}
.avatar{flex:none;width:36px;height:36px;border-radius:6px;background:#3b2f63;color:#fff;font-weight:700;display:grid;place-items:center}
.message{min-width:0;flex:1}
.sender{margin:0 0 2px}
.app{background:#e8e8e8;color:#616061;font-size:10px;padding:1px 3px;border-radius:2px;vertical-align:1px}
h1{font-size:18px;line-height:1.3;margin:6px 0 8px;font-weight:800;overflow-wrap:anywhere}
.attachment{border-left:4px solid;border-radius:4px;padding:4px 0 4px 12px;margin-top:4px}
.section,.fields,.context,.actions{margin:8px 0;overflow-wrap:anywhere}
.fields{display:grid;grid-template-columns:1fr 1fr;gap:10px 16px}
.fields>div{min-width:0}
.context{font-size:12px;color:#616061;display:flex;flex-direction:column;gap:4px}
.actions{display:flex;flex-wrap:wrap;gap:8px}
.button{border:1px solid #bbbabb;border-radius:4px;padding:5px 12px;font-weight:700;font-size:14px;color:#1d1c1d;text-decoration:none}
.button.primary{background:#007a5a;border-color:#007a5a;color:#fff}
code{font:12px/1.5 Monaco,Menlo,Consolas,"DejaVu Sans Mono",monospace;color:#c01343;background:#f6f6f7;border:1px solid #dcdcde;border-radius:3px;padding:1px 3px;overflow-wrap:anywhere}
mark{background:#ffd400}
@media (max-width:520px){body{padding:12px}.fields{grid-template-columns:1fr}}
`;
