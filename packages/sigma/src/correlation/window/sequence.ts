import type { Correlation } from "../correlation.ts";
import { isFirstOfEvent, type Rows } from "./rows.ts";
import { spanMilliseconds } from "./window.ts";

/**
 * Which steps of a temporal_ordered correlation can be taken in order inside each window, one event for each step.
 *
 * One pass answers for all windows. For every set of steps it keeps the latest time at which a run through exactly
 * those steps could have begun; a window has the run when that time is not before the window begins. Events of one
 * second are one bucket: they may be taken in any order, but each of them for one step only.
 *
 * A correlation that looks forward is the same thing in a mirror: time and steps run backwards.
 *
 * @param times Ascending. `visit` gets each of them once, with the sets as bit masks over the steps (bit 0 = first).
 */
export function visitRuns(
  correlation: Correlation,
  rows: Rows,
  times: readonly number[],
  visit: (time: number, runs: readonly number[]) => void,
): void {
  const { steps, isMonotone } = correlation;
  const span = spanMilliseconds(correlation);
  const direction = isMonotone ? 1 : -1;
  const runs = new Runs(steps, correlation.rules.length, isMonotone);
  const last = rows.times.length;
  let row = isMonotone ? 0 : last - 1;
  for (const time of isMonotone ? times : times.toReversed()) {
    const from = (time - direction * span) * direction;
    while (row >= 0 && row < last && (rows.times[row] ?? 0) * direction <= time * direction) {
      const end = bucketEnd(rows, row, direction);
      const bucketTime = (rows.times[row] ?? 0) * direction;
      if (bucketTime >= from) {
        runs.extend(bucketTime, eventMasks(rows, Math.min(row, end + 1), Math.max(row + 1, end), runs.masks));
      }
      row = end;
    }
    visit(time, runs.since(from));
  }
}

/** The first row beyond the bucket of `row`, in the direction of the walk. */
function bucketEnd({ times }: Rows, row: number, direction: number): number {
  let end = row;
  while (times[end] === times[row] && end >= 0 && end < times.length) {
    end += direction;
  }
  return end;
}

/** For each event of the rows, the steps it could serve. */
function eventMasks(rows: Rows, low: number, high: number, masks: readonly number[]): number[] {
  const found: number[] = [];
  for (let row = low; row < high; row++) {
    const mask = masks[rows.rules?.[row] ?? 0] ?? 0;
    const isSameEvent = row > low && !isFirstOfEvent(rows, row);
    found.push(isSameEvent ? (found.pop() ?? 0) | mask : mask);
  }
  return found;
}

class Runs {
  /** For each rule, the steps that ask for it. */
  readonly masks: readonly number[];
  readonly #latestStart: Float64Array;
  readonly #stepCount: number;
  readonly #isMirrored: boolean;

  constructor(steps: readonly number[], ruleCount: number, isForward: boolean) {
    this.#stepCount = steps.length;
    this.#isMirrored = !isForward;
    const masks = new Array<number>(ruleCount).fill(0);
    steps.forEach((rule, step) => {
      masks[rule] = (masks[rule] ?? 0) | (1 << this.#bit(step));
    });
    this.masks = masks;
    this.#latestStart = new Float64Array(2 ** steps.length).fill(-Infinity);
    this.#latestStart[0] = Infinity;
  }

  /** Takes a bucket of events further on. */
  extend(time: number, masks: readonly number[]): void {
    const servable = servableSets(masks, this.#stepCount);
    // From the largest set down: a set is extended into larger ones, so none is extended twice by one bucket.
    for (let taken = this.#latestStart.length - 1; taken >= 0; taken--) {
      const start = Math.min(this.#latestStart[taken] ?? -Infinity, time);
      if (start === -Infinity) {
        continue;
      }
      for (const next of servable) {
        const isLater = (next & -next) > taken;
        if (isLater && start > (this.#latestStart[taken | next] ?? 0)) {
          this.#latestStart[taken | next] = start;
        }
      }
    }
  }

  /** The sets of steps with a run that began no earlier than `from`. */
  since(from: number): number[] {
    const found: number[] = [];
    for (let taken = 0; taken < this.#latestStart.length; taken++) {
      if ((this.#latestStart[taken] ?? -Infinity) >= from) {
        found.push(this.#isMirrored ? this.#mirror(taken) : taken);
      }
    }
    return found;
  }

  #bit(step: number): number {
    return this.#isMirrored ? this.#stepCount - 1 - step : step;
  }

  #mirror(taken: number): number {
    let mirrored = 0;
    for (let step = 0; step < this.#stepCount; step++) {
      mirrored |= ((taken >> this.#bit(step)) & 1) << step;
    }
    return mirrored;
  }
}

/** The non-empty sets of steps that events can serve, each event at most one step. */
function servableSets(masks: readonly number[], stepCount: number): number[] {
  const [only = 0] = masks;
  const isOneStep = (only & -only) === only && masks.every((mask) => mask === only);
  if (masks.length === 1 || isOneStep) {
    return bitsOf(only);
  }
  const copies = new Map<number, number>();
  const seen = new Set<number>([0]);
  for (const mask of masks) {
    const bits = bitsOf(mask);
    const before = copies.get(mask) ?? 0;
    copies.set(mask, before + 1);
    // More events of a kind than steps for them add nothing.
    if (before < bits.length && seen.size < 2 ** stepCount) {
      for (const set of [...seen]) {
        for (const bit of bits) {
          seen.add(set | bit);
        }
      }
    }
  }
  seen.delete(0);
  return [...seen];
}

function bitsOf(mask: number): number[] {
  const bits: number[] = [];
  for (let rest = mask; rest !== 0; rest &= rest - 1) {
    bits.push(rest & -rest);
  }
  return bits;
}

/** The number of steps in a set. */
export function stepCountOf(set: number): number {
  return bitsOf(set).length;
}
