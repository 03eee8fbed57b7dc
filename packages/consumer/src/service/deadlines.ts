import type { TimeBudget } from "@streamwarden/detection";

/** How the time of one batch is shared out, so that its host hears of every message before its own time is up. */
export interface Deadlines {
  /** For the pipeline. What is unfinished then is returned. */
  readonly work: TimeBudget;
  /** For the markers of attempts, once the work is done. */
  readonly closing: TimeBudget;
  /** For the pauses of what is returned. */
  readonly postponing: AbortSignal;
}

/** What a batch needs after its work: closing attempts, postponing, and the answer, a third each. */
const longestReserveMilliseconds = 6000;
const shareOfReserve = 0.4;
/** A call that hangs may take a quarter, so that the batch goes on without what depended on it. */
const callsThatMayHang = 4;

export interface Shares {
  readonly callMilliseconds: number;
  readonly workMilliseconds: number;
  readonly closingMilliseconds: number;
  readonly postponingMilliseconds: number;
}

/** When each part of a batch ends, from the time that is left for all of it. Pure. */
export function sharesOf(remainingMilliseconds: number): Shares {
  const remaining = Math.max(0, remainingMilliseconds);
  const reserve = Math.min(longestReserveMilliseconds, remaining * shareOfReserve);
  const workMilliseconds = remaining - reserve;
  return {
    callMilliseconds: workMilliseconds / callsThatMayHang,
    workMilliseconds,
    closingMilliseconds: workMilliseconds + reserve / 3,
    postponingMilliseconds: workMilliseconds + (reserve * 2) / 3,
  };
}

/**
 * @param remainingMilliseconds how long the host leaves the batch
 * @param stopped ends the work early, when the host is about to stop
 */
export function deadlinesWithin(remainingMilliseconds: number, stopped?: AbortSignal): Deadlines {
  const shares = sharesOf(remainingMilliseconds);
  const worked = AbortSignal.timeout(Math.floor(shares.workMilliseconds));
  const { callMilliseconds } = shares;
  return {
    work: {
      signal: stopped === undefined ? worked : AbortSignal.any([worked, stopped]),
      callMilliseconds,
    },
    closing: { signal: AbortSignal.timeout(Math.floor(shares.closingMilliseconds)), callMilliseconds },
    postponing: AbortSignal.timeout(Math.floor(shares.postponingMilliseconds)),
  };
}
