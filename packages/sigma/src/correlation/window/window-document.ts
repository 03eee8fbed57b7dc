import { SigmaError } from "../../errors.ts";
import { type Correlation, mostEntries, referenceOf } from "../correlation.ts";
import { isTemporal } from "../correlation-type.ts";
import type { Entry } from "./entries.ts";
import type { GroupValue } from "./group.ts";
import { compareRows, firstFrom, type Row, type Rows, type RowValue, rowAt, rowBytes } from "./rows.ts";
import { spanMilliseconds } from "./window.ts";

/**
 * All that is stored of one correlation and one group: plain JSON, at most about 280 KB, so that it fits into a DynamoDB item.
 *
 * The engine has no memory of its own. The host stores this document where it likes, and several hosts may work on it one
 * after another, because it is a pure function of the set of entries that were added within the allowed lateness: order and
 * repetition leave no trace in it. At its bound the oldest events are let go, and `truncated` says so, so that a count
 * is never passed off as complete.
 */
export interface WindowDocument extends Rows {
  readonly group: readonly GroupValue[];
  /** Which correlation can read it. */
  readonly shape: string;
  /** The bytes that the rows take as JSON. */
  readonly bytes: number;
  /** Windows that ended before this were decided. Only where the correlation waits for complete windows. */
  readonly closedBefore?: number;
  /**
   * Present while a window may lack entries because the document reached its bound: everything up to and including
   * this event was let go. Counts are then lower bounds.
   */
  readonly truncated?: { readonly time: number; readonly id: string };
}

/** How much a window may hold, and how long it waits for late events. */
export interface WindowOptions {
  /** How late an event may arrive without changing any answer. Default: 900 (15 minutes). */
  readonly allowedLatenessSeconds?: number;
  /** Default: 2,000 events, or values where one event has several. Smaller bounds are for tests. */
  readonly maxEntries?: number;
  /** The most that the rows may take as JSON. Default: 250,000 bytes. */
  readonly maxBytes?: number;
  /**
   * The time now, in milliseconds since the epoch, where there is one (a replay has none). An event from further in
   * the future than the allowed lateness is kept, but does not make others too old.
   */
  readonly now?: number;
}

const defaultLatenessSeconds = 900;
const mostBytes = 250_000;

function latenessMilliseconds({ allowedLatenessSeconds = defaultLatenessSeconds }: WindowOptions): number {
  return allowedLatenessSeconds * 1000;
}

/** How long after its time an event must wait for its forward window to be complete but for the allowed lateness. */
export function completionMilliseconds(correlation: Correlation): number {
  return spanMilliseconds(correlation) + correlation.inputDelaySeconds * 1000;
}

export function emptyDocument(correlation: Correlation, group: readonly GroupValue[]): WindowDocument {
  const { type, rules, shape } = correlation;
  return {
    group,
    shape,
    times: [],
    ids: [],
    ...(isTemporal(type) && rules.length > 1 ? { rules: [] } : {}),
    ...(type.startsWith("value_") ? { values: [] } : {}),
    bytes: 0,
  };
}

/**
 * Entries as rows, sorted, each once.
 *
 * @throws SigmaError `foreign-rule` for an entry of another correlation, `invalid-time` for a time that is no whole
 * number of milliseconds.
 */
export function toRows(correlation: Correlation, entries: readonly Entry[]): Row[] {
  const { type, rules } = correlation;
  const rows = entries.flatMap((entry): Row[] => {
    const position = rules.findIndex((rule) => referenceOf(rule) === entry.rule);
    if (position < 0) {
      const message = `An entry of the rule "${entry.rule}" does not belong to "${correlation.title}".`;
      throw new SigmaError("foreign-rule", message);
    }
    if (!Number.isSafeInteger(entry.time)) {
      const message = `The time of an event must be a whole number of milliseconds, not ${entry.time}.`;
      throw new SigmaError("invalid-time", message);
    }
    const { id, time, values = [] } = entry;
    const rule = isTemporal(type) && rules.length > 1 ? position : 0;
    if (!type.startsWith("value_")) {
      return [{ id, time, rule, value: undefined }];
    }
    const value: RowValue | undefined = values.length > 1 ? values : values[0];
    return value === undefined ? [] : [{ id, time, rule, value }];
  });
  if (rows.length < 2) {
    return rows;
  }
  const sorted = rows.toSorted(compareRows);
  return sorted.filter((row, index) => {
    const before = sorted[index - 1];
    return before === undefined || compareRows(before, row) !== 0;
  });
}

/** The time before which entries no longer matter to a correlation that fires at once. */
export function horizon(correlation: Correlation, { times }: Rows, options: WindowOptions): number {
  const lateness = latenessMilliseconds(options);
  const { now } = options;
  const last = now === undefined ? times.length - 1 : firstFrom(times, now + lateness + 1) - 1;
  return (times[last] ?? -Infinity) - completionMilliseconds(correlation) - lateness;
}

/** What rows take as JSON. */
export function bytesOf(rows: Rows, low: number, high: number): number {
  let bytes = 0;
  for (let row = low; row < high; row++) {
    bytes += rowBytes(rowAt(rows, row));
  }
  return bytes;
}

/**
 * How many of the oldest rows must go for the rest to fit. All rows of one event go together, so that an event is
 * either there or not.
 */
export function excessRows(rows: Rows, bytes: number, options: WindowOptions): number {
  const { maxEntries = mostEntries, maxBytes = mostBytes } = options;
  const { ids, times, values } = rows;
  let weight =
    values === undefined ? times.length : values.reduce<number>((sum, value) => sum + weightOf(value), 0);
  let rest = bytes;
  let excess = 0;
  while (excess < times.length && (weight > maxEntries || rest > maxBytes)) {
    const id = ids[excess];
    const time = times[excess];
    for (; excess < times.length && ids[excess] === id && times[excess] === time; excess++) {
      const value = values?.[excess];
      weight -= value === undefined ? 1 : weightOf(value);
      rest -= rowBytes(rowAt(rows, excess));
    }
  }
  return excess;
}

function weightOf(value: RowValue): number {
  return typeof value === "object" ? value.length : 1;
}
