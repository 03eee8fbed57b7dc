import type { CredentialFacts, ResourceFact } from "@streamwarden/cloudtrail";
import { levels } from "@streamwarden/sigma";
import * as z from "zod";
import { actorKindWord, credentialWord, mfaWord } from "../wording/words.ts";
import type {
  Alert,
  AlertDelivery,
  AlertDigest,
  AlertIncident,
  AlertKind,
  AlertPolicy,
  AlertRecord,
  RelatedIncident,
} from "./alert.ts";
import {
  type AlertCalls,
  type CallNews,
  type CallTallies,
  type CallTally,
  callFacets,
} from "./alert-calls.ts";
import type { AlertTest } from "./alert-test.ts";

/**
 * Schemas of what we send ourselves. The interfaces in `alert.ts` come first and are what everybody reads; here the
 * compiler keeps the schemas to them: a field or a member of an enum that is missing does not compile, and neither
 * does one that is too wide. Keys that no schema knows are dropped, because whoever may publish to the topic can put
 * anything into a message.
 */
type ShapeOf<T> = { readonly [K in keyof Required<T>]: z.ZodType };

function objectOf<T>() {
  return <S extends ShapeOf<T>>(shape: S & { readonly [K in Exclude<keyof S, keyof T>]: never }) =>
    z.object(shape as S);
}

/** A record with every member as key, whatever its values are: one that is left out does not compile. */
function memberOf<T extends string>(members: Readonly<Record<T, unknown>>) {
  return z.enum(Object.keys(members) as [T, ...T[]]);
}

const texts = z.array(z.string());
const severity = z.enum(levels);

const actorSchema = objectOf<AlertRecord["actor"]>()({
  id: z.string(),
  principal: z.string(),
  person: z.string().exactOptional(),
  session: z.string().exactOptional(),
  kind: memberOf(actorKindWord),
  label: z.string(),
  account: z.string().exactOptional(),
  crossAccount: z.boolean(),
  mfa: memberOf(mfaWord),
  credential: memberOf(credentialWord),
});

const credentialsSchema = objectOf<CredentialFacts>()({
  accessKeyId: z.string().exactOptional(),
  sessionStarted: z.string().exactOptional(),
  sourceIdentity: z.string().exactOptional(),
  credentialId: z.string().exactOptional(),
  invokedBy: z.string().exactOptional(),
});

const recordSchema = objectOf<AlertRecord>()({
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
  credentials: credentialsSchema.exactOptional(),
  vpcEndpoint: z.string().exactOptional(),
  facts: z.array(objectOf<ResourceFact>()({ label: z.string(), value: z.string() })).exactOptional(),
  consequence: z.string().exactOptional(),
  carrier: memberOf<AlertRecord["carrier"]>({ eventbridge: 0, sns: 0, "trail-file": 0, lookup: 0, bare: 0 }),
  reasons: texts,
  times: objectOf<AlertRecord["times"]>()({ called: z.number(), received: z.number(), matched: z.number() }),
});

const policySchema = objectOf<AlertPolicy>()({
  id: z.string(),
  name: z.string(),
  title: z.string(),
  description: z.string().exactOptional(),
  tags: texts,
  references: texts,
  falsePositives: texts,
  runbook: z.string().exactOptional(),
});

const talliesSchema = objectOf<CallTallies>()({
  values: z.array(
    objectOf<CallTally>()({ value: z.string(), count: z.number().exactOptional(), first: z.number() }),
  ),
  more: z.number(),
  isEstimate: z.boolean(),
});

/** Facets that a later release adds are dropped, like all keys that no schema knows. */
const callsSchema = z.object(
  Object.fromEntries(callFacets.map((facet) => [facet, talliesSchema.exactOptional()])),
) as z.ZodType<AlertCalls>;

const incidentSchema = objectOf<AlertIncident>()({
  id: z.string(),
  count: z.number(),
  countIsEstimate: z.boolean(),
  firstTime: z.number(),
  lastTime: z.number(),
  windowStart: z.number(),
  windowEnd: z.number(),
  group: z.array(objectOf<AlertIncident["group"][number]>()({ field: z.string(), value: z.string() })),
  eventIds: texts,
  calls: callsSchema.exactOptional(),
  fired: objectOf<NonNullable<AlertIncident["fired"]>>()({
    at: z.number(),
    when: z.string(),
  }).exactOptional(),
  newsRaised: z.number().exactOptional(),
  related: z
    .array(objectOf<RelatedIncident>()({ id: z.string(), policy: z.string(), severity, since: z.number() }))
    .exactOptional(),
});

export const alertSchema = objectOf<Alert>()({
  id: z.string(),
  kind: memberOf<AlertKind>({ new: 0, update: 0, summary: 0 }),
  delivery: memberOf<AlertDelivery>({ direct: 0, digest: 0 }),
  severity,
  policy: policySchema,
  incident: incidentSchema,
  record: recordSchema,
  news: z.array(objectOf<CallNews>()({ facet: z.enum(callFacets), value: z.string() })).exactOptional(),
  createdAt: z.number(),
  publishedAt: z.number().exactOptional(),
}) satisfies z.ZodType<Alert>;

export const testSchema = objectOf<AlertTest>()({
  id: z.string(),
  severity,
  destinations: texts.exactOptional(),
  createdAt: z.number(),
}) satisfies z.ZodType<AlertTest>;

export const digestSchema = objectOf<AlertDigest>()({
  id: z.string(),
  minuteStart: z.number(),
  direct: z.number(),
  held: z.number(),
  heldIsEstimate: z.boolean(),
  policies: z.array(
    objectOf<AlertDigest["policies"][number]>()({
      name: z.string(),
      title: z.string(),
      severity,
      count: z.number(),
    }),
  ),
  actors: texts,
  accounts: texts,
  regions: texts,
  tactics: texts,
  createdAt: z.number(),
}) satisfies z.ZodType<AlertDigest>;
