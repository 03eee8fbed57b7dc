import type {
  ActionsBlock,
  Button,
  ContextBlock,
  HeaderBlock,
  MessageAttachment,
  MrkdwnElement,
  PlainTextElement,
  SectionBlock,
} from "@slack/types";

/** The part of Slack's Block Kit that alerts use, narrowed from Slack's own types, and the limits that Slack enforces. */

export interface PlainText extends PlainTextElement {
  readonly emoji: false;
}

export interface Markdown extends MrkdwnElement {
  /** Stops Slack from turning bare URLs, `#names` and `@names` into links. */
  readonly verbatim: true;
}

export interface LinkButton extends Button {
  readonly action_id: string;
  readonly text: PlainText;
  readonly url: string;
}

interface Header extends HeaderBlock {
  readonly text: PlainText;
}

interface TextSection extends SectionBlock {
  readonly text: Markdown;
  readonly fields?: never;
}

interface FieldSection extends SectionBlock {
  readonly text?: never;
  readonly fields: Markdown[];
}

interface Context extends ContextBlock {
  readonly elements: Markdown[];
}

interface Actions extends ActionsBlock {
  readonly elements: LinkButton[];
}

export type SlackBlock = Header | TextSection | FieldSection | Context | Actions;

interface SlackAttachment extends MessageAttachment {
  /** The bar at the left, `#rrggbb`. */
  readonly color: string;
  /** For clients that show no attachments. */
  readonly fallback: string;
  readonly blocks: SlackBlock[];
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
