import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { isObject, redact, redactText } from "@streamwarden/cloudtrail";
import type { Message, QuarantineReason } from "@streamwarden/detection";

/** SQS holds 1 MiB of body and attributes together; the rest is for our attributes. */
const maximumBodyBytes = 1_000_000;

/**
 * Moves a message that no retry can help to the dead-letter queue, with the reason beside it. The body is
 * redacted like everything else that leaves the pipeline, and cut when it would not fit.
 */
export function createQuarantine(options: {
  readonly client: SQSClient;
  readonly queueUrl: string;
}): (message: Message, refusal: QuarantineReason) => Promise<void> {
  return async (message, refusal) => {
    const { body, isCut } = quarantineBody(message.body);
    const text = (value: string) => ({ DataType: "String", StringValue: value });
    await options.client.send(
      new SendMessageCommand({
        QueueUrl: options.queueUrl,
        MessageBody: body,
        MessageAttributes: {
          reason: text(refusal.reason),
          detail: text(printable(refusal.message).slice(0, 1000) || refusal.reason),
          messageId: text(message.id),
          ...(isCut ? { cutFromBytes: text(String(Buffer.byteLength(message.body))) } : {}),
        },
      }),
    );
  };
}

function quarantineBody(body: string): { readonly body: string; readonly isCut: boolean } {
  const safe = printable(redactBody(body)) || "(empty)";
  if (Buffer.byteLength(safe) <= maximumBodyBytes) return { body: safe, isCut: false };
  return { body: Buffer.from(safe).subarray(0, maximumBodyBytes).toString("utf8"), isCut: true };
}

function redactBody(body: string): string {
  try {
    const value: unknown = JSON.parse(body);
    if (isObject(value)) return JSON.stringify(redact(value));
  } catch {
    // Not JSON: redaction by value pattern is what is left.
  }
  return redactText(body);
}

/** SQS refuses characters outside XML's range: most control characters and halves of surrogate pairs. */
const printable = (text: string): string =>
  text.toWellFormed().replaceAll(/[^\t\n\r\u0020-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd");
