import type { AlertIncident, AlertRecord, Severity } from "@streamwarden/alerting";
import * as z from "zod";
import { type Calls, callsSchema, noCalls } from "../calls/calls.ts";
import { DocumentKind, formatReader } from "../state/document-kind.ts";
import type { DistinctIds } from "./distinct-count.ts";
import type { Fired } from "./incident-event.ts";
import type { OutboxEntry } from "./outbox.ts";
import {
  alertSchema,
  groupSchema,
  readAlert,
  readRecord,
  recordSchema,
  severitySchema,
} from "./stored-alert.ts";

/**
 * All matches of one policy for one group in one window. Why it is as it is: everything but `outbox` is a pure
 * function of the set of records (minima, maxima, a bounded set of distinct ids), so that order, repetition and
 * batching cannot show, whatever consumer comes first; and what is owed stands in the same document as what made it
 * due, so that no crash can part them.
 */
export interface IncidentDocument {
  readonly id: string;
  readonly policyId: string;
  readonly policyName: string;
  readonly severity: Severity;
  readonly group: AlertIncident["group"];
  /** Milliseconds since the epoch, like all times here. */
  readonly windowStart: number;
  readonly windowEnd: number;
  readonly ids: DistinctIds;
  readonly firstTime: number;
  readonly lastTime: number;
  /** The earliest calls that are known whole, by time and then eventID. */
  readonly samples: readonly AlertRecord[];
  /** The latest of them. */
  readonly latest?: AlertRecord;
  /** What is known of all calls. */
  readonly calls: Calls;
  /** For a correlation: its firings. */
  readonly fired?: FiredDocument;
  /** Which alerts were made so far: `new`, `10`, `100` ... */
  readonly raised: readonly string[];
  readonly outbox: readonly OutboxEntry[];
}

/** The firings of an incident: the earliest, and whether there was another. */
interface FiredDocument extends Fired {
  /** The eventID at which it fired first. */
  readonly id: string;
  /** The call at which it fired first, where it is known whole. */
  readonly record?: AlertRecord;
  /** The two smallest digests of the firings' ids. */
  readonly firings: readonly string[];
}

export function incidentKey(id: string): string {
  return `incident#${id}`;
}

/** Formats 1 and 2: the words `claim` and `wake-up` are those of the first release, which reads format 2 as well. */
const outboxEntrySchema = z.object({
  id: z.string(),
  cause: z.string(),
  due: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("alert"), alert: alertSchema }),
    z.object({ kind: z.literal("wake-up"), at: z.number() }),
  ]),
  claim: z.object({ by: z.string(), until: z.number() }).exactOptional(),
});

const incidentSchema = z.object({
  id: z.string(),
  policyId: z.string(),
  policyName: z.string(),
  severity: severitySchema,
  group: groupSchema,
  windowStart: z.number(),
  windowEnd: z.number(),
  ids: z.array(z.string().regex(/^[0-9a-f]{13}$/)),
  firstTime: z.number(),
  lastTime: z.number(),
  samples: z.array(recordSchema),
  latest: recordSchema.exactOptional(),
  calls: callsSchema.exactOptional(),
  fired: z
    .object({
      id: z.string(),
      at: z.number(),
      when: z.string(),
      needs: z.number(),
      record: recordSchema.exactOptional(),
      firings: z.array(z.string()),
    })
    .exactOptional(),
  raised: z.array(z.string()),
  outbox: z.array(outboxEntrySchema),
});

type StoredEntry = z.infer<typeof outboxEntrySchema>;

function decodeEntry(incidentId: string) {
  return ({ id, cause, due, claim }: StoredEntry): OutboxEntry => ({
    id,
    cause,
    due:
      due.kind === "alert"
        ? { kind: "alert", alert: readAlert(due.alert) }
        : { kind: "timer", timer: { kind: "incident-summary", incidentId, at: due.at } },
    ...(claim === undefined ? {} : { lease: claim }),
  });
}

function encodeEntry({ id, cause, due, lease }: OutboxEntry): object {
  return {
    id,
    cause,
    due: due.kind === "alert" ? due : { kind: "wake-up", at: due.timer.at },
    ...(lease === undefined ? {} : { claim: lease }),
  };
}

function readFired({
  record,
  ...fired
}: NonNullable<z.infer<typeof incidentSchema>["fired"]>): FiredDocument {
  return { ...fired, ...(record === undefined ? {} : { record: readRecord(record) }) };
}

/** Named field by field: what a later release added is dropped, because this one could not keep it true. */
const read = formatReader(
  incidentSchema,
  (stored): IncidentDocument => ({
    id: stored.id,
    policyId: stored.policyId,
    policyName: stored.policyName,
    severity: stored.severity,
    group: stored.group,
    windowStart: stored.windowStart,
    windowEnd: stored.windowEnd,
    ids: stored.ids,
    firstTime: stored.firstTime,
    lastTime: stored.lastTime,
    samples: stored.samples.map(readRecord),
    ...(stored.latest === undefined ? {} : { latest: readRecord(stored.latest) }),
    // The first release counted and listed nothing: what it counted is missing from the sample.
    calls: stored.calls ?? (stored.ids.length === 0 ? noCalls : { ...noCalls, isWhole: false }),
    ...(stored.fired === undefined ? {} : { fired: readFired(stored.fired) }),
    raised: stored.raised,
    outbox: stored.outbox.map(decodeEntry(stored.id)),
  }),
);

export const incidentDocuments: DocumentKind<IncidentDocument> = new DocumentKind({
  name: "incident",
  format: 2,
  readableSince: 1,
  readers: { 1: read, 2: read },
  encode: ({ outbox, ...document }) => ({ ...document, outbox: outbox.map(encodeEntry) }),
});
