import type { AlertRecord, RelatedIncident, Severity } from "@streamwarden/alerting";
import { callOfAlertRecord } from "../calls/call.ts";
import { mergeIncident, type Progress, settleIncident } from "../incident/incident.ts";
import type { IncidentDocument } from "../incident/incident-document.ts";
import { type Fired, type IncidentEvent, storedEvent } from "../incident/incident-event.ts";
import { sampleRecord, sampleScope } from "./fixtures.ts";

/** Incidents for tests: events, what merging them owes, and the names of the alerts. */

export const start = 1_600_000_000_000;
const { id: incident } = sampleScope();
export const minute = 60_000;

export interface Change {
  readonly by?: string;
  readonly now?: number;
  readonly live?: boolean;
  readonly severity?: Severity;
  readonly related?: readonly RelatedIncident[];
}

export function merge(
  current: IncidentDocument | undefined,
  events: readonly IncidentEvent[],
  { by = "batch", now = start + minute, live = true, severity = "high", related }: Change = {},
): Progress {
  return mergeIncident(current, {
    scope: sampleScope({ live, severity }),
    events,
    lease: { by, until: now + 30_000 },
    now,
    allowedLatenessSeconds: 900,
    ...(related === undefined ? {} : { related: () => related }),
  });
}

/** Everything that is owed was done. */
export function publish(
  { document, owed }: Pick<Progress, "document" | "owed">,
  by = "batch",
): IncidentDocument {
  const settled = settleIncident(document, by, new Set(owed.map(({ id }) => id)));
  if (settled === undefined) throw new Error("the incident vanished");
  return settled;
}

export function published(events: readonly IncidentEvent[], change: Change = {}): IncidentDocument {
  return publish(merge(undefined, events, change));
}

/** A match of one record, `seconds` after the start. */
export function match(id: string, seconds = 0, parts: Partial<AlertRecord> = {}): IncidentEvent {
  const record = { ...sampleRecord(id, start + seconds * 1000), ...parts };
  return storedEvent({ id, time: record.times.called }, record);
}

export function matches(count: number): IncidentEvent[] {
  return Array.from({ length: count }, (_, index) => match(`e${String(index).padStart(4, "0")}`, index));
}

/** A firing of a correlation over calls, each known whole. */
export function firing(id: string, calls: readonly AlertRecord[], fired: Partial<Fired> = {}): IncidentEvent {
  const time = calls.find(({ eventId }) => eventId === id)?.times.called ?? start;
  return {
    id,
    time,
    cause: `cause of ${id}`,
    calls: calls.map(callOfAlertRecord),
    recordOf: ({ id: call }) => calls.find(({ eventId }) => eventId === call),
    fired: { at: time, when: "3 or more calls", needs: 3, ...fired },
  };
}

export function alertsOf({ owed }: Pick<Progress, "owed">) {
  return owed.flatMap(({ due }) => (due.kind === "alert" ? [due.alert] : []));
}
export function namesOf(progress: Pick<Progress, "owed">): string[] {
  return alertsOf(progress).map(({ id }) => id.slice(incident.length + 1));
}
export function timersOf({ owed }: Pick<Progress, "owed">) {
  return owed.flatMap(({ due }) => (due.kind === "timer" ? [due.timer] : []));
}
