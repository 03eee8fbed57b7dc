import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "@streamwarden/base";
import { retryPauseSeconds, shortPauseSeconds } from "../queue/postpone.ts";
import { Receiver } from "../queue/receiver.ts";
import { type HttpServer, startHttpServer } from "../telemetry/http-server.ts";
import { deadlinesWithin } from "./deadlines.ts";
import type { Runtime } from "./runtime.ts";

export interface Service {
  /** The port of health and metrics. */
  readonly httpPort: number;
  /** Stops receiving, finishes what is held, within the visibility timeout. Safe to call twice. */
  stop(): Promise<void>;
}

/** A batch may take as long as its queue hides it, and on a queue that hides for a moment only as long as a hang lasts. */
const shortestBatchMilliseconds = 30_000;

/** When a stop is asked for, what hangs is given up in time to be returned before the process ends. */
const giveUpMillisecondsPerSecond = 500;

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
  const { queueUrl, timerQueueUrl } = environment;
  const givenUp = new AbortController();
  const receive = (url: string): Receiver => createReceiver(runtime, url, givenUp.signal);
  const receivers = Array.from({ length: environment.receivers }, () => receive(queueUrl));
  if (timerQueueUrl !== queueUrl) receivers.push(receive(timerQueueUrl));
  for (const receiver of receivers) receiver.start();
  health.running();
  logger.info(
    {
      queue: environment.queueUrl,
      receivers: environment.receivers,
      health: `http://127.0.0.1:${http.port}/readyz`,
    },
    "consumer started",
  );
  let stopping: Promise<void> | undefined;
  return {
    httpPort: http.port,
    stop() {
      stopping ??= stopAll(runtime, receivers, http, givenUp);
      return stopping;
    },
  };
}

async function stopAll(
  runtime: Runtime,
  receivers: readonly Receiver[],
  http: HttpServer,
  givenUp: AbortController,
): Promise<void> {
  const { health, logger, metrics, clients, visibilitySeconds } = runtime;
  health.stopping();
  logger.info("consumer is stopping: it finishes what it holds");
  const giveUp = setTimeout(() => givenUp.abort(), visibilitySeconds * giveUpMillisecondsPerSecond);
  const deadline = new AbortController();
  await Promise.race([
    Promise.all(receivers.map((receiver) => receiver.stop())),
    delay(visibilitySeconds * stopMillisecondsPerSecond, undefined, {
      signal: deadline.signal,
      ref: false,
    }).catch(() => undefined),
  ]);
  deadline.abort();
  clearTimeout(giveUp);
  await http.close();
  clients.destroy();
  logger.info({ balance: metrics.total }, "consumer stopped");
}

function createReceiver(runtime: Runtime, queueUrl: string, givenUp: AbortSignal): Receiver {
  const { clients, logger, health, visibilitySeconds } = runtime;
  return new Receiver({
    sqs: clients.sqs,
    queueUrl,
    logger,
    visibilitySeconds,
    heartbeat: true,
    async handle(messages) {
      const receivedAt = systemClock.now();
      const milliseconds = Math.max(shortestBatchMilliseconds, visibilitySeconds * stopMillisecondsPerSecond);
      const { outcomes, open } = await runtime.process(
        messages.map((message) => ({ ...message, queueUrl, receivedAt })),
        deadlinesWithin(milliseconds, givenUp),
      );
      const returned = new Set(outcomes.filter(({ outcome }) => outcome === "returned").map(({ id }) => id));
      return messages
        .filter(({ id }) => returned.has(id))
        .map(({ id, receiveCount }) => ({
          id,
          seconds: open.has(id)
            ? shortPauseSeconds(receiveCount, visibilitySeconds)
            : retryPauseSeconds(receiveCount),
        }));
    },
    troubled(error) {
      health.failed(
        "queue",
        `The queue ${queueUrl} cannot be used (${error.message.replace(/\.$/, "")}): check that it exists and that the consumer's role may sqs:ReceiveMessage, sqs:DeleteMessage and sqs:ChangeMessageVisibility on it.`,
      );
    },
    recovered: () => health.succeeded("queue"),
  });
}
