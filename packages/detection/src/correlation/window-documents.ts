import type { AlertRecord } from "@streamwarden/alerting";
import { shortDigest } from "@streamwarden/base";
import { type Correlation, referenceOf, type WindowDocument } from "@streamwarden/sigma";
import * as z from "zod";
import {
  decodeWindowCalls,
  encodeWindowCalls,
  noWindowCalls,
  type WindowCalls,
  windowCallsSchema,
} from "../calls/window-calls.ts";
import { readRecord, recordSchema } from "../incident/stored-alert.ts";
import { DocumentKind, formatReader } from "../state/document-kind.ts";

export function windowKey(correlation: Correlation, groupKey: string): string {
  return `window#${shortDigest(JSON.stringify([referenceOf(correlation), groupKey]), 32)}`;
}

/** Of each correlation its own, because each remembers for as long as its windows are. */
export function recordKey(correlation: Correlation, eventId: string): string {
  return `record#${shortDigest(JSON.stringify([referenceOf(correlation), eventId]), 32)}`;
}

const value = z.union([z.string(), z.number(), z.array(z.string()), z.array(z.number())]);

/** The columns of a window belong together, row by row. */
function areColumns({
  times,
  ids,
  rules,
  values,
}: Pick<WindowDocument, "times" | "ids" | "rules" | "values">) {
  return [ids, rules, values].every((column) => column === undefined || column.length === times.length);
}

const windowSchema = z
  .object({
    group: z.array(z.object({ field: z.string(), value: z.string().nullable() })),
    shape: z.string(),
    times: z.array(z.number()),
    ids: z.array(z.string()),
    rules: z.array(z.number()).exactOptional(),
    values: z.array(value).exactOptional(),
    bytes: z.number(),
    closedBefore: z.number().exactOptional(),
    truncated: z.object({ time: z.number(), id: z.string() }).exactOptional(),
  })
  .refine(areColumns, "the columns are not of one length") satisfies z.ZodType<WindowDocument>;

const readWindow = formatReader(
  windowSchema,
  ({ group, shape, times, ids, rules, values, bytes, closedBefore, truncated }): WindowDocument => ({
    group,
    shape,
    times,
    ids,
    ...(rules === undefined ? {} : { rules }),
    ...(values === undefined ? {} : { values }),
    bytes,
    ...(closedBefore === undefined ? {} : { closedBefore }),
    ...(truncated === undefined ? {} : { truncated }),
  }),
);

/** What a correlation counted in one group, and the calls behind its rows (`window#...`). */
export interface CorrelationWindow {
  readonly window: WindowDocument;
  readonly calls: WindowCalls;
}

/** Windows of the first release remember no calls: their rows count, and nothing is listed of them. */
const callsOfWindow = z.looseObject({ calls: windowCallsSchema.exactOptional() });

function readCorrelationWindow(stored: unknown): CorrelationWindow {
  const { calls } = callsOfWindow.parse(stored);
  return {
    window: readWindow(stored),
    calls: calls === undefined ? noWindowCalls : decodeWindowCalls(calls),
  };
}

export const windowDocuments: DocumentKind<CorrelationWindow> = new DocumentKind({
  name: "correlation window",
  format: 2,
  readableSince: 1,
  readers: { 1: readCorrelationWindow, 2: readCorrelationWindow },
  encode: ({ window, calls }) => (calls.size === 0 ? window : { ...window, calls: encodeWindowCalls(calls) }),
});

const headerSchema = z.object({ format: z.number().optional(), readableSince: z.number().optional() });
const readKept = formatReader(
  recordSchema.and(headerSchema),
  ({ format: _format, readableSince: _since, ...record }): AlertRecord => readRecord(record),
);

/** What an alert tells of a record that a correlation waits with (`record#...`). */
export const keptRecords: DocumentKind<AlertRecord> = new DocumentKind({
  name: "kept record",
  format: 2,
  readableSince: 1,
  readers: { 1: readKept, 2: readKept },
  encode: (record) => record,
});
