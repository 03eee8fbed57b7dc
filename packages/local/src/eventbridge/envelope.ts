import { randomUUID } from "node:crypto";
import { apiCallDetailType } from "@streamwarden/capture";
import { jsonForSqs } from "../sqs/json-text.ts";

/** The event as EventBridge hands it to targets. */
interface Envelope {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** An envelope and its JSON, in which the detail stands as the sender wrote it. */
export interface SealedEnvelope {
  readonly envelope: Envelope;
  readonly json: string;
}

export interface PutEntry {
  readonly Time?: number;
  readonly Source?: string;
  readonly Resources?: readonly string[];
  readonly DetailType?: string;
  readonly Detail?: string;
  readonly EventBusName?: string;
}

export interface EntryError {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

/** Size as EventBridge counts it: Time is 14 bytes, the texts are their UTF-8. */
export function entryBytes(entry: PutEntry): number {
  const bytes = (text: string | undefined): number => (text === undefined ? 0 : Buffer.byteLength(text));
  const resources = (entry.Resources ?? []).reduce((sum, resource) => sum + bytes(resource), 0);
  return (
    (entry.Time === undefined ? 0 : 14) +
    bytes(entry.Source) +
    bytes(entry.DetailType) +
    bytes(entry.Detail) +
    resources
  );
}

/**
 * Builds the envelope of a put entry, or says why the entry is rejected.
 *
 * A CloudTrail record as detail gives the envelope its account, region and time, as in AWS's own delivery; without
 * that, replayed samples would all claim to come from the local account. Everything else takes the local ones.
 */
export function envelopeOf(
  entry: PutEntry,
  local: { readonly account: string; readonly region: string },
): SealedEnvelope | EntryError {
  if (!entry.Source)
    return rejected(
      "InvalidArgument",
      "Parameter Source is not valid. Reason: Source is a required argument.",
    );
  if (!entry.DetailType) {
    return rejected(
      "InvalidArgument",
      "Parameter DetailType is not valid. Reason: DetailType is a required argument.",
    );
  }
  if (!entry.Detail)
    return rejected(
      "InvalidArgument",
      "Parameter Detail is not valid. Reason: Detail is a required argument.",
    );
  let detail: unknown;
  try {
    detail = JSON.parse(entry.Detail);
  } catch {
    return rejected("MalformedDetail", "Detail is malformed.");
  }
  if (typeof detail !== "object" || detail === null || Array.isArray(detail)) {
    return rejected("MalformedDetail", "Detail is malformed.");
  }
  const record = entry.DetailType === apiCallDetailType ? (detail as Record<string, unknown>) : {};
  const text = (value: unknown, pattern: RegExp): string | undefined =>
    typeof value === "string" && pattern.test(value) ? value : undefined;
  const eventTime = text(record.eventTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  const putTime = new Date(entry.Time === undefined ? Date.now() : entry.Time * 1_000).toISOString();
  const head = {
    version: "0" as const,
    id: randomUUID(),
    "detail-type": entry.DetailType,
    source: entry.Source,
    account: text(record.recipientAccountId, /^\d{12}$/) ?? local.account,
    time: (entry.Time === undefined ? eventTime : undefined) ?? putTime.replace(/\.\d{3}Z$/, "Z"),
    region: text(record.awsRegion, /^[a-z]{2}(-[a-z]+)+-\d$/) ?? local.region,
    resources: entry.Resources ?? [],
  };
  return {
    envelope: { ...head, detail: detail as Record<string, unknown> },
    json: jsonForSqs(`${JSON.stringify(head).slice(0, -1)},"detail":${entry.Detail}}`),
  };
}

function rejected(ErrorCode: string, ErrorMessage: string): EntryError {
  return { ErrorCode, ErrorMessage };
}
