import { jsonBytes } from "./bounded-text.ts";

/** The values one event adds: one, or several in a canonical order. */
export type RowValue = string | number | readonly string[] | readonly number[];

/** One entry of a window, its rule as a position. */
export interface Row {
  readonly time: number;
  readonly id: string;
  readonly rule: number;
  readonly value: RowValue | undefined;
}

/**
 * The entries of a window as columns, ordered by time, id, rule and value, each once. `rules` and `values` are left
 * out where the correlation does not need them.
 */
export interface Rows {
  readonly times: readonly number[];
  readonly ids: readonly string[];
  readonly rules?: readonly number[];
  readonly values?: readonly RowValue[];
}

interface Columns {
  readonly times: number[];
  readonly ids: string[];
  readonly rules: number[] | undefined;
  readonly values: RowValue[] | undefined;
}

/** The position of the first time that is not before `time`. */
export function firstFrom(times: readonly number[], time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) < time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** The position after the last time that is not after `time`. Times are whole milliseconds. */
export function endAt(times: readonly number[], time: number): number {
  return firstFrom(times, time + 1);
}

/** Whether a row is the first of its event (an event has several where it matched several rules). */
export function isFirstOfEvent({ ids, times }: Rows, row: number): boolean {
  return row === 0 || ids[row] !== ids[row - 1] || times[row] !== times[row - 1];
}

export function compareRows(left: Row, right: Row): number {
  if (left.time !== right.time) {
    return left.time - right.time;
  }
  if (left.id !== right.id) {
    return left.id < right.id ? -1 : 1;
  }
  return left.rule - right.rule || compareValues(left.value, right.value);
}

function compareValues(left: RowValue | undefined, right: RowValue | undefined): number {
  if (left === right || left === undefined || right === undefined) {
    return 0;
  }
  const leftText = JSON.stringify(left);
  const rightText = JSON.stringify(right);
  if (leftText === rightText) {
    return 0;
  }
  return leftText < rightText ? -1 : 1;
}

/** What a row takes in a JSON document, in bytes. */
export function rowBytes({ id, rule, value }: Row): number {
  const ruleBytes = rule < 10 ? 2 : 3;
  return 15 + jsonBytes(id) + ruleBytes + (value === undefined ? 0 : valueBytes(value));
}

function valueBytes(value: RowValue): number {
  return typeof value === "string" ? jsonBytes(value) + 1 : Buffer.byteLength(JSON.stringify(value)) + 1;
}

export function rowAt({ times, ids, rules, values }: Rows, row: number): Row {
  return {
    time: times[row] ?? 0,
    id: ids[row] ?? "",
    rule: rules?.[row] ?? 0,
    value: values?.[row],
  };
}

/** Adds rows that are sorted and distinct among themselves. `added` are those that were not there before. */
export function mergeRows(
  rows: Rows,
  incoming: readonly Row[],
): { readonly rows: Rows; readonly added: readonly Row[] } {
  const places = incoming.flatMap((row) => {
    const place = placeOf(rows, row);
    return place === undefined ? [] : [{ row, place }];
  });
  const [first] = places;
  if (first === undefined) {
    return { rows, added: [] };
  }
  const columns: Columns = {
    times: rows.times.slice(0, first.place),
    ids: rows.ids.slice(0, first.place),
    rules: rows.rules?.slice(0, first.place),
    values: rows.values?.slice(0, first.place),
  };
  let next = first.place;
  for (const { row, place } of places) {
    for (; next < place; next++) {
      push(columns, rowAt(rows, next));
    }
    push(columns, row);
  }
  for (; next < rows.times.length; next++) {
    push(columns, rowAt(rows, next));
  }
  return { rows: withoutMissing(columns), added: places.map(({ row }) => row) };
}

/** The rows from a position on. */
export function rowsFrom({ times, ids, rules, values }: Rows, start: number): Rows {
  return withoutMissing({
    times: times.slice(start),
    ids: ids.slice(start),
    rules: rules?.slice(start),
    values: values?.slice(start),
  });
}

/** Where a row belongs, or undefined when it is there already. */
function placeOf(rows: Rows, row: Row): number | undefined {
  const { times } = rows;
  const last = times.length - 1;
  if (last < 0 || row.time > (times[last] ?? 0)) {
    return times.length;
  }
  let low = firstFrom(times, row.time);
  let high = endAt(times, row.time);
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = compareRows(rowAt(rows, middle), row);
    if (order === 0) {
      return undefined;
    }
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

function push(columns: Columns, { time, id, rule, value }: Row): void {
  columns.times.push(time);
  columns.ids.push(id);
  columns.rules?.push(rule);
  if (value !== undefined) {
    columns.values?.push(value);
  }
}

function withoutMissing({ times, ids, rules, values }: Columns): Rows {
  return {
    times,
    ids,
    ...(rules === undefined ? {} : { rules }),
    ...(values === undefined ? {} : { values }),
  };
}
