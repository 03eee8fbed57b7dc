import { shortDigest } from "@streamwarden/base";
import { type CloudTrailRecord, isObject, type JsonObject, nonEmptyString } from "../record.ts";
import { isWithinDepth } from "./depth.ts";
import { parseEventTime, timeOfExport } from "./event-time.ts";
import { type Rejection, rejection } from "./rejection.ts";

export type DecodedRecord =
  | { readonly outcome: "record"; readonly record: CloudTrailRecord }
  | { readonly outcome: "rejected"; readonly rejection: Rejection };

/**
 * Levels of nesting that a record may have. CloudTrail's own stay far below: the deepest of AWS's published samples nests 9
 * levels. It bounds recursion over a record, and no more: a caller must not be able to hide a call by nesting its request.
 */
export const deepestRecord = 1000;

/** CloudTrail sends GUIDs (36 characters); identifiers go into state keys, so they must stay small. */
const maximumIdLength = 128;
const maximumNameLength = 512;

function rejected(reason: Rejection["reason"], message: string): DecodedRecord {
  return {
    outcome: "rejected",
    rejection: rejection(reason, message),
  };
}

/**
 * One CloudTrail record from an already parsed value, or the reason why it is none. The value itself is returned,
 * untouched, with two exceptions. A record without a usable `eventID` gets one derived from its content, because a record
 * without a key could neither be kept apart nor be dropped. And an error that says nothing (null, or the empty text) is
 * left out: CloudTrail writes none for a call that succeeded, exports of its records do, and every policy asks whether
 * the field is there.
 */
export function decodeRecord(value: unknown): DecodedRecord {
  if (isObject(value) && !isWithinDepth(value, deepestRecord)) {
    return rejected("too-deep", `The record nests deeper than ${deepestRecord} levels.`);
  }
  return decodeShallowRecord(value);
}

/** As `decodeRecord`, for a value whose depth has been checked. */
export function decodeShallowRecord(value: unknown): DecodedRecord {
  if (!isObject(value)) return rejected("not-an-object", "A record must be a JSON object.");

  const eventName = shortName(value.eventName);
  const eventSource = shortName(value.eventSource);
  if (eventName === undefined && eventSource === undefined) {
    return rejectedOrForeign(
      value,
      "no-record",
      "The object has neither eventName nor eventSource, so it is no CloudTrail record.",
    );
  }
  if (eventName === undefined) {
    return rejectedOrForeign(
      value,
      "no-event-name",
      "The record has no usable eventName, so nothing says which call it is about.",
    );
  }
  if (eventSource === undefined) {
    return rejectedOrForeign(
      value,
      "no-event-source",
      "The record has no usable eventSource, so nothing says which service was called.",
    );
  }
  if (Number.isNaN(parseEventTime(value.eventTime))) {
    return rejectedOrForeign(
      value,
      "bad-event-time",
      "The record's eventTime is no UTC time such as 2020-04-02T20:57:46Z.",
    );
  }
  const version = value.eventVersion;
  if (version !== undefined && version !== null && !isVersionOne(version)) {
    return rejectedOrForeign(
      value,
      "unsupported-version",
      "The record's eventVersion is not 1.x, the only major version known.",
    );
  }
  const content = withoutEmptyErrors(value);
  if (isUsableId(content.eventID)) return { outcome: "record", record: content as CloudTrailRecord };
  return {
    outcome: "record",
    record: { ...content, eventID: deriveEventId(content) } as unknown as CloudTrailRecord,
  };
}

/** As `decodeShallowRecord`, for a record of a file: an export may have written its time in another form. */
export function decodeStoredRecord(value: unknown): DecodedRecord {
  const decoded = decodeShallowRecord(value);
  if (decoded.outcome === "record" || decoded.rejection.reason !== "bad-event-time" || !isObject(value))
    return decoded;
  const eventTime = timeOfExport(value.eventTime);
  return eventTime === undefined ? decoded : decodeShallowRecord({ ...value, eventTime });
}

function saysNothing(error: unknown): boolean {
  return error === null || error === "";
}

function withoutEmptyErrors(value: JsonObject): JsonObject {
  if (!saysNothing(value.errorCode) && !saysNothing(value.errorMessage)) return value;
  const { errorCode, errorMessage, ...rest } = value;
  return {
    ...rest,
    ...(errorCode === undefined || saysNothing(errorCode) ? {} : { errorCode }),
    ...(errorMessage === undefined || saysNothing(errorMessage) ? {} : { errorMessage }),
  };
}

function shortName(value: unknown): string | undefined {
  const text = nonEmptyString(value);
  return text !== undefined && text.length <= maximumNameLength ? text : undefined;
}

/** Versions that were read: an account's services write five or six, and every record passes here. */
const knownVersions = new Set<unknown>();
const mostKnownVersions = 64;

function isVersionOne(version: unknown): boolean {
  if (knownVersions.has(version)) return true;
  if (typeof version !== "string" && typeof version !== "number") return false;
  if (!/^1(?:\.\d+)?$/.test(String(version))) return false;
  if (knownVersions.size < mostKnownVersions) knownVersions.add(version);
  return true;
}

/** Printable ASCII without the space. A loop, because for a GUID a regular expression costs twice as much. */
function isUsableId(id: unknown): boolean {
  if (typeof id !== "string" || id === "" || id.length > maximumIdLength) return false;
  for (let at = 0; at < id.length; at += 1) {
    const code = id.charCodeAt(at);
    if (code <= 0x20 || code >= 0x7f) return false;
  }
  return true;
}

/** `sha256-` and the hex digest of the record as JSON with sorted keys: the same for every carrier and key order. */
function deriveEventId(record: JsonObject): string {
  const { eventID: _unusable, ...content } = record;
  return `sha256-${shortDigest(JSON.stringify(sortKeys(content)), 64)}`;
}

/** Recursion is bounded, because the record's depth was checked before. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isObject(value)) return value;
  // Pairs instead of an object: integer-like keys would jump to the front and `__proto__` would be swallowed.
  return Object.keys(value)
    .sort()
    .map((key) => [key, sortKeys(value[key])]);
}

/** A value that lacks what every record has: often it is something else that AWS puts in the same places. */
function rejectedOrForeign(value: JsonObject, reason: Rejection["reason"], message: string): DecodedRecord {
  return {
    outcome: "rejected",
    rejection: recogniseForeign(value) ?? rejection(reason, message),
  };
}

/** What AWS puts beside CloudTrail records in the same places, and what a person should know about it. */
function recogniseForeign(value: JsonObject): Rejection | undefined {
  if (value.eventType === "AwsCloudTrailInsight" || value.eventCategory === "Insight") {
    return rejection("insight-event", "This is a CloudTrail Insights event: it reports a rate, not a call.");
  }
  if ("digestS3Object" in value && Array.isArray(value.logFiles)) {
    return rejection(
      "digest-file",
      "This is a CloudTrail digest file: it lists log files and holds no records.",
    );
  }
  if (isObject(value.s3) || value.Event === "s3:TestEvent") {
    return rejection(
      "storage-notification",
      "This is an S3 notification: it says that a file arrived, but is not the file.",
    );
  }
  return undefined;
}
