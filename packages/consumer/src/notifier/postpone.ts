import { ChangeMessageVisibilityBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Logger } from "../logging.ts";
import type { NotifierOutcome } from "./notifier.ts";

/**
 * Makes returned messages come again after their pause instead of after the queue's visibility timeout. When that
 * fails they come all the same, at another time.
 */
export async function postpone(
  queue: { readonly sqs: SQSClient; readonly queueUrl: string; readonly logger: Logger },
  messages: readonly { readonly id: string; readonly receiptHandle: string | undefined }[],
  outcomes: readonly NotifierOutcome[],
): Promise<void> {
  const handles = new Map(messages.map(({ id, receiptHandle }) => [id, receiptHandle]));
  const entries = outcomes.flatMap((outcome, index) =>
    outcome.outcome === "returned"
      ? {
          Id: String(index),
          ReceiptHandle: handles.get(outcome.id),
          VisibilityTimeout: outcome.retrySeconds,
        }
      : [],
  );
  if (entries.length === 0) return;
  try {
    await queue.sqs.send(
      new ChangeMessageVisibilityBatchCommand({ QueueUrl: queue.queueUrl, Entries: entries }),
    );
  } catch (error) {
    queue.logger.warn({ err: error }, "returned messages keep their visibility timeout");
  }
}
