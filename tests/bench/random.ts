/** Draws whole numbers from 0 up to `below`. */
export type Random = (below: number) => number;

/** A linear congruential generator: the same records on every machine. Its high bits are the random ones. */
export function sequence(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

export function pick<T>(values: readonly [T, ...T[]], next: Random): T {
  return values[next(values.length)] ?? values[0];
}
