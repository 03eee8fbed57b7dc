import { formatDuration } from "@streamwarden/config";
import type { Correlation, Firing } from "@streamwarden/sigma";

const operators: Readonly<Record<string, string>> = {
  gt: "more than",
  gte: "at least",
  lt: "less than",
  lte: "at most",
  eq: "exactly",
  neq: "not",
};

const measures: Readonly<Record<Correlation["type"], string>> = {
  event_count: "calls",
  value_count: "distinct values of",
  value_sum: "sum of",
  value_avg: "average of",
  value_percentile: "percentile of",
  value_median: "median of",
  temporal: "of the rules were seen",
  temporal_ordered: "of the rules were seen in order",
};

/** Why a correlation fired, one short line each: what was counted, within what time, of which rules. */
export function firingReasons({ correlation, value, ids }: Firing): readonly string[] {
  const { condition, rules, timespanSeconds, type } = correlation;
  const within = `within ${formatDuration(timespanSeconds)}`;
  const measured =
    condition.kind === "rules"
      ? `${condition.text} ${within}`
      : `${[measures[type], ...condition.fields].join(" ")}: ${rounded(value)} ${within} (${limits(condition.threshold)})`;
  return [
    measured,
    ...rules.map(({ title }) => `counted: ${title}`),
    `first events: ${ids.slice(0, 5).join(", ")}`,
  ];
}

function limits(threshold: object): string {
  return Object.entries(threshold)
    .filter(([name, limit]) => name in operators && typeof limit === "number")
    .map(([name, limit]) => `${operators[name]} ${limit}`)
    .join(", ");
}

function rounded(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
