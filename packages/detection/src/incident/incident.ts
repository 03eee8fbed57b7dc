import type {
  Alert,
  AlertIncident,
  AlertKind,
  AlertPolicy,
  AlertRecord,
  RelatedIncident,
  Severity,
} from "@streamwarden/alerting";
import { shortDigest } from "@streamwarden/base";
import { levels } from "@streamwarden/sigma";
import { addDistinct, distinctCount } from "./distinct-count.ts";
import type { IncidentDocument } from "./incident-document.ts";
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

/** One match or firing that belongs to an incident. */
export interface IncidentEvent {
  /** What counts once: the eventID of the record that matched, or at which a correlation fired. */
  readonly id: string;
  /** When that was, milliseconds since the epoch. */
  readonly time: number;
  /** The record that stands for it in an alert: its own, except for a firing that a late record completed. */
  readonly record: AlertRecord;
}

export interface Work {
  readonly scope: IncidentScope;
  readonly events: readonly IncidentEvent[];
  readonly lease: Lease;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** How long after its window (or, for a window long past, after its first record) an incident is summed up. */
  readonly allowedLatenessSeconds: number;
  /** Other incidents of the actor, told with the alerts that become due now. */
  readonly related?: readonly RelatedIncident[];
}

export interface Progress extends Leased {
  readonly document: IncidentDocument;
  /** Ids of the events that the incident had before. */
  readonly known: ReadonlySet<string>;
}

export function incidentId(policyId: string, group: AlertIncident["group"], windowStart: number): string {
  const parts = JSON.stringify([policyId, group.map(({ field, value }) => [field, value]), windowStart]);
  return shortDigest(parts, 24);
}

/** Merges matches or firings into an incident and leases the alerts that are due. Pure. */
export function mergeIncident(current: IncidentDocument | undefined, work: Work): Progress {
  const before = current ?? emptyIncident(work.scope);
  const { ids, known } = addDistinct(
    before.ids,
    work.events.map(({ id }) => id),
  );
  const fresh = firstOfEach(work.events.filter(({ id }) => !known.has(id)));
  const times = fresh.map(({ time }) => time);
  const merged: IncidentDocument = {
    ...before,
    ids,
    severity: higher(before.severity, work.scope.severity),
    firstTime: Math.min(before.firstTime, ...times),
    lastTime: Math.max(before.lastTime, ...times),
    samples: earliest(
      before.samples,
      fresh.map(({ record }) => record),
    ),
  };
  const raised = dueEntries(before, merged, work, fresh);
  const causes = new Set(work.events.map(({ record }) => record.eventId));
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
  const isDue = current.ids.length > 1 && !current.raised.includes(summaryName) && current.raised.length > 0;
  const entry = alertEntry(current, {
    policy: work.policy,
    name: summaryName,
    record,
    createdAt: work.now,
    publishedAt: work.now,
    related: [],
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
    raised: [],
    outbox: [],
  };
}

/** A firing comes once for each record in hand that it hangs on; the first stands for it. */
function firstOfEach(events: readonly IncidentEvent[]): readonly IncidentEvent[] {
  return [...new Map(events.toReversed().map((event) => [event.id, event])).values()];
}

function higher(a: Severity, b: Severity): Severity {
  return levels.indexOf(a) >= levels.indexOf(b) ? a : b;
}

function byTimeThenId(a: AlertRecord, b: AlertRecord): number {
  return a.times.called - b.times.called || (a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0);
}

function earliest(samples: readonly AlertRecord[], fresh: readonly AlertRecord[]): readonly AlertRecord[] {
  const latest = samples.at(-1);
  const candidates = fresh.filter(
    (record) => samples.length < samplesKept || latest === undefined || byTimeThenId(record, latest) < 0,
  );
  if (candidates.length === 0) return samples;
  const distinct = new Map([...samples, ...candidates].map((record) => [record.eventId, record]));
  return [...distinct.values()].sort(byTimeThenId).slice(0, samplesKept);
}

/**
 * What this change makes due: an alert for the first record at once, for every power of ten, and for a rise in
 * severity, and one timer for the summary. Each has a name that occurs once per incident, whatever the order of
 * the records.
 */
function dueEntries(
  before: IncidentDocument,
  merged: IncidentDocument,
  work: Work,
  fresh: readonly IncidentEvent[],
): { readonly names: readonly string[]; readonly entries: readonly OutboxEntry[] } {
  const [record] = fresh.map((event) => event.record).sort(byTimeThenId);
  if (!work.scope.live || record === undefined) return { names: before.raised, entries: [] };
  const { count } = distinctCount(merged.ids);
  const due: string[] = ["new"];
  for (let level = 10; level <= count; level *= 10) due.push(String(level));
  if (before.raised.length > 0 && merged.severity !== before.severity)
    due.push(`severity-${merged.severity}`);
  const names = due.filter((name) => !before.raised.includes(name));
  const entries: OutboxEntry[] = names.map((name) =>
    alertEntry(merged, {
      policy: work.scope.policy,
      name,
      record,
      createdAt: record.times.matched,
      publishedAt: work.now,
      related: work.related ?? [],
    }),
  );
  if (before.raised.length === 0) {
    const end = Math.max(merged.windowEnd, work.now);
    const at = end + work.allowedLatenessSeconds * 1000;
    const timer = { kind: "incident-summary", incidentId: merged.id, at } as const;
    // The suffix is the first release's: it finds the entry under this id.
    entries.push({ id: `${merged.id}.wake-up`, cause: record.eventId, due: { kind: "timer", timer } });
  }
  return { names: [...before.raised, ...names], entries };
}

const summaryName = "summary";
const kinds: Readonly<Record<string, AlertKind>> = { new: "new", [summaryName]: "summary" };

function alertEntry(
  document: IncidentDocument,
  made: {
    readonly policy: AlertPolicy;
    readonly name: string;
    readonly record: AlertRecord;
    readonly createdAt: number;
    readonly publishedAt: number;
    readonly related: readonly RelatedIncident[];
  },
): OutboxEntry {
  const alert: Alert = {
    id: `${document.id}.${made.name}`,
    kind: kinds[made.name] ?? "update",
    delivery: "direct",
    severity: document.severity,
    policy: made.policy,
    incident: {
      ...describeIncident(document),
      ...(made.related.length > 0 ? { related: made.related } : {}),
    },
    record: made.record,
    createdAt: made.createdAt,
    publishedAt: made.publishedAt,
  };
  return { id: alert.id, cause: made.record.eventId, due: { kind: "alert", alert } };
}

/** The state of an incident as an alert tells it. */
export function describeIncident(document: IncidentDocument): AlertIncident {
  const { count, isEstimate } = distinctCount(document.ids);
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
  };
}

function sameIncident(a: IncidentDocument, b: IncidentDocument): boolean {
  return (
    a.ids === b.ids &&
    a.firstTime === b.firstTime &&
    a.lastTime === b.lastTime &&
    a.severity === b.severity &&
    a.samples === b.samples &&
    a.raised === b.raised
  );
}
