import type { Correlation, CorrelationCondition } from "../correlation.ts";
import { expressionHolds } from "../rule-expression.ts";
import { holds } from "../threshold.ts";
import { measureOf, RulesPresent } from "./measure.ts";
import type { Rows } from "./rows.ts";
import { stepCountOf, visitRuns } from "./sequence.ts";
import { windowAt } from "./window.ts";

export interface Judged {
  readonly time: number;
  /** What the window amounts to, or undefined when the condition does not hold of it. */
  readonly value: number | undefined;
}

/**
 * Whether the condition holds of the windows of events at these times (ascending). A window looks back where the
 * correlation is monotone, else forward.
 */
export function judge(correlation: Correlation, rows: Rows, times: readonly number[]): Judged[] {
  return correlation.type === "temporal_ordered"
    ? judgeOrdered(correlation, rows, times)
    : judgeUnordered(correlation, rows, times);
}

function judgeUnordered(correlation: Correlation, rows: Rows, times: readonly number[]): Judged[] {
  const { condition } = correlation;
  const measure = measureOf(correlation, rows);
  return times.map((time) => {
    const { low, high } = windowAt(correlation, rows, time);
    const value = measure.valueOf(low, high);
    const isPresent = (rule: number): boolean => measure instanceof RulesPresent && measure.has(rule);
    const isTrue =
      condition.kind === "threshold"
        ? holds(condition.threshold, value)
        : expressionHolds(condition.expression, isPresent, isPresent);
    return { time, value: isTrue ? value : undefined };
  });
}

function judgeOrdered(correlation: Correlation, rows: Rows, times: readonly number[]): Judged[] {
  const { condition } = correlation;
  const judged: Judged[] = [];
  const present = new RulesPresent(rows);
  visitRuns(correlation, rows, times, (time, runs) => {
    const { low, high } = windowAt(correlation, rows, time);
    judged.push({ time, value: orderedValue(condition, runs, () => present.valueOf(low, high), present) });
  });
  return judged.sort((left, right) => left.time - right.time);
}

function orderedValue(
  condition: CorrelationCondition,
  runs: readonly number[],
  countRules: () => number,
  present: RulesPresent,
): number | undefined {
  if (condition.kind === "threshold") {
    const longest = Math.max(0, ...runs.map(stepCountOf));
    return holds(condition.threshold, longest) ? longest : undefined;
  }
  const count = countRules();
  const isPresent = (rule: number): boolean => present.has(rule);
  // Under an expression every rule is one step, so that rules and steps have the same numbers.
  const isTrue = runs.some((run) =>
    expressionHolds(condition.expression, (rule) => (run & (1 << rule)) !== 0, isPresent),
  );
  return isTrue ? count : undefined;
}
