import { setTimeout as delay } from "node:timers/promises";
import type { Message as SqsMessage } from "@aws-sdk/client-sqs";
import { systemClock } from "@streamwarden/base";
import { Consumer } from "sqs-consumer";
import { postpone, retryPauseSeconds } from "../queue/postpone.ts";
import { type HttpServer, startHttpServer } from "../telemetry/http-server.ts";
import type { Runtime } from "./runtime.ts";

export interface Service {
  /** The port of health and metrics. */
  readonly httpPort: number;
  /** Stops receiving, finishes what is held, within the visibility timeout. Safe to call twice. */
  stop(): Promise<void>;
}

const longPollSeconds = 20;
const longestPauseMilliseconds = 30_000;
/** A stop takes at most four fifths of the visibility timeout, so that the process is gone when it lapses. */
const stopMillisecondsPerSecond = 800;

/**
 * The long-running consumer: several receivers long-poll the queue side by side and share one pipeline.
 *
 * @throws ConsumerError `consumer-port` when the port is taken.
 */
export async function startService(runtime: Runtime): Promise<Service> {
  const { environment, health, metrics, logger } = runtime;
  const http = await startHttpServer({ port: environment.httpPort, health, metrics });
  const receivers = Array.from({ length: environment.receivers }, () => new Receiver(runtime));
  for (const receiver of receivers) receiver.start();
  health.running();
  logger.info(
    {
      queue: environment.queueUrl,
      receivers: receivers.length,
      health: `http://127.0.0.1:${http.port}/readyz`,
    },
    "consumer started",
  );
  let stopping: Promise<void> | undefined;
  return {
    httpPort: http.port,
    stop() {
      stopping ??= stopAll(runtime, receivers, http);
      return stopping;
    },
  };
}

async function stopAll(runtime: Runtime, receivers: readonly Receiver[], http: HttpServer): Promise<void> {
  const { health, logger, metrics, clients, visibilitySeconds } = runtime;
  health.stopping();
  logger.info("consumer is stopping: it finishes what it holds");
  const deadline = new AbortController();
  await Promise.race([
    Promise.all(receivers.map((receiver) => receiver.stop())),
    delay(visibilitySeconds * stopMillisecondsPerSecond, undefined, {
      signal: deadline.signal,
      ref: false,
    }).catch(() => undefined),
  ]);
  deadline.abort();
  await http.close();
  clients.destroy();
  logger.info({ balance: metrics.total }, "consumer stopped");
}

/** One polling loop. */
class Receiver {
  readonly #runtime: Runtime;
  readonly #consumer: Consumer;
  #isHandling = false;
  #isStopping = false;
  #troubles = 0;

  constructor(runtime: Runtime) {
    const { visibilitySeconds } = runtime;
    this.#runtime = runtime;
    this.#consumer = Consumer.create({
      queueUrl: runtime.environment.queueUrl,
      sqs: runtime.clients.sqs,
      batchSize: 10,
      waitTimeSeconds: longPollSeconds,
      visibilityTimeout: visibilitySeconds,
      heartbeatInterval: Math.max(1, Math.floor(visibilitySeconds / 2)),
      messageSystemAttributeNames: ["ApproximateReceiveCount"],
      pollingCompleteWaitTimeMs: visibilitySeconds * 1000,
      handleMessageBatch: (messages) => this.#handle(messages),
    });
    this.#consumer.on("error", (error) => this.#trouble(error));
    this.#consumer.on("processing_error", (error) => this.#trouble(error));
    this.#consumer.on("empty", () => this.#well());
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

  async #handle(messages: SqsMessage[]): Promise<SqsMessage[]> {
    this.#isHandling = true;
    try {
      const receivedAt = systemClock.now();
      const { outcomes } = await this.#runtime.process(
        messages.map((message) => ({ id: message.MessageId ?? "", body: message.Body ?? "", receivedAt })),
      );
      const returned = new Set(outcomes.filter(({ outcome }) => outcome === "returned").map(({ id }) => id));
      const back = messages.filter((message) => returned.has(message.MessageId ?? ""));
      await postpone(
        {
          sqs: this.#runtime.clients.sqs,
          queueUrl: this.#runtime.environment.queueUrl,
          logger: this.#runtime.logger,
        },
        back.map(({ ReceiptHandle, Attributes }) => ({
          receiptHandle: ReceiptHandle,
          seconds: retryPauseSeconds(Number(Attributes?.ApproximateReceiveCount ?? 1)),
        })),
      );
      if (back.length === messages.length) this.#pause();
      else this.#well();
      return messages.filter((message) => !returned.has(message.MessageId ?? ""));
    } finally {
      this.#isHandling = false;
    }
  }

  #trouble(error: Error): void {
    if (this.#isStopping) return;
    const { health, logger } = this.#runtime;
    health.failed(
      "queue",
      `The queue ${this.#runtime.environment.queueUrl} cannot be used (${error.message.replace(/\.$/, "")}): check that it exists and that the consumer's role may sqs:ReceiveMessage, sqs:DeleteMessage and sqs:ChangeMessageVisibility on it.`,
    );
    logger.error({ err: error }, "queue trouble");
    this.#pause();
  }

  /** Polls less often while nothing works, so that an outage does not burn through receive counts. */
  #pause(): void {
    this.#troubles += 1;
    const pause = Math.min(longestPauseMilliseconds, 250 * 2 ** Math.min(this.#troubles, 10));
    this.#consumer.updateOption("pollingWaitTimeMs", pause);
  }

  #well(): void {
    this.#runtime.health.succeeded("queue");
    if (this.#troubles === 0) return;
    this.#troubles = 0;
    this.#consumer.updateOption("pollingWaitTimeMs", 0);
  }
}
