import type { Correlation } from "../correlation.ts";
import type { Entry } from "./entries.ts";
import { type Firing, firingsAt } from "./firing.ts";
import type { GroupValue } from "./group.ts";
import { judge } from "./judge.ts";
import { endAt, firstFrom, mergeRows, type Row, type Rows, rowBytes, rowsFrom } from "./rows.ts";
import { distinctTimes, spanMilliseconds } from "./window.ts";
import {
  bytesOf,
  completionMilliseconds,
  emptyDocument,
  excessRows,
  horizon,
  toRows,
  type WindowDocument,
  type WindowOptions,
} from "./window-document.ts";

/** Which window: a correlation and one of its groups. Every `GroupedEntry` is one. */
export interface WindowScope {
  readonly correlation: Correlation;
  readonly group: readonly GroupValue[];
}

export interface Advanced {
  /** The same object that was given, if nothing changed. */
  readonly document: WindowDocument;
  /** By time and event id. Always empty where the correlation waits for complete windows. */
  readonly firings: readonly Firing[];
  /**
   * Where the correlation waits for complete windows: when the earliest of them is over, in milliseconds since the
   * epoch. Call `closeWindows` once the current time minus the allowed lateness is past it.
   */
  readonly nextDue?: number;
  /** How many of the given entries arrived too late to count. */
  readonly late: number;
  /** How many entries were dropped because the document reached its bound. */
  readonly dropped: number;
}

/**
 * Adds entries to a window. Pure.
 *
 * Where the correlation is monotone, it returns every firing whose window holds one of the given entries, also of
 * entries that were there before: an event that is delivered again reports its firings again, so that nothing is lost
 * when a process dies between this update and the next. Name firings by correlation, group and event, and repetitions
 * are harmless.
 *
 * @param entries All of this correlation and group, in any order, repeated or not.
 * @throws SigmaError `foreign-rule`, `invalid-time`: see `toRows`.
 */
export function advance(
  scope: WindowScope,
  document: WindowDocument | undefined,
  entries: readonly Entry[],
  options: WindowOptions = {},
): Advanced {
  const { correlation, group } = scope;
  const before = document?.shape === correlation.shape ? document : emptyDocument(correlation, group);
  const given = toRows(correlation, entries);
  const accepted = given.filter((row) => isInTime(correlation, before, row, options));
  const merged = mergeRows(before, accepted);
  const firings = correlation.isMonotone ? firingsAround(scope, merged.rows, accepted) : [];
  const after = trim(correlation, before, merged, options);
  const [earliest] = after.document.times;
  return {
    ...after,
    firings,
    late: given.length - accepted.length,
    ...(correlation.isMonotone || earliest === undefined
      ? {}
      : { nextDue: earliest + completionMilliseconds(correlation) }),
  };
}

function isInTime(
  correlation: Correlation,
  document: WindowDocument,
  { time, id }: Row,
  options: WindowOptions,
): boolean {
  const { truncated, closedBefore = -Infinity } = document;
  if (truncated !== undefined && (time < truncated.time || (time === truncated.time && id <= truncated.id))) {
    return false;
  }
  return correlation.isMonotone
    ? time >= horizon(correlation, document, options)
    : time + completionMilliseconds(correlation) >= closedBefore;
}

/** The firings whose windows hold one of the given rows. */
function firingsAround({ correlation, group }: WindowScope, rows: Rows, given: readonly Row[]): Firing[] {
  const span = spanMilliseconds(correlation);
  const times: number[] = [];
  let next = 0;
  for (const { time } of given) {
    const end = endAt(rows.times, time + span);
    const start = Math.max(next, firstFrom(rows.times, time));
    if (start < end) {
      times.push(...distinctTimes(rows, start, end));
      next = end;
    }
  }
  return times.length === 0 ? [] : firingsAt(correlation, group, rows, judge(correlation, rows, times));
}

/** Lets go of what is too old to matter and of what does not fit. */
function trim(
  correlation: Correlation,
  before: WindowDocument,
  { rows, added }: { readonly rows: Rows; readonly added: readonly Row[] },
  options: WindowOptions,
): { readonly document: WindowDocument; readonly dropped: number } {
  const oldest = correlation.isMonotone ? horizon(correlation, rows, options) : -Infinity;
  const stale = firstFrom(rows.times, oldest);
  const isWhole = before.truncated === undefined || before.truncated.time < oldest;
  if (added.length === 0 && stale === 0 && isWhole === (before.truncated === undefined)) {
    return { document: before, dropped: 0 };
  }
  const kept = stale === 0 ? rows : rowsFrom(rows, stale);
  const addedBytes = added.reduce((sum, row) => sum + rowBytes(row), 0);
  const bytes = before.bytes + addedBytes - bytesOf(rows, 0, stale);
  const dropped = excessRows(kept, bytes, options);
  const { truncated, ...whole } = before;
  if (dropped === 0) {
    const rest = isWhole || truncated === undefined ? whole : { ...whole, truncated };
    return { document: { ...rest, ...kept, bytes }, dropped };
  }
  const last = { time: kept.times[dropped - 1] ?? 0, id: kept.ids[dropped - 1] ?? "" };
  const fitting = rowsFrom(kept, dropped);
  const fittingBytes = bytes - bytesOf(kept, 0, dropped);
  return { document: { ...whole, ...fitting, bytes: fittingBytes, truncated: last }, dropped };
}
