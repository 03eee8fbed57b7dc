import { randomUUID } from "node:crypto";
import type { Alert } from "@streamwarden/alerting";
import { errorMessage } from "@streamwarden/base";
import pMap from "p-map";
import type { OutboxEntry } from "../incident/outbox.ts";
import type { PipelineContext } from "../pipeline/context.ts";
import { deliveryKey, deliveryMinutes } from "./delivery-minute.ts";
import {
  type Allotment,
  allotDelivery,
  digestOf,
  isClosed,
  leaseDigest,
  minuteEnd,
  minuteOf,
  settleDigest,
} from "./delivery-rate.ts";

/** Which outbox entries were done, and why the others were not. */
export interface Deliveries {
  readonly done: ReadonlySet<string>;
  readonly failed: ReadonlyMap<string, string>;
}

const concurrency = 16;
/** After the end of its minute, so that consumers whose clocks lag have counted theirs. */
const digestDelay = 5000;
const rememberedSeconds = 24 * 3600;

/**
 * Does what outboxes owe: publishes alerts, directly or held back from people, and schedules timers. The entries
 * of one document are done in their order, and an alert that fails keeps the later ones of its incident back. Each
 * document is settled as soon as its own entries are done, so that a slow one does not let the leases of others lapse.
 */
export async function deliver<T extends { readonly entries: readonly OutboxEntry[] }>(
  context: PipelineContext,
  groups: readonly T[],
  settle: (group: T, deliveries: Deliveries) => Promise<void>,
): Promise<Deliveries> {
  const done = new Set<string>();
  const failed = new Map<string, string>();
  const alerts = groups.flatMap(({ entries }) =>
    entries.flatMap(({ due }) => (due.kind === "alert" ? [due.alert] : [])),
  );
  let allotted: ReadonlyMap<string, Alert> | undefined;
  let unallotted = "";
  try {
    allotted = await allot(context, alerts);
  } catch (error) {
    unallotted = errorMessage(error);
  }
  const deliverGroup = async (group: T): Promise<void> => {
    let failure = unallotted;
    for (const entry of group.entries) {
      if (failure === "" || entry.due.kind === "timer") {
        try {
          await perform(context, entry, allotted ?? new Map());
          done.add(entry.id);
          continue;
        } catch (error) {
          if (entry.due.kind === "alert") context.observer.publishFailed?.(entry.due.alert, error);
          failure = errorMessage(error);
        }
      }
      failed.set(entry.id, failure);
    }
    await settle(group, { done, failed });
  };
  await pMap(groups, deliverGroup, { concurrency });
  return { done, failed };
}

async function perform(
  { publisher, scheduleTimer, observer, clock }: PipelineContext,
  { id, due }: OutboxEntry,
  allotted: ReadonlyMap<string, Alert>,
): Promise<void> {
  if (due.kind === "timer") return await scheduleTimer(due.timer);
  const alert = allotted.get(id) ?? due.alert;
  await publisher.publish(alert);
  observer.published?.(alert, clock.now());
}

/** Asks the shared minute which alerts may reach people directly, and makes sure a digest tells of the others. */
async function allot(
  context: PipelineContext,
  alerts: readonly Alert[],
): Promise<ReadonlyMap<string, Alert>> {
  if (alerts.length === 0) return new Map();
  const { store, clock, directPerMinute, scheduleTimer, scheduledDigests } = context;
  const allotIn = async (start: number): Promise<Allotment | undefined> => {
    let allotment: Allotment | undefined;
    await deliveryMinutes.update(store, deliveryKey(start), rememberedSeconds, (current) => {
      allotment = undefined;
      if (current !== undefined && isClosed(current)) return current;
      allotment = allotDelivery(current, alerts, { minuteStart: start, directPerMinute });
      return allotment.document;
    });
    return allotment;
  };
  let minuteStart = minuteOf(clock.now());
  let allotment = await allotIn(minuteStart);
  // A minute that was summed up is closed: a consumer whose clock lags counts in the next one.
  while (allotment === undefined) {
    minuteStart = minuteEnd(minuteStart);
    allotment = await allotIn(minuteStart);
  }
  const { document, deliveries } = allotment;
  // Each process schedules the digest of a minute once, before it publishes anything that was held back.
  if (document.held.length > 0 && !scheduledDigests.has(minuteStart)) {
    await scheduleTimer({
      kind: "digest",
      minuteStart,
      at: minuteEnd(minuteStart) + digestDelay,
    });
    scheduledDigests.clear();
    scheduledDigests.add(minuteStart);
  }
  return new Map(
    alerts.map((alert) => [alert.id, { ...alert, delivery: deliveries.get(alert.id) ?? alert.delivery }]),
  );
}

/**
 * Publishes the digest of a minute unless it is out already. Every process that held something back sends a timer
 * for it at the same moment, so the digest is leased like an alert. Rejects when it could not be published, or
 * another consumer is at it.
 */
export async function deliverDigest(context: PipelineContext, minuteStart: number): Promise<void> {
  const { store, publisher, clock, leaseSeconds } = context;
  const key = deliveryKey(minuteStart);
  const by = randomUUID();
  const minute = await deliveryMinutes.update(store, key, rememberedSeconds, (current) => {
    const now = clock.now();
    return leaseDigest(current, { by, until: now + leaseSeconds * 1000 }, now);
  });
  const digest = digestOf(minute, clock.now());
  if (minute === undefined || digest === undefined) return;
  if (minute.lease?.by !== by) throw new Error("Another consumer is publishing this digest.");
  const settle = (sent: boolean) =>
    deliveryMinutes.update(store, key, rememberedSeconds, (current) => settleDigest(current, by, sent));
  try {
    await publisher.publishDigest(digest);
  } catch (error) {
    await settle(false);
    throw error;
  }
  await settle(true);
}
