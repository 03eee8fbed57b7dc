import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { redactText } from "@streamwarden/cloudtrail";
import type { Message, QuarantineReason } from "@streamwarden/detection";
import { redactBody } from "./redact-body.ts";

/** SQS holds 1 MiB of body and attributes together; the rest is for our attributes. */
const maximumBodyBytes = 1_000_000;

/**
 * Moves a message that no retry can help to the dead-letter queue, with the reason beside it. The body is
 * redacted like everything else that leaves the pipeline, and cut when it would not fit.
 */
export function createQuarantine(options: {
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** Whether the body was redacted before it came to us, so that it can be kept whole and moved back later. */
  readonly isRedacted?: (rejection: QuarantineReason) => boolean;
}): (message: Message, rejection: QuarantineReason) => Promise<void> {
  return async (message, rejection) => {
    const isRedacted = options.isRedacted?.(rejection) ?? false;
    const { body, isCut } = bounded(isRedacted ? message.body : redactBody(message.body));
    const text = (value: string) => ({ DataType: "String", StringValue: value });
    await options.client.send(
      new SendMessageCommand({
        QueueUrl: options.queueUrl,
        MessageBody: body,
        MessageAttributes: {
          reason: text(rejection.reason),
          detail: text(printable(redactText(rejection.message)).slice(0, 1000) || rejection.reason),
          messageId: text(message.id),
          ...(isCut ? { cutFromBytes: text(String(Buffer.byteLength(message.body))) } : {}),
        },
      }),
    );
  };
}

/** For notifiers, whose messages are findings: the pipeline redacted each before it published it. */
export function createFindingQuarantine(options: { readonly client: SQSClient; readonly queueUrl: string }) {
  return createQuarantine({ ...options, isRedacted: ({ reason }) => reason !== "finding-invalid" });
}

function bounded(body: string): { readonly body: string; readonly isCut: boolean } {
  const safe = printable(body) || "(empty)";
  if (Buffer.byteLength(safe) <= maximumBodyBytes) return { body: safe, isCut: false };
  return { body: Buffer.from(safe).subarray(0, maximumBodyBytes).toString("utf8"), isCut: true };
}

/** SQS rejects characters outside XML's range: most control characters and halves of surrogate pairs. */
function printable(text: string): string {
  return text.toWellFormed().replaceAll(/[^\t\n\r\u0020-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd");
}
