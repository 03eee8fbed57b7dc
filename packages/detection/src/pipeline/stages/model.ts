import type { IncidentScope, Progress } from "../../incident/incident.ts";
import type { IncidentEvent } from "../../incident/incident-event.ts";
import type { OutboxEntry } from "../../incident/outbox.ts";
import type { Timer } from "../../timer/timer.ts";
import type { Message, QuarantineReason } from "../context.ts";
import type { Detection } from "../detector.ts";
import type { Origin } from "../origin.ts";

/** How many documents of one batch are changed at a time. */
export const concurrency = 16;

/** A message that is a timer. */
export interface TimerMessage {
  readonly message: Message;
  readonly timer: Timer;
  /** How often it was sent on. */
  readonly hops: number;
}

/** A message that must come again, and why. */
export interface Returned {
  readonly message: Message;
  readonly reason: string;
}

/** A message that no retry can help, and why. */
export interface Rejected {
  readonly message: Message;
  readonly rejection: QuarantineReason;
}

/** What a match or firing adds to its incident. */
export interface Contribution {
  readonly detection: Detection;
  readonly origin: Origin;
  readonly event: IncidentEvent;
}

/** What one batch does to one incident. */
export interface IncidentWork {
  readonly scope: IncidentScope;
  readonly events: readonly (IncidentEvent & { readonly origin: Origin })[];
}

/** An incident that was made durable, and what that made of it. */
export interface MergedIncident {
  readonly work: IncidentWork;
  readonly progress: Progress;
}

/** Outbox entries that this batch leased in one state document, and the messages that wait for them. */
export interface Owed {
  readonly key: string;
  readonly entries: readonly OutboxEntry[];
  readonly messagesOf: (entry: OutboxEntry) => readonly Message[];
}

/** What a timer decided, to be forgotten once it is safe in incidents and windows. */
export interface PendingClosing {
  readonly message: Message;
  finish(): Promise<void>;
}

/**
 * What is owed, each entry once. A timer that came twice in a batch, or together with records of its incident, leases the
 * same entries again, because they are the holder's; all the messages wait for them.
 */
export function owedOnce(all: readonly Owed[]): readonly Owed[] {
  return [...Map.groupBy(all, ({ key }) => key)].map(([key, ones]): Owed => {
    const [only] = ones;
    if (only !== undefined && ones.length === 1) return only;
    const entries = new Map(ones.flatMap((one) => one.entries.map((entry) => [entry.id, entry])));
    return {
      key,
      entries: [...entries.values()],
      messagesOf: (entry) => [...new Set(ones.flatMap((one) => one.messagesOf(entry)))],
    };
  });
}

/** Messages that come again, all for one reason. */
export function returning(messages: readonly Message[], reason: string): readonly Returned[] {
  return messages.map((message) => ({ message, reason }));
}
