import { digestSeverity, gravestFirst, heldCount } from "../email/digest-email.ts";
import type { AlertDigest } from "../model/alert.ts";
import { slackCode, slackText } from "../slack/slack-text.ts";
import { authorText } from "../wording/author-text.ts";
import { oneLine } from "../wording/text.ts";
import { utc } from "../wording/time.ts";
import { severityWord } from "../wording/words.ts";
import type { AmazonQNotification } from "./amazon-q.ts";

const maximumRows = 10;

/** The digest of a storm's minute for Amazon Q Developer in chat applications. */
export function amazonQDigest(digest: AlertDigest): AmazonQNotification {
  const severity = digestSeverity(digest);
  const title = `${severityWord[severity]}: alert storm, ${heldCount(digest)} held back`;
  const policies = gravestFirst(digest)
    .slice(0, maximumRows)
    .map(
      (row) =>
        `• ${severityWord[row.severity]}, ${slackText(authorText(row.title), 150)}: ${row.count.toLocaleString("en-US")}`,
    );
  const actors = digest.actors.slice(0, maximumRows).map((actor) => `• ${slackCode(actor, 120)}`);
  return {
    version: "1.0",
    source: "custom",
    id: oneLine(digest.id, 120),
    content: {
      textType: "client-markdown",
      title,
      description: [
        `In the minute from ${utc(digest.minuteStart)}. None is lost: each is an incident in the state table.`,
        "*Policies*",
        ...policies,
        "*Some of the actors*",
        ...actors,
      ].join("\n"),
      nextSteps: ["Look at the highest severity first: a flood can be meant to hide one quiet call."],
      keywords: [severity, "digest"],
    },
    metadata: {
      threadId: oneLine(digest.id, 120),
      summary: title,
      eventType: "digest",
      relatedResources: [],
      additionalContext: {},
    },
  };
}
