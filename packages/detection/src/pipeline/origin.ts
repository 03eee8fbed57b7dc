import type { AlertRecord } from "@streamwarden/alerting";
import type { Carrier, CloudTrailRecord } from "@streamwarden/cloudtrail";
import type { Call } from "../calls/call.ts";
import type { Message } from "./context.ts";

/** A record on its way through a batch. */
export interface Sighting {
  readonly message: Message;
  readonly record: CloudTrailRecord;
  readonly carrier: Carrier;
}

/** Where a match or firing comes from: a record of a message in hand, or, for a timer, what was stored of one. */
export interface Origin {
  readonly message: Message;
  /** The eventID as incidents store it: redaction must not part a cause from its message. */
  readonly eventId: string;
  /** What an alert tells of the record, with the reasons of one policy. */
  readonly describe: (reasons: readonly string[]) => AlertRecord;
  /** What incidents and windows remember of the call. */
  readonly call: () => Call;
  /** The record in hand, where there is one: what becomes of it is counted. */
  readonly sighting?: Sighting;
}
