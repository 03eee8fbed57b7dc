import { randomUUID } from "node:crypto";
import { alertFromFinding, FindingError, PublishError, type Published } from "@streamwarden/alerting";
import { type Clock, errorMessage, systemClock } from "@streamwarden/base";
import type { Message, QuarantineReason, StateStore } from "@streamwarden/detection";
import type { Postponed } from "../queue/postpone.ts";
import type { Logger } from "../telemetry/logging.ts";
import { deliverTest } from "./deliver-test.ts";
import {
  type DeliveryDocument,
  deliveryDocumentKey,
  deliveryDocuments,
  lease,
  markPosted,
  release,
} from "./delivery-document.ts";
import type { Sender } from "./sender.ts";

/** One message of a destination's queue: the finding as SNS delivers it raw. */
export interface NotifierMessage {
  readonly id: string;
  readonly body: string;
  /** How often SQS handed it out, this time included. */
  readonly receiveCount: number;
}

/** How a message ended. A returned one must not be deleted, and should come again after `retrySeconds`. */
export type NotifierOutcome = { readonly id: string } & (
  | { readonly outcome: "delivered" | "repeated" | "tested" }
  | { readonly outcome: "quarantined"; readonly rejection: QuarantineReason }
  | {
      readonly outcome: "returned";
      readonly reason: string;
      readonly retrySeconds: number;
      /** The destination itself failed or asked to slow down: it would only reject other alerts too. */
      readonly destinationFailed?: true;
    }
);

/** Messages by outcome: received = delivered + repeated + tested + quarantined + returned. */
export type NotifierTotals = Readonly<Record<"received" | NotifierOutcome["outcome"], number>>;

export interface NotifierOptions {
  /** `slack`, `webhook`, `amazon-q`: the beginning of its keys in the state table. */
  readonly kind: string;
  /** The destination's name in `streamwarden.yml`. */
  readonly destination: string;
  readonly send: Sender;
  readonly store: StateStore;
  /** Moves a message that no retry can help to the destination's dead-letter queue; rejects when that failed. */
  readonly quarantine: (message: Message, rejection: QuarantineReason) => Promise<void>;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Longer than one send with all its retries can take. Default 60. */
  readonly leaseSeconds?: number;
}

export interface Notifier {
  readonly destination: string;
  readonly totals: NotifierTotals;
  /**
   * Takes messages to their outcomes, one after the other, because receivers limit the rate. Never throws.
   *
   * @param startBefore milliseconds since the epoch: no message is begun after it.
   */
  process(messages: readonly NotifierMessage[], startBefore?: number): Promise<readonly NotifierOutcome[]>;
}

/** The line of one batch; of none, all its counts at zero. */
export function totalsOf(outcomes: readonly NotifierOutcome[]): NotifierTotals {
  const totals = { received: 0, delivered: 0, repeated: 0, tested: 0, quarantined: 0, returned: 0 };
  addOutcomes(totals, outcomes);
  return totals;
}

function addOutcomes(
  totals: { -readonly [K in keyof NotifierTotals]: number },
  outcomes: readonly NotifierOutcome[],
): void {
  totals.received += outcomes.length;
  for (const { outcome } of outcomes) totals[outcome] += 1;
}

/** The messages that come again, each after its pause. */
export function postponedOf(
  messages: readonly { readonly id: string; readonly receiptHandle: string | undefined }[],
  outcomes: readonly NotifierOutcome[],
): readonly Postponed[] {
  const handles = new Map(messages.map(({ id, receiptHandle }) => [id, receiptHandle]));
  return outcomes.flatMap((outcome) =>
    outcome.outcome === "returned"
      ? { receiptHandle: handles.get(outcome.id), seconds: outcome.retrySeconds }
      : [],
  );
}

/** The queue's retention and a day: as long as a repeated message can come. */
const rememberedSeconds = 15 * 24 * 3600;
const longestPauseSeconds = 900;
/** A receiver may ask for more patience than our own longest pause, but not for days. */
const longestAskedSeconds = 3600;

export function createNotifier(options: NotifierOptions): Notifier {
  const totals = { ...totalsOf([]) };
  const context: Context = { clock: systemClock, leaseSeconds: 60, ...options };
  return {
    destination: options.destination,
    totals,
    async process(messages, startBefore = Number.POSITIVE_INFINITY) {
      const outcomes = await processAll(context, messages, startBefore);
      addOutcomes(totals, outcomes);
      return outcomes;
    },
  };
}

type Context = Required<NotifierOptions>;

async function processAll(
  context: Context,
  messages: readonly NotifierMessage[],
  startBefore: number,
): Promise<readonly NotifierOutcome[]> {
  const outcomes: NotifierOutcome[] = [];
  let stopped: { readonly reason: string; readonly retrySeconds: number } | undefined;
  for (const { message, published } of oldestFirst(messages)) {
    const { id } = message;
    if (stopped === undefined && context.clock.now() > startBefore)
      stopped = { reason: "There was no time left to begin.", retrySeconds: 0 };
    if (stopped !== undefined) {
      outcomes.push({ id, outcome: "returned", ...stopped });
      continue;
    }
    const outcome = await take(context, message, published);
    outcomes.push(outcome);
    if (outcome.outcome === "returned" && outcome.destinationFailed === true)
      stopped = { reason: outcome.reason, retrySeconds: outcome.retrySeconds };
  }
  return outcomes;
}

async function take(
  context: Context,
  message: NotifierMessage,
  published: Published | FindingError,
): Promise<NotifierOutcome> {
  if (published instanceof FindingError) return await unreadable(context, message, published);
  if (published.type !== "test") return await deliverOnce(context, message, published);
  await deliverTest(published.test, context);
  return { id: message.id, outcome: "tested" };
}

/** Reads every message; an incident's first alert comes before its updates when a batch holds both. */
function oldestFirst(
  messages: readonly NotifierMessage[],
): readonly { readonly message: NotifierMessage; readonly published: Published | FindingError }[] {
  return messages
    .map((message) => ({ message, published: read(message.body) }))
    .toSorted((a, b) => createdAt(a.published) - createdAt(b.published));
}

function read(body: string): Published | FindingError {
  try {
    return alertFromFinding(body);
  } catch (error) {
    if (error instanceof FindingError) return error;
    throw error;
  }
}

function createdAt(published: Published | FindingError): number {
  if (published instanceof FindingError) return 0;
  switch (published.type) {
    case "alert":
      return published.alert.createdAt;
    case "digest":
      return published.digest.createdAt;
    case "test":
      return published.test.createdAt;
  }
}

async function deliverOnce(
  context: Context,
  message: NotifierMessage,
  published: Exclude<Published, { type: "test" }>,
): Promise<NotifierOutcome> {
  const { kind, destination, store, send, clock, leaseSeconds, logger } = context;
  const { id } = message;
  const alertId = published.type === "alert" ? published.alert.id : published.digest.id;
  const key = deliveryDocumentKey(kind, destination, alertId);
  const facts = { destination, alert: alertId };
  const attempt = randomUUID();
  let document: DeliveryDocument;
  try {
    const change = lease(attempt, clock.now(), leaseSeconds * 1000);
    document = await deliveryDocuments.update(store, key, rememberedSeconds, change);
  } catch (error) {
    logger.error({ ...facts, err: error }, "no lease on the alert, it goes back to the queue");
    return { id, outcome: "returned", reason: errorMessage(error), retrySeconds: pauseSeconds(message) };
  }
  if (document.state === "posted") {
    logger.info(facts, "alert was delivered before");
    return { id, outcome: "repeated" };
  }
  if (document.attempt !== attempt) {
    const retrySeconds = Math.max(1, Math.ceil((document.leasedUntil - clock.now()) / 1000));
    return { id, outcome: "returned", reason: "Another attempt is delivering this alert.", retrySeconds };
  }
  try {
    await send(published);
  } catch (error) {
    await quietly(context, facts, () =>
      deliveryDocuments.update(store, key, rememberedSeconds, release(attempt)),
    );
    if (error instanceof PublishError && !error.retryable)
      return await quarantine(context, message, { reason: error.code, message: error.message });
    const asked = error instanceof PublishError ? (error.retryAfterSeconds ?? 0) : 0;
    const retrySeconds = Math.max(Math.min(asked, longestAskedSeconds), pauseSeconds(message));
    logger.warn({ ...facts, retrySeconds, err: error }, "alert not delivered, goes back to the queue");
    return { id, outcome: "returned", reason: errorMessage(error), retrySeconds, destinationFailed: true };
  }
  // The alert is out: when it cannot be marked, bringing the message back could only post it again.
  await quietly(context, facts, () =>
    deliveryDocuments.update(store, key, rememberedSeconds, markPosted(attempt)),
  );
  logger.info({ ...facts, attempts: document.attempts }, "alert delivered");
  return { id, outcome: "delivered" };
}

/** What a later release wrote waits until this notifier is deployed again; nothing else can ever be read. */
async function unreadable(
  context: Context,
  message: NotifierMessage,
  { code, message: reason }: FindingError,
): Promise<NotifierOutcome> {
  if (code !== "finding-format-newer")
    return await quarantine(context, message, { reason: code, message: reason });
  const { logger, destination } = context;
  const { id } = message;
  logger.error({ destination, messageId: id, reason: code }, reason);
  return { id, outcome: "returned", reason, retrySeconds: longestPauseSeconds };
}

async function quarantine(
  context: Context,
  message: NotifierMessage,
  rejection: QuarantineReason,
): Promise<NotifierOutcome> {
  const { logger, destination, clock } = context;
  const { id, body } = message;
  const facts = { destination, messageId: id, reason: rejection.reason };
  try {
    await context.quarantine({ id, body, receivedAt: clock.now() }, rejection);
  } catch (error) {
    logger.error({ ...facts, err: error }, "message not quarantined, goes back to the queue");
    return { id, outcome: "returned", reason: errorMessage(error), retrySeconds: pauseSeconds(message) };
  }
  logger.error(facts, rejection.message);
  return { id, outcome: "quarantined", rejection };
}

async function quietly(context: Context, facts: object, change: () => Promise<unknown>): Promise<void> {
  try {
    await change();
  } catch (error) {
    context.logger.warn({ ...facts, err: error }, "the delivery could not be noted in the state table");
  }
}

/** 1, 2, 4 ... 900 seconds by how often the message was received. */
function pauseSeconds({ receiveCount }: NotifierMessage): number {
  return Math.min(longestPauseSeconds, 2 ** Math.min(Math.max(0, receiveCount - 1), 10));
}
