import type { AlertRecord } from "@streamwarden/alerting";
import { shortDigest } from "@streamwarden/base";
import { redactText } from "@streamwarden/cloudtrail";
import {
  advance,
  type Correlation,
  chainDepth,
  closeWindows,
  type Entry,
  type Firing,
  type GroupedEntry,
  referenceOf,
  windowTimes,
} from "@streamwarden/sigma";
import pMap from "p-map";
import { type Call, callOfAlertRecord } from "../calls/call.ts";
import { callsOfRows, noWindowCalls, withCalls } from "../calls/window-calls.ts";
import type { PipelineContext } from "../pipeline/context.ts";
import type { Origin } from "../pipeline/origin.ts";
import type { Timer, WindowTimer } from "../timer/timer.ts";
import { ensureTimer } from "../timer/timer-ledger.ts";
import {
  type CorrelationWindow,
  keptRecords,
  recordKey,
  windowDocuments,
  windowKey,
} from "./window-documents.ts";

/** Something that correlations count, and where it comes from. */
export interface PendingEntry {
  readonly grouped: GroupedEntry;
  readonly origin: Origin;
  /** The calls that it stands for: of a firing below, all behind that. */
  readonly calls: () => readonly Call[];
}

/** A firing, and the record that stands for it in an alert. */
export interface FiringAt {
  readonly firing: Firing;
  readonly origin: Origin;
  /** The calls of its window, as known by now. */
  readonly calls: readonly Call[];
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
  readonly origins: Map<string, readonly Origin[]>;
  readonly calls: { readonly row: string; readonly calls: readonly Call[] }[];
}

const concurrency = 16;
/** A queue that drains after an outage may give hours-old records after new ones. */
const monotoneLatenessSeconds = 2 * 3600;

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
    const advanceOne = async (work: WindowWork): Promise<void> => {
      try {
        found.push(...(await advanceWindow(context, work)));
      } catch (error) {
        for (const origin of new Set([...work.origins.values()].flat())) failures.push({ origin, error });
      }
    };
    await pMap(windowsOf(pending), advanceOne, { concurrency });
    firings.push(...found);
    pending = chained(context, found);
  }
  return { firings, failures };
}

function chained({ detector }: PipelineContext, firings: readonly FiringAt[]): PendingEntry[] {
  return firings.flatMap(({ firing, origin, calls }) =>
    detector.chain([firing]).map((grouped) => ({ grouped, origin, calls: () => calls })),
  );
}

function windowsOf(pending: readonly PendingEntry[]): WindowWork[] {
  const windows = new Map<string, WindowWork>();
  for (const { grouped, origin, calls } of pending) {
    const { correlation, groupKey, entry } = grouped;
    const key = windowKey(correlation, groupKey);
    const group = grouped.group.map(({ field, value }) => ({
      field,
      value: value === null ? null : withoutSecret(value),
    }));
    const work: WindowWork = windows.get(key) ?? {
      key,
      correlation,
      group,
      entries: [],
      origins: new Map(),
      calls: [],
    };
    windows.set(key, work);
    work.calls.push({ row: entry.id, calls: countedBy(correlation, entry.rule, calls()) });
    work.entries.push(withoutSecrets(entry));
    work.origins.set(entry.id, [...(work.origins.get(entry.id) ?? []), origin]);
  }
  return [...windows.values()];
}

/** The calls, and which rule of the correlation counted them. */
function countedBy({ rules }: Correlation, reference: string, calls: readonly Call[]): readonly Call[] {
  const rule = rules.find((one) => referenceOf(one) === reference);
  if (rule === undefined) return calls;
  return calls.map((call) => ({ ...call, values: { ...call.values, rules: [rule.title] } }));
}

/** Windows are stored, so counted texts are redacted like all others. */
function withoutSecrets(entry: Entry): Entry {
  if (entry.values === undefined) return entry;
  const values = entry.values.map((value) => (typeof value === "string" ? withoutSecret(value) : value));
  return { ...entry, values: values as Entry["values"] & {} };
}

/** Distinct secrets stay distinct: what is counted or grouped by them, here or in a correlation above, stays apart. */
function withoutSecret(text: string): string {
  const safe = redactText(text);
  return safe === text ? text : `${safe} ${shortDigest(text, 12)}`;
}

async function advanceWindow(context: PipelineContext, work: WindowWork): Promise<FiringAt[]> {
  const { store, clock, observer } = context;
  const { correlation, key } = work;
  // What fires at once may wait long for late records, because nobody waits for it.
  const allowedLatenessSeconds = correlation.isMonotone
    ? Math.max(context.allowedLatenessSeconds, monotoneLatenessSeconds)
    : context.allowedLatenessSeconds;
  if (!correlation.isMonotone) await rememberRecords(context, work);
  let firings: readonly Firing[] = [];
  let nextDue: number | undefined;
  let counts = { late: 0, dropped: 0 };
  const document = await windowDocuments.update(
    store,
    key,
    windowSeconds(context, correlation),
    (current) => {
      const advanced = advance(work, current?.window, work.entries, {
        allowedLatenessSeconds,
        now: clock.now(),
      });
      ({ firings, nextDue } = advanced);
      counts = { late: advanced.late, dropped: advanced.dropped };
      const calls = withCalls(current?.calls ?? noWindowCalls, work.calls, advanced.document.ids);
      const isSame = advanced.document === current?.window && calls === current.calls;
      return isSame ? current : { window: advanced.document, calls };
    },
  );
  if (counts.late + counts.dropped > 0) observer.notCounted?.(correlation.name ?? correlation.title, counts);
  if (nextDue !== undefined) await scheduleClosing(context, correlation, key, nextDue);
  return firings.flatMap((firing) => {
    const calls = callsBehind(firing, document);
    return originsOf(work, firing).map((origin) => ({ firing, origin, calls }));
  });
}

/** The calls in the window of a firing, as its document knows them. */
function callsBehind(
  { correlation, time, id }: Firing,
  { window, calls }: CorrelationWindow,
): readonly Call[] {
  const { from, to } = windowTimes(correlation, time);
  const rows = new Map([[id, time]]);
  for (const [index, at] of window.times.entries())
    if (at >= from && at <= to) rows.set(window.ids[index] ?? "", at);
  return callsOfRows(
    calls,
    [...rows].map(([row, at]) => ({ id: row, time: at })),
  );
}

/**
 * The records in hand that a firing hangs on: first the one that stands for it in an alert, which is the record at which it
 * fired, or else one of those that complete its window. The others as well, because any of them may be the one that an
 * earlier attempt named as the cause of an alert: its message must wait until the alert is out.
 */
function originsOf({ origins, entries, correlation }: WindowWork, { id, time }: Firing): readonly Origin[] {
  const earliest = time - correlation.timespanSeconds * 1000;
  const inside = entries.filter((entry) => entry.time <= time && entry.time >= earliest);
  const ids = new Set([id, ...inside.map((entry) => entry.id)]);
  const found = [...ids].flatMap((one) => origins.get(one) ?? []);
  const all = found.length > 0 ? found : [...origins.values()].flat().slice(0, 1);
  if (all.length === 0) throw new Error("A window fired without any of its entries.");
  return all;
}

/** A correlation that waits fires when its records are long gone, so what an alert tells of them is kept. */
async function rememberRecords(context: PipelineContext, work: WindowWork): Promise<void> {
  const ttlSeconds = windowSeconds(context, work.correlation);
  const first = [...work.origins].flatMap(([id, origins]) =>
    origins.slice(0, 1).map((origin) => ({ id, origin })),
  );
  const remember = ({ id, origin }: (typeof first)[number]) =>
    keptRecords.update(
      context.store,
      recordKey(work.correlation, id),
      ttlSeconds,
      (current) => current ?? origin.describe([]),
    );
  await pMap(first, remember, { concurrency });
}

function scheduleClosing(
  context: PipelineContext,
  correlation: Correlation,
  key: string,
  nextDue: number,
): Promise<void> {
  return ensureTimer(context, {
    kind: "window",
    correlation: referenceOf(correlation),
    window: key,
    look: "first",
    at: nextDue + context.allowedLatenessSeconds * 1000 + 1,
  });
}

/**
 * A window over a correlation that waits is looked at twice, the second time this much later for each level below it: what
 * is due below at the same moment, or was held up with it, is decided in between, by whatever consumer.
 */
const levelMilliseconds = 120_000;

/** How far up a chain the window of a timer stands: those below are decided first. 0 for other timers. */
export function levelOf({ detector }: PipelineContext, timer: Timer): number {
  const correlation = timer.kind === "window" ? detector.correlation(timer.correlation) : undefined;
  return correlation === undefined ? 0 : chainDepth(correlation);
}

/** How long what a correlation needs is remembered, beyond what messages need. */
function windowSeconds(
  context: PipelineContext,
  { timespanSeconds, inputDelaySeconds }: Correlation,
): number {
  return context.retentionSeconds + timespanSeconds + inputDelaySeconds + 2 * context.allowedLatenessSeconds;
}

/** What a timer finds at a window: its firings, and how to forget them once they are safe. */
export interface Closing {
  readonly firings: readonly FiringAt[];
  /** Removes what was decided and schedules the next look. Call it when the firings are durable. */
  finish(): Promise<void>;
}

const nothingToClose: Closing = { firings: [], finish: async () => undefined };

/** Decides the complete windows of one document. The document changes only in `finish`. */
export async function closeWindow(
  context: PipelineContext,
  message: Origin["message"],
  timer: WindowTimer,
): Promise<Closing> {
  const { store, detector, clock, allowedLatenessSeconds } = context;
  const { window: key, look } = timer;
  const correlation = detector.correlation(timer.correlation);
  if (correlation === undefined) return nothingToClose;
  if (correlation.inputDelaySeconds > 0 && look === "first") {
    const at = clock.now() + (chainDepth(correlation) - 1) * levelMilliseconds;
    return { firings: [], finish: () => ensureTimer(context, { ...timer, look: "second", at }) };
  }
  const ttlSeconds = windowSeconds(context, correlation);
  const completeBefore = clock.now() - allowedLatenessSeconds * 1000;
  const document = await windowDocuments.read(store, key);
  const told = closeWindows(correlation, document?.window, completeBefore).firings;
  const found: FiringAt[] = [];
  for (const firing of told) {
    const calls = document === undefined ? [] : callsBehind(firing, document);
    found.push({ firing, calls, origin: await storedOrigin(context, message, firing) });
  }
  return {
    firings: found,
    async finish() {
      let nextDue: number | undefined;
      await windowDocuments.update(store, key, ttlSeconds, (current) => {
        const closed = closeWindows(correlation, current?.window, completeBefore);
        // An entry came in between, so the window holds what was not told: it must be looked at again.
        const isTold = namesOf(closed.firings) === namesOf(told);
        nextDue = isTold ? closed.nextDue : completeBefore;
        if (!isTold || closed.document === undefined || closed.document === current?.window) return current;
        const calls = withCalls(current?.calls ?? noWindowCalls, [], closed.document.ids);
        return { window: closed.document, calls };
      });
      if (nextDue !== undefined) await scheduleClosing(context, correlation, key, nextDue);
    },
  };
}

function namesOf(firings: readonly Firing[]): string {
  return JSON.stringify(firings.map(({ id, time }) => [id, time]));
}

async function storedOrigin(
  context: PipelineContext,
  message: Origin["message"],
  firing: Firing,
): Promise<Origin> {
  const kept = await keptRecords.update(
    context.store,
    recordKey(firing.correlation, firing.id),
    windowSeconds(context, firing.correlation),
    (current) => current ?? forgottenRecord(firing, context.clock.now()),
  );
  return {
    message,
    eventId: kept.eventId,
    describe: (reasons) => ({ ...kept, reasons }),
    call: () => callOfAlertRecord(kept),
  };
}

/** The firing is certain even where its record is gone, so it is told with what the window knows. */
function forgottenRecord({ id, time, correlation }: Firing, now: number): AlertRecord {
  return {
    eventId: id,
    eventTime: new Date(time).toISOString(),
    eventSource: "cloudtrail.amazonaws.com",
    eventName: `an event that "${correlation.title}" counts`,
    resources: [],
    actor: {
      id: "unknown",
      principal: "unknown",
      kind: "unknown",
      label: "unknown",
      crossAccount: false,
      mfa: "unknown",
      credential: "unknown",
    },
    carrier: "bare",
    reasons: [],
    times: { called: time, received: now, matched: now },
  };
}

/** Firings of timers feed the correlations above them like any others. */
export const entriesOver = chained;
