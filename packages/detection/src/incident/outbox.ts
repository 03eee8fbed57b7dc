import type { Alert } from "@streamwarden/alerting";

/** Who is working on an entry now; another may take over after `until` (milliseconds since the epoch). */
export interface Claim {
  readonly by: string;
  readonly until: number;
}

/**
 * Something a state document owes the world: an alert to be published or a timer to be scheduled. It is written
 * in the same update as the change that made it due, and removed once it is done.
 */
export interface OutboxEntry {
  readonly id: string;
  /** The eventID whose message must not be acknowledged before this entry is done. */
  readonly cause: string;
  readonly due:
    | { readonly kind: "alert"; readonly alert: Alert }
    /** A summary is considered at `at`, milliseconds since the epoch. */
    | { readonly kind: "wake-up"; readonly at: number };
  readonly claim?: Claim;
}

export interface Claims {
  readonly outbox: readonly OutboxEntry[];
  /** Claimed now: to be done by the claimant. */
  readonly owed: readonly OutboxEntry[];
  /** Caused by the claimant's records but being done by somebody else: their messages must wait. */
  readonly elsewhere: readonly OutboxEntry[];
}

/** Claims every entry that is free, whose claim lapsed, or that is the claimant's already. Pure. */
export function claimEntries(
  outbox: readonly OutboxEntry[],
  work: { readonly claim: Claim; readonly now: number; readonly causes: ReadonlySet<string> },
): Claims {
  const owed: OutboxEntry[] = [];
  const elsewhere: OutboxEntry[] = [];
  const next = outbox.map((entry) => {
    const held =
      entry.claim !== undefined && entry.claim.by !== work.claim.by && entry.claim.until > work.now;
    if (held) {
      if (work.causes.has(entry.cause)) elsewhere.push(entry);
      return entry;
    }
    const claimed = { ...entry, claim: work.claim };
    owed.push(claimed);
    return claimed;
  });
  return { outbox: owed.length === 0 ? outbox : next, owed, elsewhere };
}

/**
 * Removes what is done and gives back what the claimant could not do, so that the next attempt need not wait for
 * the claim to lapse. Pure; returns the same outbox when nothing changes.
 */
export function settleEntries(
  outbox: readonly OutboxEntry[],
  claimant: string,
  done: ReadonlySet<string>,
): readonly OutboxEntry[] {
  if (!outbox.some((entry) => done.has(entry.id) || entry.claim?.by === claimant)) return outbox;
  return outbox
    .filter((entry) => !done.has(entry.id))
    .map((entry) => {
      if (entry.claim?.by !== claimant) return entry;
      return { id: entry.id, cause: entry.cause, due: entry.due };
    });
}
