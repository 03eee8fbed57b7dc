import type { AlertRecord, CallNews } from "@streamwarden/alerting";
import type { Correlation, Firing } from "@streamwarden/sigma";
import { type Call, callOfAlertRecord, recordOfCall } from "../calls/call.ts";
import type { Origin } from "../pipeline/origin.ts";

/** One match or firing that belongs to an incident: the calls it adds. */
export interface IncidentEvent {
  /** What happened once: the eventID of the record that matched, or at which a correlation fired. */
  readonly id: string;
  /** When that was, milliseconds since the epoch. It decides which incident the event belongs to. */
  readonly time: number;
  /** The eventID of the record in hand whose message must wait for the alerts that this event makes due. */
  readonly cause: string;
  /** What the incident counts: the call that matched, or the calls behind the firing. At least one. */
  readonly calls: readonly Call[];
  /** A call as alerts show it; undefined where only its id is known. */
  readonly recordOf: (call: Call) => AlertRecord | undefined;
  /** For a firing: when it was, and what it took. */
  readonly fired?: Fired;
}

/** A firing of a correlation, as its incident remembers it. */
export interface Fired {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** What it takes, in words: `5 or more calls within 10 minutes`. */
  readonly when: string;
  /** How many calls it takes at least. */
  readonly needs: number;
}

/** A policy that was true of one record. */
export function matchEvent(origin: Origin, record: AlertRecord): IncidentEvent {
  const call = origin.call();
  return {
    id: origin.eventId,
    time: call.time,
    cause: origin.eventId,
    calls: [call],
    recordOf: ({ id }) => (id === call.id ? record : undefined),
  };
}

/** A match whose record was kept until it could be decided. */
export function storedEvent(
  { id, time }: { readonly id: string; readonly time: number },
  record: AlertRecord,
): IncidentEvent {
  return {
    id,
    time,
    cause: record.eventId,
    calls: [callOfAlertRecord(record)],
    recordOf: () => record,
  };
}

/**
 * A correlation that fired. An alert shows its calls as the window remembers them, not the record that happened to be in
 * hand: which one that is depends on the order of arrival.
 */
export function firingEvent(
  firing: Firing,
  calls: readonly Call[],
  origin: Origin,
  reasons: readonly string[],
): IncidentEvent {
  const [when = ""] = reasons;
  return {
    id: firing.id,
    time: firing.time,
    cause: origin.eventId,
    calls,
    // Windows of the first release remember no calls: then the record in hand stands for the firing.
    recordOf: (call) =>
      recordOfCall(call, reasons) ?? (call.id === firing.id ? origin.describe(reasons) : undefined),
    fired: { at: firing.time, when, needs: callsNeeded(firing.correlation) },
  };
}

function callsNeeded({ condition, rules, type }: Correlation): number {
  if (condition.kind === "rules") return 1;
  const { gte, gt } = condition.threshold;
  if (type.startsWith("temporal")) return rules.length;
  if (type !== "event_count" && type !== "value_count") return 1;
  return Math.max(1, gte ?? (gt === undefined ? 1 : gt + 1));
}

/** Whether a call has one of the values. */
export function bringsNews({ values }: Call, news: readonly CallNews[]): boolean {
  return news.some(({ facet, value }) => values[facet]?.includes(value));
}
