import { ChangeMessageVisibilityBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { sdkOptions } from "../clients.ts";
import type { Logger } from "../telemetry/logging.ts";

/** 14 days over 1,000 receives: however long an outage lasts, it does not turn messages into dead letters. */
const longestPauseSeconds = 1260;

/** How long a returned message waits: 1, 2, 4 ... seconds by how often it was received. */
export function retryPauseSeconds(receiveCount: number): number {
  return Math.min(longestPauseSeconds, 2 ** Math.min(Math.max(0, receiveCount - 1), 12));
}

/** Of the visibility timeout: soon enough that nobody takes it for the absence of a message whose process died. */
const shareOfVisibility = 6;

/** How long a message waits whose attempt is open in the table although it ended in order. */
export function shortPauseSeconds(receiveCount: number, visibilitySeconds: number): number {
  return Math.min(retryPauseSeconds(receiveCount), Math.floor(visibilitySeconds / shareOfVisibility));
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
  signal?: AbortSignal,
): Promise<void> {
  if (messages.length === 0) return;
  const Entries = messages.map(({ receiptHandle, seconds }, index) => ({
    Id: String(index),
    ReceiptHandle: receiptHandle,
    VisibilityTimeout: seconds,
  }));
  try {
    await queue.sqs.send(
      new ChangeMessageVisibilityBatchCommand({ QueueUrl: queue.queueUrl, Entries }),
      sdkOptions(signal),
    );
  } catch (error) {
    queue.logger.warn({ err: error }, "returned messages keep their visibility timeout");
  }
}
