import type { Message, SQSClient } from "@aws-sdk/client-sqs";
import { Consumer } from "sqs-consumer";
import { postpone } from "../queue/postpone.ts";
import type { Logger } from "../telemetry/logging.ts";
import { type Notifier, postponedOf } from "./notifier.ts";

export interface NotifierService {
  /** Finishes the batch in hand. */
  stop(): Promise<void>;
}

const longPollSeconds = 20;
/** As long as a notifier's Lambda function may take, and its queue hides a message. */
const longestBatchSeconds = 180;

/** The notifier as a loop of this process, for the laptop and for hosts without Lambda. */
export function startNotifierService(options: {
  readonly notifier: Notifier;
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly logger: Logger;
}): NotifierService {
  const { notifier, sqs, queueUrl, logger } = options;
  let isHandling = false;
  let isStopping = false;
  const handle = async (given: Message[]): Promise<Message[]> => {
    isHandling = true;
    try {
      const messages = given.map((message) => ({
        id: message.MessageId ?? "",
        body: message.Body ?? "",
        receiptHandle: message.ReceiptHandle,
        receiveCount: Number(message.Attributes?.ApproximateReceiveCount ?? 1),
      }));
      const outcomes = await notifier.process(messages);
      await postpone({ sqs, queueUrl, logger }, postponedOf(messages, outcomes));
      const returned = new Set(outcomes.filter(({ outcome }) => outcome === "returned").map(({ id }) => id));
      return given.filter((message) => !returned.has(message.MessageId ?? ""));
    } finally {
      isHandling = false;
    }
  };
  const consumer = Consumer.create({
    queueUrl,
    sqs,
    batchSize: 10,
    waitTimeSeconds: longPollSeconds,
    messageSystemAttributeNames: ["ApproximateReceiveCount"],
    // Without it a stop would not wait for the batch in hand, which would then be posted twice.
    pollingCompleteWaitTimeMs: longestBatchSeconds * 1000,
    handleMessageBatch: handle,
  });
  const trouble = (error: Error): void => {
    if (!isStopping) logger.error({ err: error }, "queue trouble");
  };
  consumer.on("error", trouble);
  consumer.on("processing_error", trouble);
  consumer.start();
  return {
    async stop() {
      isStopping = true;
      const stopped = new Promise<void>((resolve) => consumer.once("stopped", () => resolve()));
      consumer.stop({ abort: !isHandling });
      await stopped;
    },
  };
}
