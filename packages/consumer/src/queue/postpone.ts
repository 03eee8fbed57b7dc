import { ChangeMessageVisibilityBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Logger } from "../telemetry/logging.ts";

/** 14 days over 1,000 receives: however long an outage lasts, it does not turn messages into dead letters. */
const longestPauseSeconds = 1260;

/** How long a returned message waits: 1, 2, 4 ... seconds by how often it was received. */
export function retryPauseSeconds(receiveCount: number): number {
  return Math.min(longestPauseSeconds, 2 ** Math.min(Math.max(0, receiveCount - 1), 12));
}

export interface Postponed {
  readonly receiptHandle: string | undefined;
  readonly seconds: number;
}

/**
 * Makes returned messages come again after their pause instead of after the queue's visibility timeout. When that
 * fails they come all the same, at another time.
 */
export async function postpone(
  queue: { readonly sqs: SQSClient; readonly queueUrl: string; readonly logger: Logger },
  messages: readonly Postponed[],
): Promise<void> {
  if (messages.length === 0) return;
  const Entries = messages.map(({ receiptHandle, seconds }, index) => ({
    Id: String(index),
    ReceiptHandle: receiptHandle,
    VisibilityTimeout: seconds,
  }));
  try {
    await queue.sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queue.queueUrl, Entries }));
  } catch (error) {
    queue.logger.warn({ err: error }, "returned messages keep their visibility timeout");
  }
}
