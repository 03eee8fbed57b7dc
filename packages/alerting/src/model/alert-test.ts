import type { Severity } from "./alert.ts";

/**
 * A test of the delivery: one message that goes the way of every alert and says that it is none.
 *
 * Why it is not an alert: each field of one would have to be invented (who did it, from where, when), and no text of ours
 * says what did not happen. It belongs to no incident, and nothing of it is stored but what each destination answered.
 */
export interface AlertTest {
  /** `streamwarden-alert-test.<uuid>`. */
  readonly id: string;
  readonly severity: Severity;
  /** Names of the destinations that are to pass it on; all others drop it. Without it: all. */
  readonly destinations?: readonly string[];
  /** Milliseconds since the epoch. A notifier drops a test that comes too late for anybody to wait for it. */
  readonly createdAt: number;
}

/** What its message attributes and its finding name as its policy, so that no policy of a pack can be taken for it. */
export const alertTestPolicy = "streamwarden-alert-test";

/** What every medium says. */
export const alertTestText =
  "This is a test of Streamwarden's alert delivery. Nothing happened. Nobody needs to act.";

export const alertTestTitle = "TEST of Streamwarden's alert delivery";
