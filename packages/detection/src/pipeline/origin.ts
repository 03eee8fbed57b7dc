import type { AlertRecord } from "@streamwarden/alerting";
import type { RecordOutcome } from "./balance.ts";
import type { Message } from "./context.ts";

/** Where a match or firing comes from: a record of a message in hand, or, for a timer, what was stored of one. */
export interface Origin {
  readonly message: Message;
  /** The eventID as incidents store it: redaction must not part a cause from its message. */
  readonly eventId: string;
  /** What an alert tells of the record, with the reasons of one policy. */
  readonly describe: (reasons: readonly string[]) => AlertRecord;
  /** What became of the record; absent where no record is in hand. */
  readonly outcomes?: Set<RecordOutcome>;
}
