import { type SlackBlock, type SlackMessage, slackLimits } from "../slack/slack-blocks.ts";
import { isVisible } from "../wording/text.ts";

/** Bold is ours when it begins like this; what else is between stars would be the attacker's. */
const ownBold =
  /\*(?:What was done|Who did it|From where|When|What to do now|Why this alert|Policies|Some of the actors|NO \(|NOT the|(?:INFO|LOW|MEDIUM|HIGH|CRITICAL): |severity rose|closed after|about |[\d,]+)[^*\n]*\*/g;
/** Links that show where they lead, and our own buttons. */
const ownLink = /<https:\/\/[^<>|\s]+(?:\|(?:Open in CloudTrail|Background))?>/g;
const codeSpan = /`[^`\n]+`/g;

/** What in a mrkdwn text Slack would act on, apart from our own markup; undefined when there is nothing. */
export function activeMarkup(text: string): string | undefined {
  const rest = text.replace(codeSpan, "").replace(ownLink, "").replace(ownBold, "");
  const outside =
    /[<>`*~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:[a-z][\w+'-]*:|@(?:channel|here|everyone)|:\/\//i.exec(rest);
  if (outside !== null) return outside[0];
  // Inside code spans Slack still reads <...>.
  const inside = /[<>]/.exec(text.replace(ownLink, ""));
  return inside?.[0];
}

/** Every way in which Slack would reject the message or act on text that is not ours. */
export function slackProblems(message: SlackMessage): readonly string[] {
  const blocks = [...message.blocks, ...message.attachments.flatMap((attachment) => attachment.blocks)];
  const problems = [...blocks.flatMap(blockProblems), ...textProblems(message.text, 1000, true)];
  if (blocks.length > slackLimits.blocks) problems.push(`${blocks.length} blocks`);
  if (JSON.stringify(blocks).length > slackLimits.totalCharacters)
    problems.push("too many characters in all");
  for (const { blocks: inside, fallback } of message.attachments) {
    if (inside.length > 5) problems.push("an attachment that Slack would fold");
    problems.push(...textProblems(fallback, 1000, true));
  }
  return problems;
}

function blockProblems(block: SlackBlock): readonly string[] {
  switch (block.type) {
    case "header":
      return textProblems(block.text.text, slackLimits.headerText, false);
    case "section":
      return "fields" in block
        ? [
            ...(block.fields.length > slackLimits.fields ? ["too many fields"] : []),
            ...block.fields.flatMap(({ text }) => textProblems(text, slackLimits.fieldText, true)),
          ]
        : textProblems(block.text.text, slackLimits.sectionText, true);
    case "context":
      return [
        ...(block.elements.length > slackLimits.contextElements ? ["too many context elements"] : []),
        ...block.elements.flatMap(({ text }) => textProblems(text, slackLimits.contextText, true)),
      ];
    case "actions":
      return [
        ...(block.elements.length > slackLimits.actionElements ? ["too many buttons"] : []),
        ...block.elements.flatMap(({ text, url, action_id }) => [
          ...textProblems(text.text, slackLimits.buttonText, false),
          ...(url.length > slackLimits.buttonUrl || !URL.parse(url)?.href.startsWith("https://")
            ? [`url ${url}`]
            : []),
          ...(action_id.length > slackLimits.actionId ? ["action id"] : []),
        ]),
      ];
  }
}

function textProblems(text: string, maximumLength: number, parsed: boolean): readonly string[] {
  const problems: string[] = [];
  if (text === "") problems.push("empty text");
  if (text.length > maximumLength) problems.push(`${text.length} of ${maximumLength} characters`);
  if (!isVisible(text)) problems.push(`hidden characters in ${JSON.stringify(text)}`);
  const active = parsed ? activeMarkup(text) : /[<>]/.exec(text)?.[0];
  if (active !== undefined) problems.push(`active ${active} in ${JSON.stringify(text)}`);
  return problems;
}
