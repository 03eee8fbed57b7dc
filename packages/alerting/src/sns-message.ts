import type { PublishCommandInput } from "@aws-sdk/client-sns";
import type { Alert, AlertDigest } from "./alert.ts";
import { alertAttributes, digestAttributes, type MessageAttributes } from "./attributes.ts";
import { boundsLadder } from "./bounds.ts";
import { digestEmail } from "./digest.ts";
import { digestFinding } from "./digest-finding.ts";
import { type EmailMessage, email } from "./email.ts";
import { ocsf } from "./ocsf.ts";
import { cut, visibleJson } from "./text.ts";

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
  for (const bounds of boundsLadder) {
    const input = message(topicArn, mail, visibleJson(ocsf(alert, bounds)), attributes);
    if (messageBytes(input) <= maximumMessageBytes) return input;
  }
  // The last bounds give some 40 KB at most and the email 100 KB, so this is out of reach; kept so that no input
  // whatever can make an alert unsendable.
  const short = { subject: mail.subject, body: cut(mail.body, 2000) };
  return message(topicArn, short, visibleJson({ message: mail.subject }), attributes);
}

export function digestMessage(digest: AlertDigest, topicArn: string): PublishCommandInput {
  return message(topicArn, digestEmail(digest), visibleJson(digestFinding(digest)), digestAttributes(digest));
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
