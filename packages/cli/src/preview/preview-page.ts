import { createHash } from "node:crypto";
import { decodeSlackText, escapeHtml, slackPreviewStyle } from "@streamwarden/alerting";
import type { Mail } from "@streamwarden/local";
import type { ReceivedSlackMessage } from "./slack-inbox.ts";

export interface PreviewState {
  /** Newest first. */
  readonly slack: readonly ReceivedSlackMessage[];
  /** Newest first. */
  readonly mails: readonly Mail[];
  /** How to send an event, for the empty page. */
  readonly sendCommand: string;
  /** Whether the page loads itself anew. */
  readonly refreshes: boolean;
}

const refreshSeconds = 3;
const maximumShown = 50;

/** The page of `streamwarden up`: Slack messages and emails as people would get them. No script; all text is escaped. */
export function previewPage(state: PreviewState): string {
  const { slack, mails, refreshes } = state;
  const isEmpty = slack.length + mails.length === 0;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${refreshes ? `<meta http-equiv="refresh" content="${refreshSeconds}">\n` : ""}<title>${isEmpty ? "" : `(${slack.length + mails.length}) `}Alerts on this machine - Streamwarden</title>
<style>${style}</style>
</head>
<body>
<header>
<p class="name">Streamwarden</p>
<h1>Alerts on this machine</h1>
<p class="hint">As Slack and email would show them. Nothing left 127.0.0.1.</p>
<nav>${isEmpty ? "" : '<a href="#slack">Slack</a> <a href="#email">Email</a> '}${
    refreshes
      ? `<span>Refreshes every ${refreshSeconds} seconds.</span> <a href="/?refresh=off">Pause</a>`
      : `<span>Paused.</span> <a href="/">Refresh by itself</a>`
  }</nav>
</header>
<main${isEmpty ? ' class="empty"' : ""}>
${isEmpty ? empty(state.sendCommand) : `${slackColumn(slack)}\n${mailColumn(mails)}`}
</main>
</body>
</html>
`;
}

/** The headers of the page: nothing but its own style may be loaded, and nobody may frame it. */
export function previewHeaders(): Readonly<Record<string, string>> {
  return {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
  };
}

function empty(sendCommand: string): string {
  return `<section>
<h2>No alert yet</h2>
<p>Alerts appear here as they are published. Send an event:</p>
<pre>${escapeHtml(sendCommand)}</pre>
</section>`;
}

function slackColumn(messages: readonly ReceivedSlackMessage[]): string {
  const items = messages.slice(0, maximumShown).map(
    ({ destination, receivedAt, notification, article }) => `<li>
<p class="meta"><span>to ${escapeHtml(destination)}</span> ${time(receivedAt)}</p>
<p class="notification"><span>Notification</span> ${escapeHtml(decodeSlackText(notification))}</p>
${article}
</li>`,
  );
  return column("Slack", items, messages.length, "No message yet: no alert took a route to Slack.");
}

function mailColumn(mails: readonly Mail[]): string {
  // As in a mailbox: the newest is open, of the others the subjects are enough.
  const items = mails.slice(0, maximumShown).map(
    ({ to, from, subject, body, footer, receivedAt }, index) => `<li>
<p class="meta"><span>to ${escapeHtml(to)}</span> ${time(receivedAt)}</p>
<details class="mail"${index === 0 ? " open" : ""}>
<summary>${escapeHtml(subject)}</summary>
<p class="from">from ${escapeHtml(from)}</p>
<pre>${escapeHtml(body)}</pre>
<pre class="footer">${escapeHtml(footer)}</pre>
</details>
</li>`,
  );
  return column("Email", items, mails.length, "No email yet: no alert took a route to an address.");
}

function column(title: string, items: readonly string[], count: number, none: string): string {
  const hidden = count - items.length;
  return `<section id="${title.toLowerCase()}">
<h2>${title} <span class="count">${count.toLocaleString("en-US")}</span></h2>
${items.length === 0 ? `<p class="none">${none}</p>` : `<ol>${items.join("\n")}</ol>`}
${hidden > 0 ? `<p class="none">${hidden.toLocaleString("en-US")} older ones are not shown.</p>` : ""}
</section>`;
}

function time(iso: string): string {
  return `<time datetime="${escapeHtml(iso)}">${escapeHtml(iso.slice(0, 19).replace("T", " "))} UTC</time>`;
}

const style = `${slackPreviewStyle}
:root{--back:#f4f4f6;--card:#fff;--text:#1d1c1d;--soft:#5c5c62;--line:#d9d9de;--link:#1264a3}
@media (prefers-color-scheme:dark){:root{--back:#111315;--card:#1a1d21;--text:#e3e4e6;--soft:#a3a6ab;--line:#34373c;--link:#5ab0e6}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:15px/1.5 system-ui,sans-serif}
header{padding:24px 32px 8px;max-width:1500px;margin:auto}
header p{margin:0}
nav{margin-top:8px;display:flex;flex-wrap:wrap;gap:4px 14px;font-size:14px}
nav span{color:var(--soft)}
h1{margin:2px 0 4px;font-size:24px;line-height:1.25}
.name{font-weight:700;font-size:13px;letter-spacing:.02em;color:var(--soft)}
.hint,.none,.meta,.from{color:var(--soft)}
a{color:var(--link)}
main{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:32px;padding:16px 32px 48px;max-width:1500px;margin:auto}
main.empty{display:block}
h2{font-size:17px;margin:0 0 12px}
.count{font-weight:400;color:var(--soft)}
ol{list-style:none;margin:0;padding:0;display:grid;gap:20px}
li{min-width:0;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 18px 18px}
.meta{display:flex;justify-content:space-between;gap:4px 16px;flex-wrap:wrap;margin:0 0 10px;font-size:13px}
.notification{margin:0 0 14px;padding:8px 12px;border-radius:8px;background:var(--back);font-size:13px;overflow-wrap:anywhere}
.notification span{display:block;color:var(--soft)}
.mail summary{font-weight:700;line-height:1.4;overflow-wrap:anywhere;cursor:pointer}
.mail .from{margin:2px 0 12px;font-size:13px}
pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.5 ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.footer{margin-top:16px;color:var(--soft);font-size:12px}
.empty section{max-width:640px;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:20px 24px}
.empty pre{padding:10px 14px;border-radius:8px;background:var(--back)}
@media (max-width:1000px){main{grid-template-columns:minmax(0,1fr)}}
@media (max-width:520px){header{padding:16px 14px 4px}main{padding:12px 14px 32px;gap:24px}li{padding:12px 12px 14px}}
`;

const styleHash = createHash("sha256").update(style).digest("base64");
