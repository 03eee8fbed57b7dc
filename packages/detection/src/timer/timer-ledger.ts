import { shortDigest } from "@streamwarden/base";
import * as z from "zod";
import type { PipelineContext } from "../pipeline/context.ts";
import { DocumentKind, formatReader } from "../state/document-kind.ts";
import { subjectOf, type Timer } from "./timer.ts";

/** When the next look at something is scheduled, as all consumers see it. */
interface LedgerEntry {
  readonly at: number;
}

const entrySchema = z.object({ at: z.number() }) satisfies z.ZodType<LedgerEntry>;
const readEntry = formatReader(entrySchema, ({ at }): LedgerEntry => ({ at }));

export const ledgerEntries: DocumentKind<LedgerEntry> = new DocumentKind({
  name: "timer ledger",
  format: 2,
  readableSince: 1,
  readers: { 1: readEntry, 2: readEntry },
  encode: (entry) => entry,
});

/** How far clocks of consumers may differ: a timer nearer than that may have been handled already. */
const clockSkew = 60_000;
const memoBound = 10_000;

/** `wake-up` and the subject are words of the first release, which keeps the same schedule. */
function ledgerKey(timer: Timer): string {
  return `wake-up#${shortDigest(JSON.stringify([timer.kind, subjectOf(timer)]), 32)}`;
}

/**
 * Makes sure that a look at the subject is scheduled at `at` or earlier. The schedule is shared: a consumer that
 * remembered only its own would miss that another one has handled it since, or start a chain of timers of its own.
 * The timer is sent before the ledger is written, so a crash in between costs a repetition and never a look.
 */
export async function ensureTimer(context: PipelineContext, timer: Timer): Promise<void> {
  const { store, clock, scheduleTimer, scheduledTimers } = context;
  const key = ledgerKey(timer);
  const now = clock.now();
  const holds = (at: number | undefined): boolean =>
    at !== undefined && at > now + clockSkew && at <= timer.at;
  if (holds(scheduledTimers.get(key))) return;
  const ttlSeconds = Math.ceil(Math.max(0, timer.at - now) / 1000) + context.retentionSeconds;
  const entry = await ledgerEntries.read(store, key);
  if (!holds(entry?.at)) {
    await scheduleTimer(timer);
    await ledgerEntries.update(store, key, ttlSeconds, () => ({ at: timer.at }));
  }
  if (scheduledTimers.size > memoBound) scheduledTimers.clear();
  scheduledTimers.set(key, holds(entry?.at) && entry !== undefined ? entry.at : timer.at);
}

/** Whether a timer that came early must be sent on: not if the schedule has gone on without it. */
export async function isScheduled({ store }: PipelineContext, timer: Timer): Promise<boolean> {
  const entry = await ledgerEntries.read(store, ledgerKey(timer));
  return entry === undefined || entry.at === timer.at;
}
