/**
 * Why a body, or one item of a list, is not a CloudTrail record. Stable: dashboards, the `reason` attribute of the
 * dead-letter queue and the operations manual use these words.
 */
export const rejectionReasons = [
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
  "log-control-message",
  "unknown-wrapper",
] as const;

export type RejectionReason = (typeof rejectionReasons)[number];

/**
 * A rejection: a stable reason and one sentence for a person. Of a message the
 * sentence repeats no content; of a file, names of keys at most.
 */
export interface Rejection {
  readonly reason: RejectionReason;
  readonly message: string;
}

export function rejection(reason: RejectionReason, message: string): Rejection {
  return { reason, message };
}
