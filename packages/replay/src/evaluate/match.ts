import { type CloudTrailRecord, redactText } from "@streamwarden/cloudtrail";

/** One policy that is true of one record. Texts are redacted and cut, and still hostile: escape them to show them. */
export interface Match {
  /** Position among the policies of the replay. */
  readonly policy: number;
  readonly eventID: string;
  readonly eventTime: string;
  readonly eventSource: string;
  readonly eventName: string;
  /** The actor's id. */
  readonly actor: string;
  readonly sourceIPAddress: string | null;
  readonly file: string;
  /** The number of the record in its file, from 1. */
  readonly record: number;
}

const longestText = 512;

export function matchOf(
  policy: number,
  record: CloudTrailRecord,
  actorId: string,
  file: string,
  number: number,
): Match {
  const { sourceIPAddress } = record;
  return {
    policy,
    eventID: shown(record.eventID),
    eventTime: record.eventTime,
    eventSource: shown(record.eventSource),
    eventName: shown(record.eventName),
    actor: shown(actorId),
    sourceIPAddress: typeof sourceIPAddress === "string" ? shown(sourceIPAddress) : null,
    file,
    record: number,
  };
}

/** Text of a record that may be written out. Redacted before it is cut, so that no half of a secret is left. */
export function shown(text: string): string {
  const redacted = redactText(text.slice(0, 8 * longestText));
  return redacted.length <= longestText ? redacted : `${redacted.slice(0, longestText - 1)}…`;
}
