import type { Alert, AlertIncident, AlertRecord, CallFacet, RelatedIncident } from "@streamwarden/alerting";
import { levels } from "@streamwarden/sigma";
import * as z from "zod";

type Actor = AlertRecord["actor"];

/** The first release knew no principal beside `actor.id`, because the two were the same. */
type StoredActor = Omit<Actor, "principal"> & Partial<Pick<Actor, "principal">>;
type StoredRecord = Omit<AlertRecord, "actor"> & { readonly actor: StoredActor };
type StoredAlert = Omit<Alert, "record"> & { readonly record: StoredRecord };

/**
 * What stored documents hold of records and alerts. The schemas check what the pipeline and the renderings rely on, and
 * each field of the types must be named here or it does not compile. Words that grow with releases (kinds of actors,
 * carriers) are checked as texts: a later release may know more of them.
 */
function word<T extends string>() {
  return z.custom<T>((value) => typeof value === "string", "expected a text");
}
/** A map of ours whose members grow with releases. */
function loose<T extends object>() {
  return z.custom<T>((value) => typeof value === "object" && value !== null, "expected a map");
}
const texts = z.array(z.string());

export const severitySchema = z.enum(levels);

export const groupSchema = z.array(z.object({ field: z.string(), value: z.string() })) satisfies z.ZodType<
  AlertIncident["group"]
>;

const actorSchema = z.looseObject({
  id: z.string(),
  principal: z.string().exactOptional(),
  person: z.string().exactOptional(),
  session: z.string().exactOptional(),
  kind: word<Actor["kind"]>(),
  label: z.string(),
  account: z.string().exactOptional(),
  crossAccount: z.boolean(),
  mfa: word<Actor["mfa"]>(),
  credential: word<Actor["credential"]>(),
}) satisfies z.ZodType<StoredActor>;

export const recordSchema = z.looseObject({
  eventId: z.string(),
  eventTime: z.string(),
  eventSource: z.string(),
  eventName: z.string(),
  region: z.string().exactOptional(),
  account: z.string().exactOptional(),
  sourceIp: z.string().exactOptional(),
  userAgent: z.string().exactOptional(),
  errorCode: z.string().exactOptional(),
  errorMessage: z.string().exactOptional(),
  request: z.unknown().exactOptional(),
  resources: texts,
  actor: actorSchema,
  credentials: loose<NonNullable<AlertRecord["credentials"]>>().exactOptional(),
  vpcEndpoint: z.string().exactOptional(),
  facts: z.array(z.object({ label: z.string(), value: z.string() })).exactOptional(),
  consequence: z.string().exactOptional(),
  carrier: word<AlertRecord["carrier"]>(),
  reasons: texts,
  times: z.object({ called: z.number(), received: z.number(), matched: z.number() }),
}) satisfies z.ZodType<StoredRecord>;

export const relatedSchema = z.object({
  id: z.string(),
  policy: z.string(),
  severity: severitySchema,
  since: z.number(),
}) satisfies z.ZodType<RelatedIncident>;

export const alertSchema = z.looseObject({
  id: z.string(),
  kind: z.enum(["new", "update", "summary"]),
  delivery: z.enum(["direct", "digest"]),
  severity: severitySchema,
  policy: z.looseObject({
    id: z.string(),
    name: z.string(),
    title: z.string(),
    description: z.string().exactOptional(),
    tags: texts,
    references: texts,
    falsePositives: texts,
    runbook: z.string().exactOptional(),
  }),
  incident: z.looseObject({
    id: z.string(),
    count: z.number(),
    countIsEstimate: z.boolean(),
    firstTime: z.number(),
    lastTime: z.number(),
    windowStart: z.number(),
    windowEnd: z.number(),
    group: groupSchema,
    eventIds: texts,
    calls: loose<NonNullable<AlertIncident["calls"]>>().exactOptional(),
    fired: z.object({ at: z.number(), when: z.string() }).exactOptional(),
    newsRaised: z.number().exactOptional(),
    related: z.array(relatedSchema).exactOptional(),
  }),
  record: recordSchema,
  news: z.array(z.object({ facet: word<CallFacet>(), value: z.string() })).exactOptional(),
  createdAt: z.number(),
  publishedAt: z.number().exactOptional(),
}) satisfies z.ZodType<StoredAlert>;

/** A stored record in the shape of this release. Both formats may hold records of the first release. */
export function readRecord(stored: StoredRecord): AlertRecord {
  const { actor } = stored;
  const { principal } = actor;
  return { ...stored, actor: { ...actor, principal: principal ?? actor.id } };
}

/** A stored alert in the shape of this release. */
export function readAlert(stored: StoredAlert): Alert {
  return { ...stored, record: readRecord(stored.record) };
}
