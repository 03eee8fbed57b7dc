import { isVisible } from "./text.ts";

/**
 * Links in the texts of a policy file: a runbook at 3 a.m. must be clickable. Bare addresses, Markdown's `[text](url)` and
 * `<url>`, and Slack's `<url|text>` are understood, for http, https and mailto. Only a policy's own texts may come here:
 * an address that a record brought is shown and never linked.
 */
export type AuthorPart = string | AuthorLink;

interface AuthorLink {
  /** Normalised, and without any character that could end a link or an attribute. */
  readonly url: string;
  /** What the author called it; absent for a bare address. */
  readonly label?: string;
}

const maximumUrlLength = 1000;

const address = String.raw`(?:https?:\/\/|mailto:)`;
const forms = new RegExp(
  [
    String.raw`\[(?<label>[^[\]\n]{1,200})\]\((?<target>${address}[^\s<>()]{1,${maximumUrlLength}})\)`,
    String.raw`<(?<angle>${address}[^\s<>|]{1,${maximumUrlLength}})(?:\|(?<name>[^<>|\n]{1,200}))?>`,
    String.raw`(?<![\w/])(?<bare>${address}[^\s<>"|]{1,${maximumUrlLength}})`,
  ].join("|"),
  "gi",
);

/** The text in order, its links apart. */
export function authorParts(text: string): readonly AuthorPart[] {
  const parts: AuthorPart[] = [];
  let end = 0;
  for (const match of text.matchAll(forms)) {
    const { label, target, angle, name, bare } = match.groups ?? {};
    const written = bare === undefined ? (target ?? angle ?? "") : withoutTail(bare);
    const url = linkUrl(written);
    if (url === undefined) continue;
    if (match.index > end) parts.push(text.slice(end, match.index));
    const called = label ?? name;
    // A label that is an address itself could lead elsewhere than it says.
    parts.push(called === undefined || called.includes("://") ? { url } : { url, label: called });
    end = match.index + (bare === undefined ? match[0].length : written.length);
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

/** Punctuation behind an address belongs to the sentence, and so does a bracket that was opened before it. */
function withoutTail(bare: string): string {
  let text = bare.replace(/[.,;:!?'*_~\]}]+$/, "");
  while (text.endsWith(")") && text.split("(").length < text.split(")").length) {
    text = text.slice(0, -1).replace(/[.,;:!?'*_~\]}]+$/, "");
  }
  return text;
}

/** An address that may be linked: http, https without credentials, or mailto. Normalised. */
function linkUrl(text: string): string | undefined {
  if (text.length > maximumUrlLength || !isVisible(text)) return undefined;
  const url = URL.parse(text);
  if (url === null || !/^(?:https?|mailto):$/.test(url.protocol)) return undefined;
  if (url.username !== "" || url.password !== "" || (url.protocol === "mailto:" && url.pathname === ""))
    return undefined;
  const href = url.href.replace(
    /['*|`"<>\\^]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return /\s/.test(href) ? undefined : href;
}

/** The address as people read it: a mailbox without its scheme. */
export function shownUrl(url: string): string {
  return url.replace(/^mailto:/, "");
}

/** The text for a medium that links addresses by itself: `the wiki <https://wiki.example.com/>`. */
export function plainAuthorText(text: string): string {
  return authorParts(text)
    .map((part) => {
      if (typeof part === "string") return part;
      const { url, label } = part;
      return label === undefined ? shownUrl(url) : `${label} <${shownUrl(url)}>`;
    })
    .join("");
}
