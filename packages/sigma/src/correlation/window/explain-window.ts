import type { CorrelatedRule, Correlation } from "../correlation.ts";
import { isTemporal } from "../correlation-type.ts";
import { negatedRules } from "../rule-expression.ts";
import { type Threshold, thresholdText } from "../threshold.ts";
import type { GroupValue } from "./group.ts";
import { judge } from "./judge.ts";
import { measureOf } from "./measure.ts";
import type { Rows, RowValue } from "./rows.ts";
import { stepCountOf, visitRuns } from "./sequence.ts";
import { windowAt, windowTimes } from "./window.ts";
import { emptyDocument, type WindowDocument } from "./window-document.ts";

/** What a window holds and what it lacks. Plain data except for the documents it names. */
export interface WindowExplanation {
  readonly correlation: Correlation;
  readonly group: readonly GroupValue[];
  /** Milliseconds since the epoch, both ends included. */
  readonly from: number;
  readonly to: number;
  /** Whether the condition holds of the window as known by now. */
  readonly verdict: boolean;
  /** Whether the verdict waits for the window to be complete: it then counts only after `to` and the lateness. */
  readonly isDelayed: boolean;
  /** The condition in words: `>= 10`, `a and not b`. */
  readonly condition: string;
  /** What the condition is compared with. NaN where there is nothing to compute it from. */
  readonly value: number;
  /** How much is missing to the lower bound of a condition on a count that does not hold. */
  readonly missingCount?: number;
  /** For temporal types: each rule, and how many events of the window matched it. */
  readonly rules: readonly { readonly rule: CorrelatedRule; readonly count: number }[];
  /** For temporal types: the rules (of temporal_ordered: the steps) that are not there and do not stand under a `not`. */
  readonly missing: readonly CorrelatedRule[];
  /** For an extended condition: the rules that are present and stand under a `not`. */
  readonly unwanted: readonly CorrelatedRule[];
  /** How many events the window holds. */
  readonly eventCount: number;
  /** The oldest of them, at most 50. */
  readonly events: readonly ExplainedEntry[];
  /** Whether events may be missing because the document reached its bound. */
  readonly isTruncated: boolean;
}

export interface ExplainedEntry {
  readonly id: string;
  readonly time: number;
  /** The rule it matched, for temporal types. */
  readonly rule?: CorrelatedRule;
  readonly value?: RowValue;
}

const mostEvents = 50;

/**
 * Looks at the window that an event at time `at` has: the timespan up to it where the correlation fires at once, else
 * the timespan from it on.
 */
export function explainWindow(
  correlation: Correlation,
  document: WindowDocument | undefined,
  group: readonly GroupValue[],
  at: number,
): WindowExplanation {
  const rows = document?.shape === correlation.shape ? document : emptyDocument(correlation, group);
  const { low, high } = windowAt(correlation, rows, at);
  const { from, to } = windowTimes(correlation, at);
  const { condition } = correlation;
  const counts = correlation.rules.map(
    (_, rule) => eventRows(rows, low, high, (row) => (rows.rules?.[row] ?? 0) === rule).length,
  );
  const run = correlation.type === "temporal_ordered" ? longestRun(correlation, rows, at) : undefined;
  const value =
    run !== undefined && condition.kind === "threshold"
      ? stepCountOf(run)
      : measureOf(correlation, rows).valueOf(low, high);
  const events = eventRows(rows, low, high, () => true);
  const verdict = low < high && judge(correlation, rows, [at])[0]?.value !== undefined;
  const isLacking = condition.kind === "threshold" && !verdict && isCounted(correlation);
  const missingCount = isLacking ? lacking(condition.threshold, value) : 0;
  return {
    correlation,
    group,
    from,
    to,
    verdict,
    isDelayed: !correlation.isMonotone,
    condition: condition.kind === "rules" ? condition.text : thresholdText(condition.threshold),
    value,
    ...(missingCount > 0 ? { missingCount } : {}),
    ...rulesOf(correlation, counts, run),
    eventCount: events.length,
    events: events.slice(0, mostEvents).map((row) => entryAt(correlation, rows, row)),
    isTruncated: document?.truncated !== undefined && document.truncated.time >= from,
  };
}

/** Sums and averages grow in steps of any size, and may shrink. */
function isCounted({ type }: Correlation): boolean {
  return isTemporal(type) || type === "event_count" || type === "value_count";
}

function rulesOf(
  correlation: Correlation,
  counts: readonly number[],
  run: number | undefined,
): Pick<WindowExplanation, "rules" | "missing" | "unwanted"> {
  const { rules, steps, condition, type } = correlation;
  if (!isTemporal(type)) {
    return { rules: [], missing: [], unwanted: [] };
  }
  const isPresent = (rule: number): boolean => (counts[rule] ?? 0) > 0;
  const missing =
    run === undefined
      ? rules.filter((_, rule) => !isPresent(rule))
      : steps.flatMap((rule, step) => ((run & (1 << step)) === 0 ? (rules[rule] ?? []) : []));
  const negated = new Set<CorrelatedRule>();
  if (condition.kind === "rules") {
    for (const rule of negatedRules(condition.expression)) {
      const found = rules[rule];
      if (found !== undefined) {
        negated.add(found);
      }
    }
  }
  return {
    rules: rules.map((rule, position) => ({ rule, count: counts[position] ?? 0 })),
    missing: missing.filter((rule) => !negated.has(rule)),
    unwanted: rules.filter((rule, position) => negated.has(rule) && isPresent(position)),
  };
}

/** The longest run through the steps of the window at a time, as a set of steps. */
function longestRun(correlation: Correlation, rows: Rows, at: number): number {
  let longest = 0;
  visitRuns(correlation, rows, [at], (_, runs) => {
    for (const run of runs) {
      longest = stepCountOf(run) > stepCountOf(longest) ? run : longest;
    }
  });
  return longest;
}

/** How much is missing to the lower bound of a threshold, which is one more than a bound that is not included. */
function lacking({ gt, gte, eq }: Threshold, value: number): number {
  const least = Math.max(gte ?? 0, eq ?? 0, gt === undefined ? 0 : Math.floor(gt) + 1);
  return Math.max(0, least - (Number.isNaN(value) ? 0 : value));
}

/** The first row of each event in the window for which `isMeant`. */
function eventRows(rows: Rows, low: number, high: number, isMeant: (row: number) => boolean): number[] {
  const found: number[] = [];
  let last = "";
  for (let row = low; row < high; row++) {
    const event = `${rows.times[row]} ${rows.ids[row]}`;
    if (isMeant(row) && event !== last) {
      found.push(row);
      last = event;
    }
  }
  return found;
}

function entryAt(correlation: Correlation, rows: Rows, row: number): ExplainedEntry {
  const rule = isTemporal(correlation.type) ? correlation.rules[rows.rules?.[row] ?? 0] : undefined;
  const value = rows.values?.[row];
  return {
    id: rows.ids[row] ?? "",
    time: rows.times[row] ?? 0,
    ...(rule === undefined ? {} : { rule }),
    ...(value === undefined ? {} : { value }),
  };
}
