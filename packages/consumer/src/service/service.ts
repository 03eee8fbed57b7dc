import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "@streamwarden/base";
import { retryPauseSeconds } from "../queue/postpone.ts";
import { Receiver } from "../queue/receiver.ts";
import { type HttpServer, startHttpServer } from "../telemetry/http-server.ts";
import type { Runtime } from "./runtime.ts";

export interface Service {
  /** The port of health and metrics. */
  readonly httpPort: number;
  /** Stops receiving, finishes what is held, within the visibility timeout. Safe to call twice. */
  stop(): Promise<void>;
}

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
  const receivers = Array.from({ length: environment.receivers }, () => createReceiver(runtime, queueUrl));
  if (timerQueueUrl !== queueUrl) receivers.push(createReceiver(runtime, timerQueueUrl));
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

function createReceiver(runtime: Runtime, queueUrl: string): Receiver {
  const { clients, logger, health, visibilitySeconds } = runtime;
  return new Receiver({
    sqs: clients.sqs,
    queueUrl,
    logger,
    visibilitySeconds,
    heartbeat: true,
    async handle(messages) {
      const receivedAt = systemClock.now();
      const { outcomes } = await runtime.process(messages.map(({ id, body }) => ({ id, body, receivedAt })));
      const returned = new Set(outcomes.filter(({ outcome }) => outcome === "returned").map(({ id }) => id));
      return messages
        .filter(({ id }) => returned.has(id))
        .map(({ id, receiveCount }) => ({ id, seconds: retryPauseSeconds(receiveCount) }));
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
