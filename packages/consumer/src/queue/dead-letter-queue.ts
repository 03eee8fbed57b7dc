import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { redactText } from "@streamwarden/cloudtrail";
import type { PipelineOptions, QuarantineReason } from "@streamwarden/detection";
import { sdkOptions } from "../clients.ts";
import { redactBody } from "./redact-body.ts";
import { withheldBody } from "./withheld-body.ts";

/** SQS holds 1 MiB of body and attributes together; the rest is for our attributes. */
const maximumBodyBytes = 1_000_000;

/** The reason of what ended the process again and again: nothing of it may be looked into. */
export const killedTheProcess = "killed-the-process";

/**
 * Moves a message that no retry can help to the dead-letter queue, with the reason beside it. The body is
 * redacted like everything else that leaves the pipeline, and cut when it would not fit.
 */
export function createQuarantine(options: {
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** Whether the body was redacted before it came to us, so that it can be kept whole and moved back later. */
  readonly isRedacted?: (rejection: QuarantineReason) => boolean;
}): PipelineOptions["quarantine"] {
  return async (message, rejection, { signal } = {}) => {
    const isRedacted = options.isRedacted?.(rejection) ?? false;
    const { body, isCut } = bounded(safeBody(message.body, rejection, isRedacted));
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
      sdkOptions(signal),
    );
  };
}

/** For notifiers, whose messages are findings: the pipeline redacted each before it published it. */
export function createFindingQuarantine(options: { readonly client: SQSClient; readonly queueUrl: string }) {
  return createQuarantine({ ...options, isRedacted: ({ reason }) => reason !== "finding-invalid" });
}

function safeBody(body: string, { reason }: QuarantineReason, isRedacted: boolean): string {
  if (reason === killedTheProcess) return withheldBody(body);
  return isRedacted ? body : redactBody(body);
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
