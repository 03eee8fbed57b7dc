import type { Correlation } from "../correlation.ts";
import { isFirstOfEvent, type Rows } from "./rows.ts";

/** The value of a window. Rows are added and removed as the window slides, so that no row is visited twice. */
export abstract class Measure {
  protected readonly rows: Rows;
  #low = 0;
  #high = 0;

  constructor(rows: Rows) {
    this.rows = rows;
  }

  /** The value of the window of rows from `low` up to but not including `high`. */
  valueOf(low: number, high: number): number {
    if (low >= this.#high || high <= this.#low) {
      this.clear();
      this.#low = low;
      this.#high = low;
    }
    while (this.#low > low) this.add(--this.#low);
    while (this.#high < high) this.add(this.#high++);
    while (this.#low < low) this.remove(this.#low++);
    while (this.#high > high) this.remove(--this.#high);
    return this.value(low, high);
  }

  protected abstract clear(): void;
  protected abstract add(row: number): void;
  protected abstract remove(row: number): void;
  protected abstract value(low: number, high: number): number;
}

/** The number of events. Without rules and values to tell apart, an event is one row. */
class EventCount extends Measure {
  protected clear(): void {}
  protected add(): void {}
  protected remove(): void {}

  override valueOf(low: number, high: number): number {
    return high - low;
  }

  protected value(low: number, high: number): number {
    return high - low;
  }
}

/** The number of distinct values. */
class ValueCount extends Measure {
  readonly #counts = new Map<string | number, number>();

  protected clear(): void {
    this.#counts.clear();
  }

  protected add(row: number): void {
    this.#change(row, 1);
  }

  protected remove(row: number): void {
    this.#change(row, -1);
  }

  protected value(): number {
    return this.#counts.size;
  }

  #change(row: number, by: number): void {
    const value = this.rows.values?.[row] ?? [];
    for (const each of typeof value === "object" ? value : [value]) {
      const count = (this.#counts.get(each) ?? 0) + by;
      if (count === 0) {
        this.#counts.delete(each);
      } else {
        this.#counts.set(each, count);
      }
    }
  }
}

/** The number of distinct rules, and which they are. */
export class RulesPresent extends Measure {
  readonly #counts: number[] = [];
  #distinct = 0;

  has(rule: number): boolean {
    return (this.#counts[rule] ?? 0) > 0;
  }

  protected clear(): void {
    this.#counts.length = 0;
    this.#distinct = 0;
  }

  protected add(row: number): void {
    const rule = this.rows.rules?.[row] ?? 0;
    const before = this.#counts[rule] ?? 0;
    this.#counts[rule] = before + 1;
    this.#distinct += before === 0 ? 1 : 0;
  }

  protected remove(row: number): void {
    const rule = this.rows.rules?.[row] ?? 0;
    const after = (this.#counts[rule] ?? 0) - 1;
    this.#counts[rule] = after;
    this.#distinct -= after === 0 ? 1 : 0;
  }

  protected value(): number {
    return this.#distinct;
  }
}

/** The numbers that a row adds; an event that matched several rules adds its numbers once. */
function numbersOf(rows: Rows, row: number): readonly number[] {
  const value = rows.values?.[row] ?? [];
  return isFirstOfEvent(rows, row)
    ? ((typeof value === "object" ? value : [value]) as readonly number[])
    : [];
}

/**
 * The sum or the mean. Computed anew for each window, oldest first: a sliding sum rounds differently depending on where it
 * began, and the same events must always give the same number.
 */
class Sum extends Measure {
  readonly #isMean: boolean;

  constructor(rows: Rows, isMean: boolean) {
    super(rows);
    this.#isMean = isMean;
  }

  protected clear(): void {}
  protected add(): void {}
  protected remove(): void {}

  protected value(low: number, high: number): number {
    let sum = 0;
    let count = 0;
    for (let row = low; row < high; row++) {
      for (const number of numbersOf(this.rows, row)) {
        sum += number;
        count++;
      }
    }
    return this.#isMean ? sum / count : sum;
  }
}

/** A percentile with linear interpolation between the two nearest ranks (C = 1, as spreadsheets and NumPy do). */
class Percentile extends Measure {
  readonly #percentile: number;
  readonly #sorted: number[] = [];

  constructor(rows: Rows, percentile: number) {
    super(rows);
    this.#percentile = percentile;
  }

  protected clear(): void {
    this.#sorted.length = 0;
  }

  protected add(row: number): void {
    for (const number of numbersOf(this.rows, row)) {
      this.#sorted.splice(this.#placeOf(number), 0, number);
    }
  }

  protected remove(row: number): void {
    for (const number of numbersOf(this.rows, row)) {
      this.#sorted.splice(this.#placeOf(number), 1);
    }
  }

  protected value(): number {
    const rank = (this.#percentile / 100) * (this.#sorted.length - 1);
    const below = this.#sorted[Math.floor(rank)] ?? Number.NaN;
    const above = this.#sorted[Math.ceil(rank)] ?? Number.NaN;
    return below + (above - below) * (rank - Math.floor(rank));
  }

  #placeOf(number: number): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] ?? 0) < number) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}

/** What a correlation measures of its windows. For temporal_ordered: the rules present, in any order. */
export function measureOf({ type, condition }: Correlation, rows: Rows): Measure {
  switch (type) {
    case "event_count":
      return new EventCount(rows);
    case "value_count":
      return new ValueCount(rows);
    case "value_sum":
    case "value_avg":
      return new Sum(rows, type === "value_avg");
    case "value_percentile":
    case "value_median":
      return new Percentile(rows, condition.kind === "threshold" ? condition.percentile : 50);
    case "temporal":
    case "temporal_ordered":
      return new RulesPresent(rows);
  }
}
