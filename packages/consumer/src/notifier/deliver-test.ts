import { type AlertTest, PublishError } from "@streamwarden/alerting";
import { type Clock, errorMessage } from "@streamwarden/base";
import type { StateStore } from "@streamwarden/detection";
import type { Logger } from "../telemetry/logging.ts";
import {
  type AlertTestDocument,
  alertTestDocumentKey,
  alertTestDocuments,
  alertTestRetentionSeconds,
} from "./alert-test-document.ts";
import type { Sender } from "./sender.ts";

/** Somebody waits for the outcome, for half a minute by default. Later a test would only puzzle its readers. */
const usefulMilliseconds = 15 * 60 * 1000;

export interface TestDelivery {
  readonly destination: string;
  readonly send: Sender;
  readonly store: StateStore;
  readonly logger: Logger;
  readonly clock: Pick<Clock, "now">;
}

/**
 * Hands a test to the destination once, by the very sender of alerts, and stores what it answered. A test never waits in
 * a queue and never becomes a dead letter, because a failure is a result of it and nothing is owed. Never throws.
 */
export async function deliverTest(test: AlertTest, delivery: TestDelivery): Promise<void> {
  const { destination, store, logger, clock } = delivery;
  const facts = { destination, test: test.id };
  if (test.destinations?.includes(destination) === false) return;
  if (clock.now() - test.createdAt > usefulMilliseconds) {
    logger.info(facts, "test of the delivery came too late and was dropped");
    return;
  }
  try {
    const key = alertTestDocumentKey(test.id, destination);
    if ((await alertTestDocuments.read(store, key)) !== undefined) return;
    const outcome = await attempt(test, delivery);
    await alertTestDocuments.update(store, key, alertTestRetentionSeconds, () => outcome);
    logger.info({ ...facts, ...outcome }, "test of the delivery");
  } catch (error) {
    logger.error({ ...facts, err: error }, "the outcome of a test of the delivery could not be stored");
  }
}

async function attempt(test: AlertTest, { send, clock }: TestDelivery): Promise<AlertTestDocument> {
  const started = clock.now();
  const milliseconds = (): number => Math.max(0, clock.now() - started);
  try {
    const answer = await send({ type: "test", test });
    return { outcome: "delivered", answer, milliseconds: milliseconds() };
  } catch (error) {
    const [code, reason] =
      error instanceof PublishError
        ? [error.code, error.detail ?? error.message]
        : ["unexpected", errorMessage(error)];
    return { outcome: "failed", code, reason, milliseconds: milliseconds() };
  }
}
