import { type AlertTest, alertTestPolicy, alertTestText, alertTestTitle } from "../model/alert-test.ts";
import { oneLine } from "../wording/text.ts";
import { utc } from "../wording/time.ts";
import { severityWord } from "../wording/words.ts";
import type { AmazonQNotification } from "./amazon-q.ts";

/** A test of the delivery for Amazon Q Developer in chat applications. */
export function alertTestAmazonQ({ id, severity, createdAt }: AlertTest): AmazonQNotification {
  return {
    version: "1.0",
    source: "custom",
    id: oneLine(id, 120),
    content: {
      textType: "client-markdown",
      title: alertTestTitle,
      description: `${alertTestText}\n\nSent as ${severityWord[severity]} at ${utc(createdAt)}.`,
      nextSteps: ["Nothing: this is a test."],
      keywords: [severity, "test"],
    },
    metadata: {
      threadId: oneLine(id, 120),
      summary: alertTestText,
      eventType: "test",
      relatedResources: [],
      additionalContext: { policy: alertTestPolicy },
    },
  };
}
