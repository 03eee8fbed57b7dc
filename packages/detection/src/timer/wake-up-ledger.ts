import { shortDigest } from "@streamwarden/base";
import type { PipelineContext } from "../pipeline/context.ts";
import type { WakeUp } from "./wake-up.ts";

/** When the next look at something is scheduled, as all consumers see it. */
interface LedgerEntry {
  readonly at: number;
}

/** How far clocks of consumers may differ: a wake-up nearer than that may have been handled already. */
const clockSkew = 60_000;
const memoBound = 10_000;

const ledgerKey = ({ kind, subject }: Pick<WakeUp, "kind" | "subject">): string =>
  `wake-up#${shortDigest(JSON.stringify([kind, subject]), 32)}`;

/**
 * Makes sure that a look at the subject is scheduled at `at` or earlier. The schedule is shared: a consumer that
 * remembered only its own would miss that another one has handled it since, or start a chain of wake-ups of its own.
 * The wake-up is sent before the ledger is written, so a crash in between costs a repetition and never a look.
 */
export async function ensureWakeUp(context: PipelineContext, wakeUp: WakeUp): Promise<void> {
  const { store, clock, scheduleWakeUp, scheduledWakeUps } = context;
  const key = ledgerKey(wakeUp);
  const now = clock.now();
  const holds = (at: number | undefined): boolean =>
    at !== undefined && at > now + clockSkew && at <= wakeUp.at;
  if (holds(scheduledWakeUps.get(key))) return;
  const ttlSeconds = Math.ceil(Math.max(0, wakeUp.at - now) / 1000) + context.retentionSeconds;
  const entry = await store.update<LedgerEntry | undefined>(key, ttlSeconds, (current) => current);
  if (!holds(entry?.at)) {
    await scheduleWakeUp(wakeUp);
    await store.update<LedgerEntry>(key, ttlSeconds, () => ({ at: wakeUp.at }));
  }
  if (scheduledWakeUps.size > memoBound) scheduledWakeUps.clear();
  scheduledWakeUps.set(key, holds(entry?.at) && entry !== undefined ? entry.at : wakeUp.at);
}

/** Whether a wake-up that came early must be sent on: not if the schedule has gone on without it. */
export async function isScheduled(context: PipelineContext, wakeUp: WakeUp): Promise<boolean> {
  const entry = await context.store.update<LedgerEntry | undefined>(
    ledgerKey(wakeUp),
    context.retentionSeconds,
    (current) => current,
  );
  return entry === undefined || entry.at === wakeUp.at;
}
