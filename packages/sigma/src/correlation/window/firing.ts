import type { Correlation } from "../correlation.ts";
import type { GroupValue } from "./group.ts";
import { endAt, firstFrom, isFirstOfEvent, type Rows } from "./rows.ts";
import { windowAt } from "./window.ts";

/**
 * A correlation is true at one event.
 *
 * Correlation, group and event name a firing. The same firing is reported again whenever its event is delivered again, so
 * that none is lost when a process dies between storing a window and acting on it; the host drops repetitions by that name.
 */
export interface Firing {
  readonly correlation: Correlation;
  readonly group: readonly GroupValue[];
  /** The group-by values by field, as a chained correlation reads them. */
  readonly fields: Readonly<Record<string, string | null>>;
  /** The event at which it fired: the last of its window where it fires at once, else the first. */
  readonly id: string;
  /** The time of that event, in milliseconds since the epoch. */
  readonly time: number;
  /** What was compared: the count, the number of distinct values or rules, the sum ... as known by now. */
  readonly value: number;
  /** The events of the window as known by now, oldest first: at most 50, this one always among them. */
  readonly ids: readonly string[];
}

const mostIds = 50;

/** The firings of every event at the times whose value is given. */
export function firingsAt(
  correlation: Correlation,
  group: readonly GroupValue[],
  rows: Rows,
  judged: readonly { readonly time: number; readonly value: number | undefined }[],
): Firing[] {
  const firings: Firing[] = [];
  const fields = Object.fromEntries(group.map(({ field, value }) => [field, value]));
  for (const { time, value } of judged) {
    if (value === undefined) {
      continue;
    }
    const oldest = oldestIds(correlation, rows, time);
    for (const id of eventsAt(rows, time)) {
      const ids = oldest.includes(id) ? oldest : [...oldest.slice(0, mostIds - 1), id];
      firings.push({ correlation, group, fields, id, time, value, ids });
    }
  }
  return firings;
}

function oldestIds(correlation: Correlation, rows: Rows, time: number): string[] {
  const { low, high } = windowAt(correlation, rows, time);
  const ids: string[] = [];
  for (let row = low; row < high && ids.length < mostIds; row++) {
    if (isFirstOfEvent(rows, row)) {
      ids.push(rows.ids[row] ?? "");
    }
  }
  return ids;
}

function eventsAt(rows: Rows, time: number): string[] {
  const ids: string[] = [];
  for (let row = firstFrom(rows.times, time); row < endAt(rows.times, time); row++) {
    if (isFirstOfEvent(rows, row)) {
      ids.push(rows.ids[row] ?? "");
    }
  }
  return ids;
}
