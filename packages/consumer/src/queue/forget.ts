import { DeleteMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { sdkOptions } from "../clients.ts";
import type { Logger } from "../telemetry/logging.ts";

/**
 * Deletes messages that are done before their host does. What cannot be deleted comes again at worst, and then changes
 * nothing.
 */
export async function forget(
  { sqs, logger }: { readonly sqs: SQSClient; readonly logger: Logger },
  messages: readonly { readonly queueUrl: string; readonly receiptHandle: string | undefined }[],
  signal?: AbortSignal,
): Promise<void> {
  for (const [QueueUrl, ofQueue] of Map.groupBy(messages, ({ queueUrl }) => queueUrl)) {
    const handles = ofQueue.flatMap(({ receiptHandle }) => receiptHandle ?? []);
    const Entries = handles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
    if (Entries.length === 0) continue;
    try {
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }), sdkOptions(signal));
    } catch (error) {
      logger.warn({ err: error }, "messages that are done were not deleted at once");
    }
  }
}
