import type { SQSClient, Message as SqsMessage } from "@aws-sdk/client-sqs";
import { Consumer } from "sqs-consumer";
import type { Logger } from "../telemetry/logging.ts";
import { postpone } from "./postpone.ts";

/** A message as a receiver hands it on. */
interface ReceivedMessage {
  readonly id: string;
  readonly body: string;
  readonly receiptHandle: string | undefined;
  /** How often SQS handed it out, this time included. */
  readonly receiveCount: number;
}

/** A message that must not be deleted, and when it should come again. */
interface ReturnedMessage {
  readonly id: string;
  readonly seconds: number;
}

export interface ReceiverOptions {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly logger: Logger;
  /** How long the queue hides a received message. A stop waits as long for the batch in hand. */
  readonly visibilitySeconds: number;
  /** Whether to prolong the time for which messages are hidden while they are being handled. */
  readonly heartbeat?: boolean;
  /** Takes a batch to its outcomes and names the messages that come again; all others are deleted. */
  readonly handle: (messages: readonly ReceivedMessage[]) => Promise<readonly ReturnedMessage[]>;
  /** The queue could not be used. Not called while stopping. */
  readonly troubled?: (error: Error) => void;
  /** The queue answered, and what it gave could be handled. */
  readonly recovered?: () => void;
}

const longPollSeconds = 20;
const longestPauseMilliseconds = 30_000;
const shortestPauseMilliseconds = 250;

/**
 * One loop that long-polls a queue, for the consumer and for notifiers alike. It deletes a message only after it was
 * handled, polls less often while nothing works, so that an outage does not burn through receive counts, and ends
 * without leaving a batch half done.
 */
export class Receiver {
  readonly #options: ReceiverOptions;
  readonly #consumer: Consumer;
  #isHandling = false;
  #isStopping = false;
  #failures = 0;

  constructor(options: ReceiverOptions) {
    const { queueUrl, sqs, visibilitySeconds, heartbeat = false } = options;
    this.#options = options;
    this.#consumer = Consumer.create({
      queueUrl,
      sqs,
      batchSize: 10,
      waitTimeSeconds: longPollSeconds,
      messageSystemAttributeNames: ["ApproximateReceiveCount"],
      ...(heartbeat
        ? {
            visibilityTimeout: visibilitySeconds,
            heartbeatInterval: Math.max(1, Math.floor(visibilitySeconds / 2)),
          }
        : {}),
      // Without it a stop would not wait for the batch in hand, which would then be handled twice.
      pollingCompleteWaitTimeMs: visibilitySeconds * 1000,
      handleMessageBatch: (messages) => this.#handle(messages),
    });
    this.#consumer.on("error", (error) => this.#failed(error));
    this.#consumer.on("processing_error", (error) => this.#failed(error));
    this.#consumer.on("empty", () => this.#worked());
  }

  start(): void {
    this.#consumer.start();
  }

  /** Lets a batch in hand finish, and cuts a long poll that waits for nothing. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const stopped = new Promise<void>((resolve) => this.#consumer.once("stopped", () => resolve()));
    this.#consumer.stop({ abort: !this.#isHandling });
    await stopped;
  }

  async #handle(given: SqsMessage[]): Promise<SqsMessage[]> {
    this.#isHandling = true;
    try {
      const messages = given.map((message) => ({
        id: message.MessageId ?? "",
        body: message.Body ?? "",
        receiptHandle: message.ReceiptHandle,
        receiveCount: Number(message.Attributes?.ApproximateReceiveCount ?? 1),
      }));
      const returned = await this.#options.handle(messages);
      const seconds = new Map(returned.map((message) => [message.id, message.seconds]));
      await postpone(
        this.#options,
        messages.flatMap(({ id, receiptHandle }) => {
          const pause = seconds.get(id);
          return pause === undefined ? [] : { receiptHandle, seconds: pause };
        }),
      );
      if (seconds.size === messages.length) this.#pause();
      else this.#worked();
      return given.filter((message) => !seconds.has(message.MessageId ?? ""));
    } finally {
      this.#isHandling = false;
    }
  }

  #failed(error: Error): void {
    if (this.#isStopping) return;
    this.#options.troubled?.(error);
    this.#options.logger.error({ err: error }, "queue trouble");
    this.#pause();
  }

  #pause(): void {
    this.#failures += 1;
    const pause = Math.min(
      longestPauseMilliseconds,
      shortestPauseMilliseconds * 2 ** Math.min(this.#failures, 10),
    );
    this.#consumer.updateOption("pollingWaitTimeMs", pause);
  }

  #worked(): void {
    this.#options.recovered?.();
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.#consumer.updateOption("pollingWaitTimeMs", 0);
  }
}
