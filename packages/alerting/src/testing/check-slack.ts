import { type SlackBlock, type SlackMessage, slackLimits } from "../slack/slack-blocks.ts";
import { isVisible } from "../wording/text.ts";

/** Bold is ours when it begins like this; what else is between stars would be the attacker's. */
const ownBold =
  /\*(?:What was done|Who did it|From where|When|What to do now|Why this alert|Policies|Some of the actors|NO \(|NOT the|(?:INFO|LOW|MEDIUM|HIGH|CRITICAL): |New in this incident|[\d,]+)[^*\n]*\*/g;
/** Links that a policy file may write: an address alone, or with what its author calls it. */
const authorLink = /<(?:https?:\/\/|mailto:)[^<>|\s]+(?:\|[^<>|\n]+)?>/g;
/** Our own links: to the event and to references. */
const ownLink = /<https:\/\/[^<>|\s]+(?:\|(?:Open in CloudTrail|Background))?>/g;
const codeSpan = /`[^`\n]+`/g;

/** Whether a text may hold links of a policy's author besides our own. A record may bring none, ever. */
export type LinksMayBe = "own" | "author";

/** What in a mrkdwn text Slack would act on, apart from our own markup; undefined when there is nothing. */
export function activeMarkup(text: string, linksMayBe: LinksMayBe = "own"): string | undefined {
  const link = linksMayBe === "own" ? ownLink : authorLink;
  const rest = text.replace(codeSpan, "").replace(link, "").replace(ownBold, "");
  const outside =
    /[<>`*~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:[a-z][\w+'-]*:|@(?:channel|here|everyone)|:\/\//i.exec(rest);
  if (outside !== null) return outside[0];
  // Inside code spans Slack still reads <...>.
  const inside = /[<>]/.exec(text.replace(link, ""));
  return inside?.[0];
}

/** Every way in which Slack would reject the message or act on text that is not ours. */
export function slackProblems(message: SlackMessage, linksMayBe: LinksMayBe = "author"): readonly string[] {
  const blocks = [...message.blocks, ...message.attachments.flatMap((attachment) => attachment.blocks)];
  const problems = [
    ...blocks.flatMap((block) => blockProblems(block, linksMayBe)),
    ...textProblems(message.text, 1000, "own"),
  ];
  if (blocks.length > slackLimits.blocks) problems.push(`${blocks.length} blocks`);
  if (JSON.stringify(blocks).length > slackLimits.totalCharacters)
    problems.push("too many characters in all");
  for (const { blocks: inside, fallback } of message.attachments) {
    if (inside.length > 5) problems.push("an attachment that Slack would fold");
    problems.push(...textProblems(fallback, 1000, "own"));
  }
  return problems;
}

function blockProblems(block: SlackBlock, linksMayBe: LinksMayBe): readonly string[] {
  switch (block.type) {
    case "header":
      return textProblems(block.text.text, slackLimits.headerText, undefined);
    case "section":
      return "fields" in block
        ? [
            ...(block.fields.length > slackLimits.fields ? ["too many fields"] : []),
            ...block.fields.flatMap(({ text }) => textProblems(text, slackLimits.fieldText, linksMayBe)),
          ]
        : textProblems(block.text.text, slackLimits.sectionText, linksMayBe);
    case "context":
      return [
        ...(block.elements.length > slackLimits.contextElements ? ["too many context elements"] : []),
        ...block.elements.flatMap(({ text }) => textProblems(text, slackLimits.contextText, linksMayBe)),
      ];
    case "actions":
      return [
        ...(block.elements.length > slackLimits.actionElements ? ["too many buttons"] : []),
        ...block.elements.flatMap(({ text, url, action_id }) => [
          ...textProblems(text.text, slackLimits.buttonText, undefined),
          ...(url.length > slackLimits.buttonUrl || !URL.parse(url)?.href.startsWith("https://")
            ? [`url ${url}`]
            : []),
          ...(action_id.length > slackLimits.actionId ? ["action id"] : []),
        ]),
      ];
  }
}

function textProblems(text: string, maximumLength: number, links: LinksMayBe | undefined): readonly string[] {
  const problems: string[] = [];
  if (text === "") problems.push("empty text");
  if (text.length > maximumLength) problems.push(`${text.length} of ${maximumLength} characters`);
  if (!isVisible(text)) problems.push(`hidden characters in ${JSON.stringify(text)}`);
  const active = links !== undefined ? activeMarkup(text, links) : /[<>]/.exec(text)?.[0];
  if (active !== undefined) problems.push(`active ${active} in ${JSON.stringify(text)}`);
  return problems;
}
