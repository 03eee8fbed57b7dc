import type { Tally } from "../read/tally.ts";

/**
 * How long one thread must still have to work for each thread that is started. A thread costs about a second of CPU before
 * it is as fast as the first: it loads the code, compiles the policies and warms up.
 */
const secondsForEach = 2;
/** Before this, the first thread itself is not yet warm, and would seem to have more to do than it has. */
const shortestMeasurement = 1;

/** What was measured of a reading. */
export interface Measured {
  /** Of CPU, for the bytes that were read. */
  readonly seconds: number;
  readonly readBytes: number;
  /** As they are in the files, packed or not. */
  readonly totalBytes: number;
}

/** How many threads the rest of a reading is worth, by what its beginning took on one. */
export function threadsWorth({ seconds, readBytes, totalBytes }: Measured, most: number): number {
  if (seconds < shortestMeasurement || readBytes <= 0) return 1;
  const secondsLeft = (seconds * Math.max(0, totalBytes - readBytes)) / readBytes;
  return Math.max(1, Math.min(most, Math.floor(secondsLeft / secondsForEach)));
}

/**
 * Asks that of a reading that begins now; more than one is the answer from then on. CPU time, because what waits for a disk
 * or for other programs is not made faster by more threads.
 */
export function threadsMeter(tally: Tally, totalBytes: number, most: number): () => number {
  const start = process.cpuUsage();
  let threads = 1;
  return () => {
    if (threads > 1) return threads;
    const { user, system } = process.cpuUsage(start);
    threads = threadsWorth({ seconds: (user + system) / 1e6, readBytes: tally.bytes, totalBytes }, most);
    return threads;
  };
}
