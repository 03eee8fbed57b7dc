/** One contestant: does the same job once over all its input and says how many items that were. */
export interface Contestant {
  readonly name: string;
  readonly run: () => number | Promise<number>;
}

export interface Result {
  readonly name: string;
  /** Items per second: the median of all rounds. */
  readonly perSecond: number;
  /** Time of this contestant over the time of the first, round by round: the median. */
  readonly ratio: number;
  readonly smallestRatio: number;
  readonly largestRatio: number;
}

/**
 * Runs the contestants in turn, round after round, so that a machine whose speed drifts slows all of them alike,
 * and compares them within each round. The first contestant is the yardstick.
 */
export async function race(contestants: readonly Contestant[], rounds = 9, warmUps = 2): Promise<Result[]> {
  const seconds = contestants.map((): number[] => []);
  const items = contestants.map(() => 0);
  for (let round = -warmUps; round < rounds; round += 1) {
    for (const [index, contestant] of contestants.entries()) {
      globalThis.gc?.();
      const start = performance.now();
      items[index] = await contestant.run();
      const took = (performance.now() - start) / 1000;
      if (round >= 0) seconds[index]?.push(took);
    }
  }
  const yardstick = seconds[0] ?? [];
  return contestants.map(({ name }, index) => {
    const own = seconds[index] ?? [];
    const ratios = own.map((took, round) => took / (yardstick[round] ?? took));
    return {
      name,
      perSecond: (items[index] ?? 0) / median(own),
      ratio: median(ratios),
      smallestRatio: Math.min(...ratios),
      largestRatio: Math.max(...ratios),
    };
  });
}

export function table(results: readonly Result[], unit: string): string {
  const rows = results.map(({ name, perSecond, ratio, smallestRatio, largestRatio }) => [
    name,
    `${Math.round(perSecond).toLocaleString("en-US")} ${unit}/s`,
    `${ratio.toFixed(2)} x`,
    `(${smallestRatio.toFixed(2)} to ${largestRatio.toFixed(2)})`,
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows
    .map(([name = "", ...numbers]) =>
      [
        name.padEnd(widths[0] ?? 0),
        ...numbers.map((text, index) => text.padStart(widths[index + 1] ?? 0)),
      ].join("  "),
    )
    .join("\n");
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
