import type { PublishCommandInput } from "@aws-sdk/client-sns";
import { alertTestEmail } from "../email/alert-test-email.ts";
import { digestEmail } from "../email/digest-email.ts";
import { type EmailMessage, email } from "../email/email.ts";
import type { Alert, AlertDigest } from "../model/alert.ts";
import type { AlertTest } from "../model/alert-test.ts";
import { type Bounds, boundsLadder } from "../model/bounds.ts";
import { alertTestFinding } from "../ocsf/alert-test-finding.ts";
import { digestFinding } from "../ocsf/digest-finding.ts";
import { ocsf } from "../ocsf/ocsf.ts";
import { visibleJson } from "../wording/text.ts";
import { alertTestAttributes } from "./alert-test-attributes.ts";
import { alertAttributes, digestAttributes, type MessageAttributes } from "./attributes.ts";

/**
 * SNS takes 256 KiB for body and attributes together (a topic that allows more cannot have email subscriptions).
 * We stay clearly below, because SNS does not document how it counts every part.
 */
export const maximumMessageBytes = 250_000;

/**
 * The bodies are chosen by protocol (`MessageStructure: json`): people get the text, every machine protocol gets
 * `default`, the finding. Naming http, https, sqs, lambda and firehose too would only repeat it five times within
 * the same 256 KiB. `sms` gets the subject, because a text message cannot hold a finding.
 */
export function alertMessage(alert: Alert, topicArn: string): PublishCommandInput {
  const mail = email(alert);
  const attributes = alertAttributes(alert);
  const [widest, ...narrower] = boundsLadder;
  const withBounds = (bounds: Bounds): PublishCommandInput =>
    message(topicArn, mail, visibleJson(ocsf(alert, bounds)), attributes);
  let input = withBounds(widest);
  for (const bounds of narrower) {
    if (messageBytes(input) <= maximumMessageBytes) break;
    input = withBounds(bounds);
  }
  return input; // the narrowest bounds always fit: see the test with the worst of all alerts
}

export function digestMessage(digest: AlertDigest, topicArn: string): PublishCommandInput {
  return message(topicArn, digestEmail(digest), visibleJson(digestFinding(digest)), digestAttributes(digest));
}

/** @param also see `alertTestAttributes`. */
export function alertTestMessage(
  test: AlertTest,
  topicArn: string,
  also: Parameters<typeof alertTestAttributes>[1] = {},
): PublishCommandInput {
  const finding = visibleJson(alertTestFinding(test));
  return message(topicArn, alertTestEmail(test), finding, alertTestAttributes(test, also));
}

function message(
  topicArn: string,
  mail: EmailMessage,
  finding: string,
  attributes: MessageAttributes,
): PublishCommandInput {
  return {
    TopicArn: topicArn,
    Subject: mail.subject,
    MessageStructure: "json",
    Message: JSON.stringify({ default: finding, email: mail.body, sms: mail.subject }),
    MessageAttributes: attributes,
  };
}

/** UTF-8 bytes of body, subject and attributes. */
export function messageBytes(input: PublishCommandInput): number {
  const attributes = Object.entries(input.MessageAttributes ?? {}).map(
    ([name, { DataType = "", StringValue = "" }]) => name + DataType + StringValue,
  );
  return [input.Message ?? "", input.Subject ?? "", ...attributes].reduce(
    (bytes, text) => bytes + Buffer.byteLength(text),
    0,
  );
}
