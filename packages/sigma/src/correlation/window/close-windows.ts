import type { Correlation } from "../correlation.ts";
import { type Firing, firingsAt } from "./firing.ts";
import { judge } from "./judge.ts";
import { firstFrom, rowsFrom } from "./rows.ts";
import { distinctTimes } from "./window.ts";
import { bytesOf, completionMilliseconds, type WindowDocument } from "./window-document.ts";

export interface Closed {
  /** The same object that was given, if no window was complete. */
  readonly document: WindowDocument | undefined;
  /** By time and event id. */
  readonly firings: readonly Firing[];
  /** When the earliest window that is left is over, in milliseconds since the epoch. */
  readonly nextDue?: number;
}

/**
 * Decides every window that is complete: each event opens one, from its time to its time plus the timespan, both ends
 * included, and it is decided once. Pure. Does nothing where the correlation is monotone.
 *
 * Deciding removes the events that opened the windows, so the returned document cannot give the firings again. Therefore
 * make the firings durable first, computed from the stored document, and only then store the returned one, both with the
 * same `completeBefore`. After a crash in between, they are computed again.
 *
 * @param completeBefore No event from before this time is still to come: the current time minus the allowed lateness,
 * in milliseconds since the epoch. (The delay of correlations below this one is added here.)
 */
export function closeWindows(
  correlation: Correlation,
  document: WindowDocument | undefined,
  completeBefore: number,
): Closed {
  if (document === undefined || document.shape !== correlation.shape || correlation.isMonotone) {
    return { document, firings: [] };
  }
  const completion = completionMilliseconds(correlation);
  const { times, group, truncated } = document;
  const decided = firstFrom(times, completeBefore - completion);
  const earliest = times[decided];
  const nextDue = earliest === undefined ? {} : { nextDue: earliest + completion };
  if (decided === 0) {
    return { document, firings: [], ...nextDue };
  }
  // Of a second that reached the bound some events are gone, so that windows opened in it cannot be judged.
  const complete = truncated === undefined ? 0 : Math.min(decided, firstFrom(times, truncated.time + 1));
  const judged = judge(correlation, document, distinctTimes(document, complete, decided));
  const firings = firingsAt(correlation, group, document, judged);
  const closedBefore = Math.max(completeBefore, document.closedBefore ?? -Infinity);
  const { truncated: _, ...whole } = document;
  const isWhole = truncated === undefined || truncated.time + completion < closedBefore;
  return {
    document: {
      ...(isWhole ? whole : document),
      ...rowsFrom(document, decided),
      bytes: document.bytes - bytesOf(document, 0, decided),
      closedBefore,
    },
    firings,
    ...nextDue,
  };
}
