import type {
  Alert,
  AlertIncident,
  AlertKind,
  AlertPolicy,
  AlertRecord,
  CallNews,
  RelatedIncident,
  Severity,
} from "@streamwarden/alerting";
import { shortDigest } from "@streamwarden/base";
import { levels } from "@streamwarden/sigma";
import { type Call, sameCall } from "../calls/call.ts";
import { addCalls, describeCalls, newsOf, noCalls } from "../calls/calls.ts";
import { addDistinct, distinctCount } from "./distinct-count.ts";
import type { IncidentDocument } from "./incident-document.ts";
import { bringsNews, type IncidentEvent } from "./incident-event.ts";
import { type Lease, type Leased, leaseEntries, type OutboxEntry, settleEntries } from "./outbox.ts";

/** What an incident is about: fixed by the policy and the record, so every consumer finds the same document. */
export interface IncidentScope {
  /** 24 hexadecimal digits: a hash of policy, group values and window. */
  readonly id: string;
  readonly policy: AlertPolicy;
  readonly severity: Severity;
  /** A dry-run incident is kept and counted, and alerts nobody. */
  readonly live: boolean;
  readonly group: AlertIncident["group"];
  /** Milliseconds since the epoch, both. */
  readonly windowStart: number;
  readonly windowEnd: number;
}

/** How many of the earliest records an incident keeps whole. */
const samplesKept = 5;

export interface Work {
  readonly scope: IncidentScope;
  readonly events: readonly IncidentEvent[];
  readonly lease: Lease;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** How long after its window (or, for a window long past, after its first record) an incident is summed up. */
  readonly allowedLatenessSeconds: number;
  /** Other incidents of the actor who made a call, as the first alert lists them. */
  readonly related?: (record: AlertRecord) => readonly RelatedIncident[];
}

export interface Progress extends Leased {
  readonly document: IncidentDocument;
  /** Those ids of events and calls that the incident had before. */
  readonly known: ReadonlySet<string>;
}

export function incidentId(policyId: string, group: AlertIncident["group"], windowStart: number): string {
  const parts = JSON.stringify([policyId, group.map(({ field, value }) => [field, value]), windowStart]);
  return shortDigest(parts, 24);
}

/**
 * Merges matches or firings into an incident and leases the alerts that are due. Pure, and what it makes of the calls is
 * a function of their set: adding some again changes nothing.
 */
export function mergeIncident(current: IncidentDocument | undefined, work: Work): Progress {
  const before = current ?? emptyIncident(work.scope);
  const calls = distinctCalls(work.events);
  const { ids, known } = addDistinct(before.ids, [
    ...work.events.map(({ id }) => id),
    ...calls.map(({ call }) => call.id),
  ]);
  const merged: IncidentDocument = {
    ...before,
    ids,
    severity: higher(before.severity, work.scope.severity),
    firstTime: Math.min(before.firstTime, ...calls.map(({ call }) => call.time)),
    lastTime: Math.max(before.lastTime, ...calls.map(({ call }) => call.time)),
    ...wholeCalls(before, calls),
    calls: addCalls(
      before.calls,
      calls.map(({ call }) => call),
    ),
    ...firings(before, work.events),
  };
  const raised = dueEntries(before, merged, work, { calls, known });
  const causes = new Set(work.events.map(({ cause }) => cause));
  const leased = leaseEntries([...merged.outbox, ...raised.entries], { ...work, causes });
  const document = { ...merged, raised: raised.names, outbox: leased.outbox };
  const changed = current === undefined || !sameIncident(current, document) || leased.owed.length > 0;
  return { ...leased, document: changed ? document : current, known };
}

/**
 * Sums an incident up when its window is over, if people have not been told everything yet. Pure; returns no
 * document when there is nothing to tell.
 */
export function summariseIncident(
  current: IncidentDocument | undefined,
  work: { readonly policy: AlertPolicy; readonly lease: Lease; readonly now: number },
): Leased & { readonly document: IncidentDocument | undefined } {
  const [record] = current?.samples ?? [];
  if (current === undefined || record === undefined)
    return { document: current, outbox: [], owed: [], elsewhere: [] };
  const { ids, fired, raised: names } = current;
  const hasMore = fired === undefined ? ids.length > 1 : fired.firings.length > 1;
  const isDue = hasMore && !names.includes(summaryName) && names.length > 0;
  const entry = alertEntry(current, {
    policy: work.policy,
    name: summaryName,
    record,
    cause: record.eventId,
    now: work.now,
  });
  const leased = leaseEntries(isDue ? [...current.outbox, entry] : current.outbox, {
    ...work,
    causes: new Set([record.eventId]),
  });
  if (leased.owed.length === 0) return { ...leased, document: current };
  const raised = isDue ? [...current.raised, summaryName] : current.raised;
  return { ...leased, document: { ...current, raised, outbox: leased.outbox } };
}

/** Removes what was done from the outbox and frees what was not. Pure; the same document when nothing changes. */
export function settleIncident(
  current: IncidentDocument | undefined,
  holder: string,
  done: ReadonlySet<string>,
): IncidentDocument | undefined {
  if (current === undefined) return current;
  const outbox = settleEntries(current.outbox, holder, done);
  return outbox === current.outbox ? current : { ...current, outbox };
}

function emptyIncident(scope: IncidentScope): IncidentDocument {
  return {
    id: scope.id,
    policyId: scope.policy.id,
    policyName: scope.policy.name,
    severity: scope.severity,
    group: scope.group,
    windowStart: scope.windowStart,
    windowEnd: scope.windowEnd,
    ids: [],
    firstTime: Number.MAX_SAFE_INTEGER,
    lastTime: Number.MIN_SAFE_INTEGER,
    samples: [],
    calls: noCalls,
    raised: [],
    outbox: [],
  };
}

/** A call of the batch, and the event it belongs to. */
interface CallInHand {
  readonly call: Call;
  readonly event: IncidentEvent;
}

/** Each call once, oldest first. */
function distinctCalls(events: readonly IncidentEvent[]): readonly CallInHand[] {
  const calls = new Map<string, CallInHand>();
  for (const event of events)
    for (const call of event.calls) {
      const known = calls.get(call.id);
      const merged = known === undefined ? call : sameCall(known.call, call);
      if (merged !== known?.call) calls.set(call.id, { event, ...known, call: merged });
    }
  return [...calls.values()].sort((a, b) => compareCalls(a.call, b.call));
}

function compareCalls(a: Pick<Call, "time" | "id">, b: Pick<Call, "time" | "id">): number {
  return a.time - b.time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

function higher(a: Severity, b: Severity): Severity {
  return levels.indexOf(a) >= levels.indexOf(b) ? a : b;
}

/** The earliest and the latest calls that are known whole. A call that is there already stays as it is. */
function wholeCalls(
  { samples, latest }: IncidentDocument,
  calls: readonly CallInHand[],
): Pick<IncidentDocument, "samples" | "latest"> {
  const records = new Map(
    [...samples, ...(latest === undefined ? [] : [latest])].map((one) => [one.eventId, one]),
  );
  const known = records.size;
  // Only the ends can matter, and showing a call costs something.
  for (const { call, event } of [...calls.slice(0, samplesKept), ...calls.slice(-1)]) {
    if (records.has(call.id)) continue;
    const record = event.recordOf(call);
    if (record !== undefined) records.set(record.eventId, record);
  }
  if (records.size === known) return latest === undefined ? { samples } : { samples, latest };
  const sorted = [...records.values()].sort((a, b) =>
    compareCalls({ time: a.times.called, id: a.eventId }, { time: b.times.called, id: b.eventId }),
  );
  const last = sorted.at(-1);
  return { samples: sorted.slice(0, samplesKept), ...(last === undefined ? {} : { latest: last }) };
}

function firings(
  { fired }: IncidentDocument,
  events: readonly IncidentEvent[],
): Pick<IncidentDocument, "fired"> {
  const fresh = events.flatMap((event) => (event.fired === undefined ? [] : [{ ...event.fired, event }]));
  const [earliest] = fresh.toSorted((a, b) => compareCalls(firingOf(a), firingOf(b)));
  if (earliest === undefined) return fired === undefined ? {} : { fired };
  const known = fired?.firings ?? [];
  const digests = [...new Set([...known, ...fresh.map(({ event }) => shortDigest(event.id, 12))])].sort();
  const kept = digests.slice(0, 2);
  if (fired !== undefined && compareCalls({ ...fired, time: fired.at }, firingOf(earliest)) <= 0)
    return { fired: kept.join() === known.join() ? fired : { ...fired, firings: kept } };
  const { at, when, needs, event } = earliest;
  const call = event.calls.find(({ id }) => id === event.id);
  const record = call && event.recordOf(call);
  return { fired: { id: event.id, at, when, needs, firings: kept, ...(record && { record }) } };
}

function firingOf({ at, event }: { readonly at: number; readonly event: IncidentEvent }) {
  return { id: event.id, time: at };
}

/** How many alerts news may make due in one incident. What comes after is listed, and makes none. */
const mostNews = 8;
const newsPrefix = "news-";
const lastNewsPrefix = `${newsPrefix}last-`;

/**
 * What this change makes due: an alert for the first call at once, for every power of ten, for a rise in severity and for
 * news, and one timer for the summary. An alert's text follows from its name and from the set of calls at that moment.
 * Which names come between first and summary depends on what came when, as a rise in severity does.
 */
function dueEntries(
  before: IncidentDocument,
  merged: IncidentDocument,
  work: Work,
  { calls, known }: { readonly calls: readonly CallInHand[]; readonly known: ReadonlySet<string> },
): { readonly names: readonly string[]; readonly entries: readonly OutboxEntry[] } {
  const sorted = work.events.toSorted((a, b) => a.time - b.time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const event = sorted.find(({ id }) => !known.has(id)) ?? sorted[0];
  const [first] = merged.samples;
  if (!work.scope.live || event === undefined || first === undefined)
    return { names: before.raised, entries: [] };
  const { count } = distinctCount(merged.ids);
  const isOpen = before.raised.length > 0;
  const due: string[] = ["new"];
  const needed = merged.fired?.needs ?? 1;
  // A correlation that takes 20 calls has nothing to add at ten.
  for (let level = 10; level <= count; level *= 10) if (level > needed) due.push(String(level));
  if (isOpen && merged.severity !== before.severity) due.push(`severity-${merged.severity}`);
  const common = {
    policy: work.scope.policy,
    now: work.now,
    cause: event.cause,
  };
  // A match begins with its first call; a correlation is about the one that completed it.
  const opening = merged.fired?.record ?? first;
  const names = due.filter((name) => !before.raised.includes(name));
  const entries: OutboxEntry[] = names.map((name) =>
    name === "new"
      ? alertEntry(merged, { ...common, name, record: opening, related: work.related?.(opening) ?? [] })
      : alertEntry(merged, { ...common, name, record: merged.latest ?? first }),
  );
  const news = isOpen ? newsEntry(before, merged, common, calls) : undefined;
  if (news !== undefined) {
    names.push(news.name);
    entries.push(news.entry);
  }
  if (!isOpen) {
    const end = Math.max(merged.windowEnd, work.now);
    const at = end + work.allowedLatenessSeconds * 1000;
    const timer = { kind: "incident-summary", incidentId: merged.id, at } as const;
    // The suffix is the first release's: it finds the entry under this id.
    entries.push({ id: `${merged.id}.wake-up`, cause: event.cause, due: { kind: "timer", timer } });
  }
  return { names: names.length === 0 ? before.raised : [...before.raised, ...names], entries };
}

/** One alert for all that is new at once; its name says what, so that the same news has one name. */
function newsEntry(
  before: IncidentDocument,
  merged: IncidentDocument,
  common: Omit<AlertParts, "name" | "record">,
  calls: readonly CallInHand[],
): { readonly name: string; readonly entry: OutboxEntry } | undefined {
  const raised = before.raised.filter((one) => one.startsWith(newsPrefix)).length;
  if (raised >= mostNews) return undefined;
  const news = newsOf(
    before.calls,
    merged.calls,
    calls.map(({ call }) => call),
  );
  const bringer = calls.find(({ call }) => bringsNews(call, news));
  if (bringer === undefined) return undefined;
  // The last one says that it is the last, so it has a name of its own.
  const isLast = raised === mostNews - 1;
  const name = `${isLast ? lastNewsPrefix : newsPrefix}${shortDigest(JSON.stringify(news.map(({ facet, value }) => [facet, value])), 12)}`;
  const record = bringer.event.recordOf(bringer.call) ?? merged.latest;
  if (record === undefined || before.raised.includes(name)) return undefined;
  const entry = alertEntry(merged, {
    ...common,
    name,
    record,
    news,
    ...(isLast && { newsRaised: mostNews }),
  });
  return { name, entry };
}

const summaryName = "summary";
const kinds: Readonly<Record<string, AlertKind>> = { new: "new", [summaryName]: "summary" };

interface AlertParts {
  readonly policy: AlertPolicy;
  readonly name: string;
  readonly record: AlertRecord;
  readonly cause: string;
  /** When it falls due. */
  readonly now: number;
  readonly related?: readonly RelatedIncident[];
  readonly news?: readonly CallNews[];
  readonly newsRaised?: number;
}

function alertEntry(document: IncidentDocument, made: AlertParts): OutboxEntry {
  const { policy, name, record, cause, now, related = [], news, newsRaised } = made;
  const alert: Alert = {
    id: `${document.id}.${name}`,
    kind: kinds[name] ?? "update",
    delivery: "direct",
    severity: document.severity,
    policy,
    incident: {
      ...describeIncident(document),
      ...(newsRaised === undefined ? {} : { newsRaised }),
      ...(related.length > 0 ? { related } : {}),
    },
    record,
    ...(news === undefined ? {} : { news }),
    createdAt: now,
    publishedAt: now,
  };
  return { id: alert.id, cause, due: { kind: "alert", alert } };
}

/** The state of an incident as an alert tells it. */
export function describeIncident(document: IncidentDocument): AlertIncident {
  const { count, isEstimate } = distinctCount(document.ids);
  const { fired } = document;
  return {
    id: document.id,
    count,
    countIsEstimate: isEstimate,
    firstTime: document.firstTime,
    lastTime: document.lastTime,
    windowStart: document.windowStart,
    windowEnd: document.windowEnd,
    group: document.group,
    eventIds: document.samples.map((record) => record.eventId),
    calls: describeCalls(document.calls, count),
    ...(fired === undefined ? {} : { fired: { at: fired.at, when: fired.when } }),
  };
}

function sameIncident(a: IncidentDocument, b: IncidentDocument): boolean {
  return (
    a.ids === b.ids &&
    a.firstTime === b.firstTime &&
    a.lastTime === b.lastTime &&
    a.severity === b.severity &&
    a.samples === b.samples &&
    a.latest === b.latest &&
    a.calls === b.calls &&
    a.fired === b.fired &&
    a.raised === b.raised
  );
}
