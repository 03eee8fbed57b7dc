import type { AlertIncident, AlertRecord } from "@streamwarden/alerting";
import { shortDigest } from "@streamwarden/base";
import type { LearningDocument, TermDocument } from "@streamwarden/policies";
import * as z from "zod";
import { groupSchema, readRecord, recordSchema } from "../incident/stored-alert.ts";
import { DocumentKind, formatReader } from "../state/document-kind.ts";

const termSchema = z.object({
  runs: z.array(
    z.object({ first: z.number(), last: z.number(), ids: z.array(z.string()), decided: z.boolean() }),
  ),
}) satisfies z.ZodType<TermDocument>;

const readTerm = formatReader(termSchema, ({ runs }): TermDocument => ({ runs }));

/** When a term was seen (`first-seen#...`). `streamwarden seed` writes them too. */
export const termDocuments: DocumentKind<TermDocument> = new DocumentKind({
  name: "first-seen term",
  format: 2,
  readableSince: 1,
  readers: { 1: readTerm, 2: readTerm },
  encode: (document) => document,
});

const learningSchema = z.object({
  earliest: z.number(),
  lastDay: z.number(),
}) satisfies z.ZodType<LearningDocument>;

const readLearning = formatReader(
  learningSchema,
  ({ earliest, lastDay }): LearningDocument => ({ earliest, lastDay }),
);

/** Since when somebody is watched (`first-seen-learning#...`). `streamwarden seed` writes them too. */
export const learningDocuments: DocumentKind<LearningDocument> = new DocumentKind({
  name: "first-seen learning",
  format: 2,
  readableSince: 1,
  readers: { 1: readLearning, 2: readLearning },
  encode: (document) => document,
});

/** What an alert needs of a match that is decided when its record is long gone. */
export interface StoredMatch {
  readonly record: AlertRecord;
  readonly group: AlertIncident["group"];
}

export function matchKey(policyId: string, eventId: string): string {
  return `first-seen-match#${shortDigest(JSON.stringify([policyId, eventId]), 32)}`;
}

const matchSchema = z.object({ record: recordSchema, group: groupSchema });

const readMatch = formatReader(
  matchSchema,
  ({ record, group }): StoredMatch => ({ record: readRecord(record), group }),
);

export const storedMatches: DocumentKind<StoredMatch> = new DocumentKind({
  name: "first-seen match",
  format: 2,
  readableSince: 1,
  readers: { 1: readMatch, 2: readMatch },
  encode: (document) => document,
});
