import { DocumentKind, formatReader } from "@streamwarden/detection";
import * as z from "zod";

/**
 * What is remembered of one alert and one destination, so that a repeated message is not posted again. Why a lease and
 * a mark: an attempt leases the alert before it posts and marks it afterwards. A lease lapses, because its holder may
 * be dead; then the next attempt posts, perhaps for the second time, under the same alert id.
 */
export interface DeliveryDocument {
  readonly state: "leased" | "released" | "posted";
  /** The attempt that wrote this. */
  readonly attempt: string;
  /** Milliseconds since the epoch; a lease lapses then. */
  readonly leasedUntil: number;
  readonly attempts: number;
}

export function deliveryDocumentKey(kind: string, destination: string, alertId: string): string {
  return `${kind}#${destination}#${alertId}`;
}

/** Formats 1 and 2: `claimed` is the word of the first release, which reads format 2 as well. */
const deliverySchema = z.object({
  state: z.enum(["claimed", "released", "posted"]),
  attempt: z.string(),
  claimedUntil: z.number(),
  attempts: z.number(),
});

const read = formatReader(
  deliverySchema,
  ({ state, attempt, claimedUntil, attempts }): DeliveryDocument => ({
    state: state === "claimed" ? "leased" : state,
    attempt,
    leasedUntil: claimedUntil,
    attempts,
  }),
);

export const deliveryDocuments: DocumentKind<DeliveryDocument> = new DocumentKind({
  name: "delivery",
  format: 2,
  readableSince: 1,
  readers: { 1: read, 2: read },
  encode: ({ state, attempt, leasedUntil, attempts }) => ({
    state: state === "leased" ? "claimed" : state,
    attempt,
    claimedUntil: leasedUntil,
    attempts,
  }),
});

/** Leases for `attempt` unless it is posted, or leased by an attempt that may still be at work. */
export function lease(attempt: string, now: number, leaseMilliseconds: number) {
  return (current: DeliveryDocument | undefined): DeliveryDocument => {
    if (current?.state === "posted") return current;
    if (current?.state === "leased" && current.leasedUntil > now) return current;
    return {
      state: "leased",
      attempt,
      leasedUntil: now + leaseMilliseconds,
      attempts: (current?.attempts ?? 0) + 1,
    };
  };
}

/** Posted is posted, even when the lease lapsed meanwhile and another attempt holds it now. */
export function markPosted(attempt: string) {
  return (current: DeliveryDocument | undefined): DeliveryDocument =>
    current?.state === "posted"
      ? current
      : { state: "posted", attempt, leasedUntil: 0, attempts: current?.attempts ?? 1 };
}

/** Gives a lease back after a failure, so that the next attempt need not wait until it lapses. */
export function release(attempt: string) {
  return (current: DeliveryDocument | undefined): DeliveryDocument | undefined =>
    current?.state === "leased" && current.attempt === attempt
      ? { ...current, state: "released", leasedUntil: 0 }
      : current;
}
