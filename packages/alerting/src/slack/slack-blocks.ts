/** The part of Slack's Block Kit that alerts use, and the limits that Slack enforces on it. */

export interface PlainText {
  readonly type: "plain_text";
  readonly text: string;
  readonly emoji: false;
}

export interface Markdown {
  readonly type: "mrkdwn";
  readonly text: string;
  /** Stops Slack from turning bare URLs, `#names` and `@names` into links. */
  readonly verbatim: true;
}

export interface LinkButton {
  readonly type: "button";
  readonly action_id: string;
  readonly text: PlainText;
  readonly url: string;
  readonly style?: "primary" | "danger";
}

export type SlackBlock =
  | { readonly type: "header"; readonly text: PlainText }
  | { readonly type: "section"; readonly text: Markdown }
  | { readonly type: "section"; readonly fields: readonly Markdown[] }
  | { readonly type: "context"; readonly elements: readonly Markdown[] }
  | { readonly type: "actions"; readonly elements: readonly LinkButton[] };

interface SlackAttachment {
  /** The bar at the left, `#rrggbb`. */
  readonly color: string;
  /** For clients that show no attachments. */
  readonly fallback: string;
  readonly blocks: readonly SlackBlock[];
}

/** The body of an incoming webhook, and of `chat.postMessage` with a channel added. */
export interface SlackMessage {
  /** Shown in notifications; not shown where blocks are. */
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
  readonly attachments: readonly SlackAttachment[];
  readonly unfurl_links: false;
  readonly unfurl_media: false;
}

/** Sources: docs.slack.dev reference for blocks; the total is undocumented (`msg_blocks_too_long`). */
export const slackLimits = {
  blocks: 50,
  headerText: 150,
  sectionText: 3000,
  fields: 10,
  fieldText: 2000,
  contextElements: 10,
  contextText: 2000,
  actionElements: 25,
  buttonText: 75,
  buttonUrl: 3000,
  actionId: 255,
  totalCharacters: 13_000,
} as const;

export function plainText(text: string): PlainText {
  return { type: "plain_text", text, emoji: false };
}

export function markdown(text: string): Markdown {
  return { type: "mrkdwn", text, verbatim: true };
}
