import type { Correlation } from "../correlation/correlation.ts";
import { referenceOf } from "../correlation/correlation.ts";
import type { RuleExpression } from "../correlation/rule-expression.ts";
import type { Entry } from "../correlation/window/entries.ts";

/** An event as the definition sees it: its id, its time, which rules it matched, and its values. */
interface NaiveEvent {
  readonly id: string;
  readonly time: number;
  readonly rules: ReadonlySet<number>;
  readonly values: readonly (string | number)[];
}

/**
 * The definition of a firing, word by word and without any cleverness: for each event its window, for each window the
 * condition from scratch. Quadratic and worse. Returns the ids of the events that fire.
 */
export function naiveFirings(correlation: Correlation, entries: readonly Entry[]): Set<string> {
  const events = eventsOf(correlation, entries);
  const span = correlation.timespanSeconds * 1000;
  const fired = events.filter(({ time }) => {
    const [from, to] = correlation.isMonotone ? [time - span, time] : [time, time + span];
    return isTrue(
      correlation,
      events.filter((event) => event.time >= from && event.time <= to),
    );
  });
  return new Set(fired.map(({ id }) => id));
}

function eventsOf(correlation: Correlation, entries: readonly Entry[]): NaiveEvent[] {
  const byId = new Map<string, NaiveEvent>();
  for (const { id, time, rule, values = [] } of entries) {
    const position = correlation.rules.findIndex((known) => referenceOf(known) === rule);
    const rules = new Set([...(byId.get(id)?.rules ?? []), position]);
    byId.set(id, { id, time, rules, values });
  }
  return [...byId.values()];
}

function isTrue(correlation: Correlation, window: readonly NaiveEvent[]): boolean {
  const { condition, type } = correlation;
  if (condition.kind === "rules") {
    const present = new Set(window.flatMap(({ rules }) => [...rules]));
    const runs =
      type === "temporal_ordered"
        ? subsets(correlation.rules.map((_, rule) => rule)).filter((steps) => canRun(steps, window))
        : [[...present]];
    return runs.some((run) => evaluate(condition.expression, new Set(run), present));
  }
  const { gt, gte, lt, lte, eq, neq } = condition.threshold;
  const value = measured(correlation, window);
  return (
    !(gt !== undefined && !(value > gt)) &&
    !(gte !== undefined && !(value >= gte)) &&
    !(lt !== undefined && !(value < lt)) &&
    !(lte !== undefined && !(value <= lte)) &&
    !(eq !== undefined && value !== eq) &&
    !(neq !== undefined && value === neq)
  );
}

function measured(correlation: Correlation, window: readonly NaiveEvent[]): number {
  const { type, steps, condition } = correlation;
  const values = window.flatMap((event) => event.values);
  const numbers = values.filter((value) => typeof value === "number").toSorted((left, right) => left - right);
  const sum = numbers.reduce((total, number) => total + number, 0);
  switch (type) {
    case "event_count":
      return window.length;
    case "value_count":
      return new Set(values).size;
    case "value_sum":
      return sum;
    case "value_avg":
      return sum / numbers.length;
    case "value_median":
    case "value_percentile": {
      const rank =
        ((condition.kind === "threshold" ? condition.percentile : 50) / 100) * (numbers.length - 1);
      const [below = 0, above = below] = [numbers[Math.floor(rank)], numbers[Math.ceil(rank)]];
      return below + (above - below) * (rank % 1);
    }
    case "temporal":
      return new Set(window.flatMap(({ rules }) => [...rules])).size;
    case "temporal_ordered":
      return Math.max(...subsets(steps).map((run) => (canRun(run, window) ? run.length : 0)));
  }
}

/** Whether distinct events, none before the one for the step before, can serve the steps. Tries them all. */
function canRun(steps: readonly number[], window: readonly NaiveEvent[], since = -Infinity): boolean {
  const [rule, ...rest] = steps;
  return (
    rule === undefined ||
    window.some(
      (event) =>
        event.time >= since &&
        event.rules.has(rule) &&
        canRun(
          rest,
          window.filter((other) => other !== event),
          event.time,
        ),
    )
  );
}

function subsets(steps: readonly number[]): number[][] {
  const [first, ...rest] = steps;
  return first === undefined ? [[]] : subsets(rest).flatMap((set) => [set, [first, ...set]]);
}

function evaluate(
  expression: RuleExpression,
  run: ReadonlySet<number>,
  present: ReadonlySet<number>,
): boolean {
  switch (expression.type) {
    case "rule":
      return expression.negated ? !present.has(expression.rule) : run.has(expression.rule);
    case "and":
      return expression.children.every((child) => evaluate(child, run, present));
    case "or":
      return expression.children.some((child) => evaluate(child, run, present));
  }
}
