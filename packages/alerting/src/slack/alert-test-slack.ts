import { type AlertTest, alertTestText, alertTestTitle } from "../model/alert-test.ts";
import { utc } from "../wording/time.ts";
import { severityWord } from "../wording/words.ts";
import { markdown, plainText, type SlackMessage } from "./slack-blocks.ts";
import { severityLook } from "./slack-look.ts";
import { slackCode } from "./slack-text.ts";

/** A test of the delivery for a Slack channel. */
export function alertTestSlack({ id, severity, createdAt }: AlertTest): SlackMessage {
  const { color } = severityLook[severity];
  const trace = `Sent as ${severityWord[severity]} at ${utc(createdAt)} · Test ${slackCode(id, 120)}`;
  return {
    text: `${alertTestTitle}. ${alertTestText}`,
    blocks: [{ type: "header", text: plainText(alertTestTitle) }],
    attachments: [
      {
        color,
        fallback: alertTestText,
        blocks: [
          { type: "section", text: markdown(alertTestText) },
          { type: "context", elements: [markdown(trace)] },
        ],
      },
    ],
    unfurl_links: false,
    unfurl_media: false,
  };
}
