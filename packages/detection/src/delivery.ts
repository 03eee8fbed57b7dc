import type { Alert } from "@streamwarden/alerting";
import {
  allotDelivery,
  type DeliveryMinute,
  deliveryKey,
  digestOf,
  minuteEnd,
  minuteOf,
} from "./delivery-rate.ts";
import { forEachLimited } from "./limit.ts";
import type { OutboxEntry } from "./outbox.ts";
import type { PipelineContext } from "./pipeline.ts";

/** Which outbox entries were done, and why the others were not. */
export interface Deliveries {
  readonly done: ReadonlySet<string>;
  readonly failed: ReadonlyMap<string, string>;
}

const concurrentDeliveries = 16;
/** After the end of its minute, so that consumers whose clocks lag have counted theirs. */
const digestDelay = 5000;
const rememberedSeconds = 24 * 3600;

/**
 * Does what outboxes owe: publishes alerts, directly or held back from people, and schedules wake-ups. The entries
 * of one incident are done in their order.
 */
export async function deliver(
  context: PipelineContext,
  groups: readonly (readonly OutboxEntry[])[],
): Promise<Deliveries> {
  const done = new Set<string>();
  const failed = new Map<string, string>();
  const alerts = groups.flat().flatMap(({ due }) => (due.kind === "alert" ? [due.alert] : []));
  let allotted: ReadonlyMap<string, Alert>;
  try {
    allotted = await allot(context, alerts);
  } catch (error) {
    context.observer.stateFailed?.(error);
    for (const entry of groups.flat()) failed.set(entry.id, sentence(error));
    return { done, failed };
  }
  await forEachLimited(groups, concurrentDeliveries, async (entries) => {
    for (const entry of entries) {
      try {
        await perform(context, entry, allotted);
        done.add(entry.id);
      } catch (error) {
        if (entry.due.kind === "alert") context.observer.publishFailed?.(entry.due.alert, error);
        failed.set(entry.id, sentence(error));
      }
    }
  });
  return { done, failed };
}

async function perform(
  { publisher, scheduleWakeUp, observer, clock }: PipelineContext,
  { id, due }: OutboxEntry,
  allotted: ReadonlyMap<string, Alert>,
): Promise<void> {
  if (due.kind === "wake-up") {
    const subject = id.slice(0, id.lastIndexOf("."));
    return await scheduleWakeUp({ kind: "incident-summary", subject, at: due.at });
  }
  const alert = { ...(allotted.get(id) ?? due.alert), publishedAt: clock.now() };
  await publisher.publish(alert);
  observer.published?.(alert, clock.now());
}

/** Asks the shared minute which alerts may reach people directly, and makes sure a digest tells of the others. */
async function allot(
  context: PipelineContext,
  alerts: readonly Alert[],
): Promise<ReadonlyMap<string, Alert>> {
  if (alerts.length === 0) return new Map();
  const { store, clock, directPerMinute, scheduleWakeUp, scheduledDigests } = context;
  const minuteStart = minuteOf(clock.now());
  let deliveries: ReturnType<typeof allotDelivery>["deliveries"] = new Map();
  const minute = await store.update<DeliveryMinute>(
    deliveryKey(minuteStart),
    rememberedSeconds,
    (current) => {
      const allotment = allotDelivery(current, alerts, { minuteStart, directPerMinute });
      deliveries = allotment.deliveries;
      return allotment.document;
    },
  );
  // Each process schedules the digest of a minute once, before it publishes anything that was held back.
  if (minute.held.length > 0 && !scheduledDigests.has(minuteStart)) {
    await scheduleWakeUp({
      kind: "digest",
      subject: String(minuteStart),
      at: minuteEnd(minuteStart) + digestDelay,
    });
    scheduledDigests.clear();
    scheduledDigests.add(minuteStart);
  }
  return new Map(
    alerts.map((alert) => [alert.id, { ...alert, delivery: deliveries.get(alert.id) ?? alert.delivery }]),
  );
}

/** Publishes the digest of a minute unless it is out already. Rejects when it could not. */
export async function deliverDigest(context: PipelineContext, minuteStart: number): Promise<void> {
  const { store, publisher, clock } = context;
  const key = deliveryKey(minuteStart);
  const minute = await store.update<DeliveryMinute | undefined>(key, rememberedSeconds, (current) => current);
  const digest = digestOf(minute, clock.now());
  if (digest === undefined) return;
  await publisher.publishDigest(digest);
  await store.update<DeliveryMinute | undefined>(key, rememberedSeconds, (current) =>
    current === undefined ? current : { ...current, digest: "sent" },
  );
}

export const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));
