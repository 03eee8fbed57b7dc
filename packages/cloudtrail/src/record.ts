/** A JSON object as `JSON.parse` returns it. */
export type JsonObject = { readonly [key: string]: unknown };

/**
 * One CloudTrail record. Only the four fields that every later step needs are guaranteed (by `decode`);
 * everything else is read defensively, because every string of a record may come from an attacker.
 */
export interface CloudTrailRecord extends JsonObject {
  /** The record's GUID: the key of all idempotency. Derived from the content when CloudTrail sent none. */
  readonly eventID: string;
  /** When the call completed, UTC, ISO 8601 (one-second resolution). Parsable by `eventTimeOf`. */
  readonly eventTime: string;
  /** Such as `ivs.amazonaws.com`. */
  readonly eventSource: string;
  /** The operation, such as `CreateChannel`. */
  readonly eventName: string;
}

/**
 * How a record reached us. `lookup` is a LookupEvents page or item, `bare` a record that stands alone.
 */
export type Carrier = "eventbridge" | "sns" | "trail-file" | "lookup" | "bare";

/** Whether the value is a JSON object (not null, not an array). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value when it is a string with at least one character. */
export function nonEmptyString(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
