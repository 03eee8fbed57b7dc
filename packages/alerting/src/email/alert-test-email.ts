import { type AlertTest, alertTestText, alertTestTitle } from "../model/alert-test.ts";
import { oneLine, wrap } from "../wording/text.ts";
import { utc } from "../wording/time.ts";
import { severityWord } from "../wording/words.ts";
import type { EmailMessage } from "./email.ts";

/** A test of the delivery for a mailbox. */
export function alertTestEmail({ id, severity, createdAt }: AlertTest): EmailMessage {
  const lines = [
    ...wrap(alertTestText, 78),
    "",
    `Sent as ${severityWord[severity]} at ${utc(createdAt)} by somebody who ran "streamwarden alert test".`,
    "",
    "--",
    `Test ${oneLine(id, 120)}`,
  ];
  return {
    subject: `[${severityWord[severity]}] ${alertTestTitle}: nothing happened`,
    body: `${lines.join("\n")}\n`,
  };
}
