import { createHash } from "node:crypto";
import {
  type Alert,
  type AlertIncident,
  type AlertPolicy,
  type AlertRecord,
  type Severity,
  severities,
} from "@streamwarden/alerting";
import { addDistinct, type DistinctIds, distinctCount } from "./distinct-count.ts";

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

/** One alert that is owed to people and not yet confirmed as published. */
export interface OutboxEntry {
  readonly alert: Alert;
  /** The eventID whose message must not be acknowledged before this alert is published. */
  readonly cause: string;
  /** Who is publishing it now; another may take over after `until` (milliseconds since the epoch). */
  readonly claim?: Claim;
}

export interface Claim {
  readonly by: string;
  readonly until: number;
}

/**
 * All matches of one policy for one group in one window. Everything but `outbox` is a pure function of the set
 * of records: minima, maxima and a bounded set of distinct ids, so that order, repetition and batching cannot show.
 */
export interface IncidentDocument {
  readonly id: string;
  readonly policyId: string;
  readonly policyName: string;
  readonly severity: Severity;
  readonly group: AlertIncident["group"];
  readonly windowStart: number;
  readonly windowEnd: number;
  readonly ids: DistinctIds;
  readonly firstTime: number;
  readonly lastTime: number;
  /** The earliest records, by time and then eventID. */
  readonly samples: readonly AlertRecord[];
  /** Which alerts were made so far: `new`, `10`, `100` ... */
  readonly raised: readonly string[];
  readonly outbox: readonly OutboxEntry[];
}

/** How many of the earliest records an incident keeps whole. */
const samplesKept = 5;

/** How long one batch may take to publish what it claimed before another consumer may. */
export interface Work {
  readonly scope: IncidentScope;
  readonly records: readonly AlertRecord[];
  readonly claim: Claim;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface Progress {
  readonly document: IncidentDocument;
  /** eventIDs that the incident had before. */
  readonly known: ReadonlySet<string>;
  /** Claimed by this batch: to be published now. */
  readonly owed: readonly OutboxEntry[];
  /** Caused by this batch's records but being published by somebody else: their messages must wait. */
  readonly elsewhere: readonly OutboxEntry[];
}

export function incidentId(policyId: string, group: AlertIncident["group"], windowStart: number): string {
  const parts = JSON.stringify([policyId, group.map(({ field, value }) => [field, value]), windowStart]);
  return createHash("sha256").update(parts).digest("hex").slice(0, 24);
}

export const incidentKey = (id: string): string => `incident#${id}`;

/** Merges records into an incident and claims the alerts that are due. Pure. */
export function mergeIncident(current: IncidentDocument | undefined, work: Work): Progress {
  const before = current ?? emptyIncident(work.scope);
  const { ids, known } = addDistinct(
    before.ids,
    work.records.map((record) => record.eventId),
  );
  const fresh = work.records.filter((record) => !known.has(record.eventId));
  const times = fresh.map((record) => record.times.called);
  const merged: IncidentDocument = {
    ...before,
    ids,
    severity: higher(before.severity, work.scope.severity),
    firstTime: Math.min(before.firstTime, ...times),
    lastTime: Math.max(before.lastTime, ...times),
    samples: earliest(before.samples, fresh),
  };
  const raised = dueAlerts(before, merged, work.scope, fresh);
  const { outbox, owed, elsewhere } = claimOutbox([...merged.outbox, ...raised.entries], work);
  const document = { ...merged, raised: raised.names, outbox };
  const changed = current === undefined || !sameIncident(current, document) || owed.length > 0;
  return { document: changed ? document : current, known, owed, elsewhere };
}

/** Removes published alerts from the outbox. Pure; returns the same document when there is nothing to remove. */
export function confirmPublished(
  current: IncidentDocument | undefined,
  alertIds: ReadonlySet<string>,
): IncidentDocument | undefined {
  if (current === undefined || !current.outbox.some((entry) => alertIds.has(entry.alert.id))) return current;
  return { ...current, outbox: current.outbox.filter((entry) => !alertIds.has(entry.alert.id)) };
}

/** Gives claims back after a failure, so that the next attempt need not wait for them to lapse. Pure. */
export function releaseClaims(
  current: IncidentDocument | undefined,
  claimant: string,
): IncidentDocument | undefined {
  if (current === undefined || !current.outbox.some((entry) => entry.claim?.by === claimant)) return current;
  return {
    ...current,
    outbox: current.outbox.map((entry) => {
      if (entry.claim?.by !== claimant) return entry;
      return { alert: entry.alert, cause: entry.cause };
    }),
  };
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

const higher = (a: Severity, b: Severity): Severity =>
  severities.indexOf(a) >= severities.indexOf(b) ? a : b;

const byTimeThenId = (a: AlertRecord, b: AlertRecord): number =>
  a.times.called - b.times.called || (a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0);

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
 * The alerts that this change makes due: the first record at once, then every power of ten, and a rise in
 * severity. Each has a name that occurs once per incident, whatever the order of the records.
 */
function dueAlerts(
  before: IncidentDocument,
  merged: IncidentDocument,
  scope: IncidentScope,
  fresh: readonly AlertRecord[],
): { readonly names: readonly string[]; readonly entries: readonly OutboxEntry[] } {
  const record = [...fresh].sort(byTimeThenId)[0];
  if (!scope.live || record === undefined) return { names: before.raised, entries: [] };
  const { count } = distinctCount(merged.ids);
  const due: string[] = count > 0 ? ["new"] : [];
  for (let level = 10; level <= count; level *= 10) due.push(String(level));
  if (before.raised.length > 0 && merged.severity !== before.severity) due.push(`severity-${merged.severity}`);
  const names = due.filter((name) => !before.raised.includes(name));
  if (names.length === 0) return { names: before.raised, entries: [] };
  const incident = describeIncident(merged);
  return {
    names: [...before.raised, ...names],
    entries: names.map((name) => ({
      cause: record.eventId,
      alert: {
        id: `${merged.id}.${name}`,
        kind: name === "new" ? "new" : "update",
        delivery: "direct",
        severity: merged.severity,
        policy: scope.policy,
        incident,
        record,
        createdAt: record.times.matched,
      },
    })),
  };
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

function claimOutbox(
  entries: readonly OutboxEntry[],
  work: Work,
): Pick<Progress, "owed" | "elsewhere"> & { readonly outbox: readonly OutboxEntry[] } {
  const causes = new Set(work.records.map((record) => record.eventId));
  const owed: OutboxEntry[] = [];
  const elsewhere: OutboxEntry[] = [];
  const outbox = entries.map((entry) => {
    const held = entry.claim !== undefined && entry.claim.by !== work.claim.by && entry.claim.until > work.now;
    if (held) {
      if (causes.has(entry.cause)) elsewhere.push(entry);
      return entry;
    }
    const claimed = { ...entry, claim: work.claim };
    owed.push(claimed);
    return claimed;
  });
  return { outbox, owed, elsewhere };
}

const sameIncident = (a: IncidentDocument, b: IncidentDocument): boolean =>
  a.ids === b.ids &&
  a.firstTime === b.firstTime &&
  a.lastTime === b.lastTime &&
  a.severity === b.severity &&
  a.samples === b.samples &&
  a.raised === b.raised;
