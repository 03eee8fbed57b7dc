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

/** A contestant whose round is made of short steps. Each step says how many items it did. */
export interface SteppingContestant {
  readonly name: string;
  /** Begins a round. */
  readonly steps: () => Iterator<number> | AsyncIterator<number>;
}

const stepLength = 1000;

/** A round over items in steps of a few milliseconds. */
export function* inSteps<T>(items: readonly T[], each: (item: T) => unknown): Generator<number, undefined> {
  for (let start = 0; start < items.length; start += stepLength) {
    const end = Math.min(start + stepLength, items.length);
    for (let index = start; index < end; index += 1) each(items[index] as T);
    yield end - start;
  }
  return undefined;
}

/**
 * As `race`, with the contestants taking turns after every step: what disturbs the machine for a tenth of a second
 * disturbs all of them. Each in turn is the first to touch a step's input.
 */
export async function raceInSteps(
  contestants: readonly SteppingContestant[],
  rounds: number,
  warmUps = 1,
): Promise<Result[]> {
  const results = contestants.map(({ name }) => ({ name, secondsPerItem: [] as number[] }));
  for (let round = -warmUps; round < rounds; round += 1) {
    const running = contestants.map(({ steps }) => ({
      iterator: steps(),
      seconds: 0,
      items: 0,
      done: false,
    }));
    for (let step = 0; running.some(({ done }) => !done); step += 1) {
      for (let turn = 0; turn < running.length; turn += 1) {
        const one = running[(turn + step) % running.length];
        if (one === undefined || one.done) continue;
        const start = performance.now();
        const { done = false, value } = await one.iterator.next();
        one.seconds += (performance.now() - start) / 1000;
        one.items += value ?? 0;
        one.done = done;
      }
    }
    if (round >= 0) {
      for (const [index, { seconds, items }] of running.entries())
        results[index]?.secondsPerItem.push(seconds / items);
    }
  }
  return results.map((result) => ({ ...result, perSecond: 1 / median(result.secondsPerItem) }));
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
