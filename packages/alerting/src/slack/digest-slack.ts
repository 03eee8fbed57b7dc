import { digestSeverity, gravestFirst, heldBySeverity, heldCount } from "../email/digest-email.ts";
import type { AlertDigest } from "../model/alert.ts";
import { authorText } from "../wording/author-text.ts";
import { counted, utc } from "../wording/time.ts";
import { severityWord } from "../wording/words.ts";
import { markdown, plainText, type SlackMessage } from "./slack-blocks.ts";
import { severityLook } from "./slack-look.ts";
import { slackCode, slackText } from "./slack-text.ts";

const maximumRows = 5;

/** The digest of a storm's minute for Slack. */
export function digestSlack(digest: AlertDigest): SlackMessage {
  const severity = digestSeverity(digest);
  const look = severityLook[severity];
  const headline = `${look.square} ${severityWord[severity]}: alert storm, ${heldCount(digest)} held back`;
  const policies = gravestFirst(digest).map(
    (policy) =>
      `${severityLook[policy.severity].square} ${slackText(authorText(policy.title), 120)}: *${policy.count.toLocaleString("en-US")}*`,
  );
  const bySeverity = heldBySeverity(digest).map(
    (row) => `${severityWord[row.severity]} ${row.count.toLocaleString("en-US")}`,
  );
  const intro = `In the minute from ${utc(digest.minuteStart)}, ${counted(digest.direct, "alert")} went out one by one and ${heldCount(digest)} did not (${bySeverity.join(", ")}). None is lost: each is an incident in the state table and went to every subscription that takes all alerts.`;
  const todo =
    "*What to do now*\nLook at the highest severity first: a flood can be meant to hide one quiet call. Then at the actors: the one behind most alerts is the cause, or the victim.";
  return {
    text: headline,
    blocks: [{ type: "header", text: plainText(headline) }],
    attachments: [
      {
        color: look.color,
        fallback: headline,
        blocks: [
          { type: "section", text: markdown(intro) },
          {
            type: "section",
            fields: [
              markdown(column("Policies", policies)),
              markdown(
                column(
                  "Some of the actors",
                  digest.actors.map((actor) => slackCode(actor, 120)),
                ),
              ),
            ],
          },
          { type: "section", text: markdown(todo) },
          { type: "context", elements: [markdown(`Digest ${slackCode(digest.id, 100)}`)] },
        ],
      },
    ],
    unfurl_links: false,
    unfurl_media: false,
  };
}

function column(title: string, lines: readonly string[]): string {
  const hidden = lines.length - maximumRows;
  const shown = lines.length === 0 ? ["none"] : lines.slice(0, maximumRows);
  return [`*${title}*`, ...shown, ...(hidden > 0 ? [`and ${hidden} more`] : [])].join("\n");
}
