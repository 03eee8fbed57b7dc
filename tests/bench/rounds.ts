/** One contestant: does its job once over all its input and says how many items that were. */
export interface Contestant {
  readonly name: string;
  readonly run: () => number | Promise<number>;
}

export interface Result {
  readonly name: string;
  /** Items per second: the median of all rounds. */
  readonly perSecond: number;
  /** Seconds for one item, by round. */
  readonly secondsPerItem: readonly number[];
}

/** How the time of one contestant relates to another's, round by round. */
export interface Ratio {
  readonly median: number;
  readonly smallest: number;
  readonly largest: number;
}

/**
 * Runs the contestants in turn, round after round, so that a machine whose speed drifts slows all of them alike.
 * Compare them within each round (`ratioOf`), never across.
 */
export async function race(
  contestants: readonly Contestant[],
  rounds: number,
  warmUps = 1,
): Promise<Result[]> {
  const seconds = contestants.map((): number[] => []);
  for (let round = -warmUps; round < rounds; round += 1) {
    for (const [index, contestant] of contestants.entries()) {
      globalThis.gc?.();
      const start = performance.now();
      const items = await contestant.run();
      const took = (performance.now() - start) / 1000;
      if (round >= 0) seconds[index]?.push(took / items);
    }
  }
  return contestants.map(({ name }, index) => {
    const own = seconds[index] ?? [];
    return { name, perSecond: 1 / median(own), secondsPerItem: own };
  });
}

/** Time for one item of `result` as a multiple of the time for one item of `yardstick`. */
export function ratioOf(result: Result, yardstick: Result): Ratio {
  const ratios = result.secondsPerItem.map((took, round) => took / (yardstick.secondsPerItem[round] ?? took));
  return { median: median(ratios), smallest: Math.min(...ratios), largest: Math.max(...ratios) };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
