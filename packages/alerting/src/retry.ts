import { type SleepingClock, systemClock } from "@streamwarden/base";
import { PublishError } from "./errors.ts";

export interface RetryOptions {
  /** How often to try in all. Default 3. */
  readonly maximumAttempts?: number;
  readonly clock?: SleepingClock;
  /** From 0 up to, not including, 1. */
  readonly random?: () => number;
}

const baseMilliseconds = 200;
const capMilliseconds = 2000;
/** A receiver that asks for more patience than this gets it from the queue, not from a waiting consumer. */
const longestRetryAfterSeconds = 5;

/**
 * Runs `attempt` until it succeeds, fails with an error that waiting cannot cure, or has been tried often enough.
 * Waits a random time below an exponentially growing bound ("full jitter"), so that many consumers which failed
 * together do not return together; a receiver's Retry-After is kept to.
 *
 * @throws PublishError of the last attempt.
 */
export async function retrying<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { maximumAttempts = 3, clock = systemClock, random = Math.random } = options;
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof PublishError) || !error.retryable || tried >= maximumAttempts) throw error;
      const asked = error.retryAfterSeconds ?? 0;
      if (asked > longestRetryAfterSeconds) throw error;
      const bound = Math.min(capMilliseconds, baseMilliseconds * 2 ** (tried - 1));
      await clock.sleep(asked * 1000 + random() * bound);
    }
  }
}
