/**
 * Why a body, or one item of a list, is not a CloudTrail record. Stable: dashboards, the `reason` attribute of the
 * dead-letter queue and the operations manual use these words.
 */
export const refusalReasons = [
  "empty",
  "too-large",
  "too-large-uncompressed",
  "too-deep",
  "not-json",
  "damaged-gzip",
  "not-an-object",
  "no-record",
  "no-event-name",
  "no-event-source",
  "bad-event-time",
  "unsupported-version",
  "insight-event",
  "digest-file",
  "storage-notification",
  "sns-control-message",
  "foreign-event",
] as const;

export type RefusalReason = (typeof refusalReasons)[number];

/** A refusal: a stable reason and one sentence for a person. The sentence never repeats content of the body. */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly message: string;
}

export const refusal = (reason: RefusalReason, message: string): Refusal => ({ reason, message });
