import type { Alert } from "@streamwarden/alerting";
import type { IncidentTimer } from "../timer/timer.ts";

/** Who works on an entry now. A lease lapses, because its holder may be dead; then another may take over. */
export interface Lease {
  /** The holder: one batch in one process. */
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/**
 * Something a state document owes the world: an alert to be published or a timer to be scheduled. Why an outbox: it is
 * written in the same update as the change that made it due and removed once it is done, so a crash at any moment
 * leaves it to whoever comes next, under the same id and with the same text.
 */
export interface OutboxEntry {
  readonly id: string;
  /** The eventID whose message must not be acknowledged before this entry is done. */
  readonly cause: string;
  readonly due:
    | { readonly kind: "alert"; readonly alert: Alert }
    | { readonly kind: "timer"; readonly timer: IncidentTimer };
  readonly lease?: Lease;
}

/** What leasing an outbox gives. */
export interface Leased {
  readonly outbox: readonly OutboxEntry[];
  /** Leased now: to be done by the holder. */
  readonly owed: readonly OutboxEntry[];
  /** Caused by the holder's records but being done by somebody else: their messages must wait. */
  readonly elsewhere: readonly OutboxEntry[];
}

/** Leases every entry that is free, whose lease lapsed, or that is the holder's already. Pure. */
export function leaseEntries(
  outbox: readonly OutboxEntry[],
  work: { readonly lease: Lease; readonly now: number; readonly causes: ReadonlySet<string> },
): Leased {
  const owed: OutboxEntry[] = [];
  const elsewhere: OutboxEntry[] = [];
  const next = outbox.map((entry) => {
    const held =
      entry.lease !== undefined && entry.lease.by !== work.lease.by && entry.lease.until > work.now;
    if (held) {
      if (work.causes.has(entry.cause)) elsewhere.push(entry);
      return entry;
    }
    const leased = { ...entry, lease: work.lease };
    owed.push(leased);
    return leased;
  });
  return { outbox: owed.length === 0 ? outbox : next, owed, elsewhere };
}

/**
 * Removes what is done and gives back what the holder could not do, so that the next attempt need not wait for the
 * lease to lapse. Pure; returns the same outbox when nothing changes.
 */
export function settleEntries(
  outbox: readonly OutboxEntry[],
  holder: string,
  done: ReadonlySet<string>,
): readonly OutboxEntry[] {
  if (!outbox.some((entry) => done.has(entry.id) || entry.lease?.by === holder)) return outbox;
  return outbox
    .filter((entry) => !done.has(entry.id))
    .map((entry) => {
      if (entry.lease?.by !== holder) return entry;
      return { id: entry.id, cause: entry.cause, due: entry.due };
    });
}
