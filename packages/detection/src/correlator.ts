import { createHash } from "node:crypto";
import type { AlertRecord } from "@streamwarden/alerting";
import {
  advance,
  type Correlation,
  closeWindows,
  type Entry,
  type Firing,
  type GroupedEntry,
  referenceOf,
  type WindowDocument,
} from "@streamwarden/sigma";
import type { PipelineContext } from "./context.ts";
import { forEachLimited } from "./limit.ts";
import type { Origin } from "./origin.ts";
import type { WakeUp } from "./wake-up.ts";

/** Something that correlations count, and where it comes from. */
export interface PendingEntry {
  readonly grouped: GroupedEntry;
  readonly origin: Origin;
}

/** A firing, and the record that stands for it in an alert. */
export interface FiringAt {
  readonly firing: Firing;
  readonly origin: Origin;
}

/** What one step over the windows yields. */
export interface Correlated {
  readonly firings: readonly FiringAt[];
  /** Origins whose windows could not be written, with the reason. */
  readonly failures: readonly { readonly origin: Origin; readonly error: unknown }[];
}

interface WindowWork {
  readonly key: string;
  readonly correlation: Correlation;
  readonly group: GroupedEntry["group"];
  readonly entries: Entry[];
  readonly origins: Map<string, Origin>;
}

const concurrentWindows = 16;
const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);

const windowKey = (correlation: Correlation, groupKey: string): string =>
  `window#${digest(JSON.stringify([referenceOf(correlation), groupKey]))}`;
const recordKey = (eventId: string): string => `record#${digest(eventId)}`;

/**
 * Adds entries to their windows, one state update per window, and follows the firings up the chain of correlations.
 * An entry that comes again tells its firings again, so a crash after this step loses nothing.
 */
export async function correlate(
  context: PipelineContext,
  entries: readonly PendingEntry[],
): Promise<Correlated> {
  const firings: FiringAt[] = [];
  const failures: { origin: Origin; error: unknown }[] = [];
  let pending = entries;
  while (pending.length > 0) {
    const found: FiringAt[] = [];
    await forEachLimited(windowsOf(pending), concurrentWindows, async (work) => {
      try {
        found.push(...(await advanceWindow(context, work)));
      } catch (error) {
        for (const origin of new Set(work.origins.values())) failures.push({ origin, error });
      }
    });
    firings.push(...found);
    pending = chained(context, found);
  }
  return { firings, failures };
}

function chained({ detector }: PipelineContext, firings: readonly FiringAt[]): PendingEntry[] {
  return firings.flatMap(({ firing, origin }) =>
    detector.chain([firing]).map((grouped) => ({ grouped, origin })),
  );
}

function windowsOf(pending: readonly PendingEntry[]): WindowWork[] {
  const windows = new Map<string, WindowWork>();
  for (const { grouped, origin } of pending) {
    const { correlation, group, groupKey, entry } = grouped;
    const key = windowKey(correlation, groupKey);
    const work: WindowWork = windows.get(key) ?? { key, correlation, group, entries: [], origins: new Map() };
    windows.set(key, work);
    work.entries.push(entry);
    work.origins.set(entry.id, origin);
  }
  return [...windows.values()];
}

async function advanceWindow(context: PipelineContext, work: WindowWork): Promise<FiringAt[]> {
  const { store, retentionSeconds, allowedLatenessSeconds, clock } = context;
  const { correlation, key } = work;
  if (!correlation.isMonotone) await rememberRecords(context, work);
  let firings: readonly Firing[] = [];
  let nextDue: number | undefined;
  await store.update<WindowDocument>(key, retentionSeconds, (current) => {
    const advanced = advance(work, current, work.entries, { allowedLatenessSeconds, now: clock.now() });
    ({ firings, nextDue } = advanced);
    return advanced.document;
  });
  if (nextDue !== undefined) await scheduleClosing(context, correlation, key, nextDue);
  return firings.map((firing) => ({ firing, origin: originOf(work, firing) }));
}

/** The record at which it fired, where it is in hand; else one of the records that complete its window. */
function originOf({ origins, entries, correlation }: WindowWork, { id, time }: Firing): Origin {
  const exact = origins.get(id);
  if (exact !== undefined) return exact;
  const earliest = time - correlation.timespanSeconds * 1000;
  const inside = entries.find((entry) => entry.time <= time && entry.time >= earliest) ?? entries[0];
  const origin = inside === undefined ? undefined : origins.get(inside.id);
  if (origin === undefined) throw new Error("A window fired without any of its entries.");
  return origin;
}

/** A correlation that waits fires when its records are long gone, so what an alert tells of them is kept. */
async function rememberRecords(
  { store, retentionSeconds }: PipelineContext,
  work: WindowWork,
): Promise<void> {
  await forEachLimited([...work.origins], concurrentWindows, async ([id, origin]) => {
    await store.update<AlertRecord>(
      recordKey(id),
      retentionSeconds,
      (current) => current ?? origin.describe([]),
    );
  });
}

async function scheduleClosing(
  { scheduleWakeUp, scheduledWindows, allowedLatenessSeconds }: PipelineContext,
  correlation: Correlation,
  key: string,
  nextDue: number,
): Promise<void> {
  const at = nextDue + allowedLatenessSeconds * 1000 + 1;
  const scheduled = scheduledWindows.get(key);
  if (scheduled !== undefined && scheduled <= at) return;
  await scheduleWakeUp({ kind: "window", subject: JSON.stringify([referenceOf(correlation), key]), at });
  if (scheduledWindows.size > 10_000) scheduledWindows.clear();
  scheduledWindows.set(key, at);
}

/** What a wake-up finds at a window: its firings, and how to forget them once they are safe. */
export interface Closing {
  readonly firings: readonly FiringAt[];
  /** Removes what was decided and schedules the next look. Call it when the firings are durable. */
  finish(): Promise<void>;
}

/** Decides the complete windows of one document. The document changes only in `finish`. */
export async function closeWindow(
  context: PipelineContext,
  message: Origin["message"],
  wakeUp: WakeUp,
): Promise<Closing> {
  const { store, detector, clock, allowedLatenessSeconds, retentionSeconds, scheduledWindows } = context;
  const [reference, key] = JSON.parse(wakeUp.subject) as [string, string];
  scheduledWindows.delete(key);
  const correlation = detector.correlation(reference);
  if (correlation === undefined) return { firings: [], finish: async () => undefined };
  const completeBefore = clock.now() - allowedLatenessSeconds * 1000;
  const document = await store.update<WindowDocument | undefined>(
    key,
    retentionSeconds,
    (current) => current,
  );
  const { firings } = closeWindows(correlation, document, completeBefore);
  const found: FiringAt[] = [];
  for (const firing of firings) found.push({ firing, origin: await storedOrigin(context, message, firing) });
  return {
    firings: found,
    async finish() {
      let nextDue: number | undefined;
      await store.update<WindowDocument | undefined>(key, retentionSeconds, (current) => {
        const closed = closeWindows(correlation, current, completeBefore);
        ({ nextDue } = closed);
        return closed.document;
      });
      if (nextDue !== undefined) await scheduleClosing(context, correlation, key, nextDue);
    },
  };
}

async function storedOrigin(
  { store, retentionSeconds }: PipelineContext,
  message: Origin["message"],
  { id }: Firing,
): Promise<Origin> {
  const key = recordKey(id);
  const record = await store.update<AlertRecord | undefined>(key, retentionSeconds, (current) => current);
  if (record === undefined) throw new Error(`The record of event ${id} is not in the state store any more.`);
  return { message, eventId: record.eventId, describe: (reasons) => ({ ...record, reasons }) };
}

/** Firings of wake-ups feed the correlations above them like any others. */
export const entriesOver = chained;
