import type { Correlation } from "../correlation.ts";
import { endAt, firstFrom, type Rows } from "./rows.ts";

export function spanMilliseconds({ timespanSeconds }: Correlation): number {
  return timespanSeconds * 1000;
}

/**
 * The window of an event at `time`, both ends closed: back from it where the correlation fires at once, else forward.
 */
export function windowTimes(
  correlation: Correlation,
  time: number,
): { readonly from: number; readonly to: number } {
  const span = spanMilliseconds(correlation);
  return correlation.isMonotone ? { from: time - span, to: time } : { from: time, to: time + span };
}

/** The rows of that window: from `low` up to but not including `high`. */
export function windowAt(
  correlation: Correlation,
  { times }: Rows,
  time: number,
): { readonly low: number; readonly high: number } {
  const { from, to } = windowTimes(correlation, time);
  return { low: firstFrom(times, from), high: endAt(times, to) };
}

/** The distinct times of rows, ascending, from row `low` up to but not including `high`. */
export function distinctTimes({ times }: Rows, low: number, high: number): number[] {
  const found: number[] = [];
  for (let row = low; row < high; row++) {
    const time = times[row] ?? 0;
    if (found.at(-1) !== time) {
      found.push(time);
    }
  }
  return found;
}
