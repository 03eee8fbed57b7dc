import { setTimeout as sleepFor } from "node:timers/promises";

/** Where time comes from. Injected wherever time decides something, so that tests own it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/** A clock that can also be waited on: for what pauses between attempts. */
export interface SleepingClock extends Clock {
  sleep(milliseconds: number): Promise<void>;
}

/** The machine's own clock. */
export const systemClock: SleepingClock = {
  now: () => Date.now(),
  sleep: async (milliseconds) => {
    await sleepFor(milliseconds);
  },
};
