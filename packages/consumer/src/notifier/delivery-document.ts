/**
 * What is remembered of one alert and one destination, so that a repeated message is not posted again. An attempt
 * claims the alert before it posts and marks it afterwards. A claim lapses, because its holder may be dead: then the
 * next attempt posts, perhaps for the second time, under the same alert id.
 */
export interface DeliveryDocument {
  readonly state: "claimed" | "released" | "posted";
  /** The attempt that wrote this. */
  readonly attempt: string;
  /** Milliseconds since the epoch; a claim lapses then. */
  readonly claimedUntil: number;
  readonly attempts: number;
}

export const deliveryDocumentKey = (kind: string, destination: string, alertId: string): string =>
  `${kind}#${destination}#${alertId}`;

/** Claims for `attempt` unless it is posted, or claimed by an attempt that may still be at work. */
export const claim =
  (attempt: string, now: number, claimMilliseconds: number) =>
  (current: DeliveryDocument | undefined): DeliveryDocument => {
    if (current?.state === "posted") return current;
    if (current?.state === "claimed" && current.claimedUntil > now) return current;
    return {
      state: "claimed",
      attempt,
      claimedUntil: now + claimMilliseconds,
      attempts: (current?.attempts ?? 0) + 1,
    };
  };

/** Posted is posted, even when the claim lapsed meanwhile and another attempt holds it now. */
export const markPosted =
  (attempt: string) =>
  (current: DeliveryDocument | undefined): DeliveryDocument =>
    current?.state === "posted"
      ? current
      : { state: "posted", attempt, claimedUntil: 0, attempts: current?.attempts ?? 1 };

/** Gives a claim back after a failure, so that the next attempt need not wait until it lapses. */
export const release =
  (attempt: string) =>
  (current: DeliveryDocument | undefined): DeliveryDocument | undefined =>
    current?.state === "claimed" && current.attempt === attempt
      ? { ...current, state: "released", claimedUntil: 0 }
      : current;
