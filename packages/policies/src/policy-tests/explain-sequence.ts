import { type CloudTrailRecord, eventTimeOf } from "@streamwarden/cloudtrail";
import {
  type Correlation,
  explainWindow,
  type Rule,
  type Ruleset,
  type WindowExplanation,
} from "@streamwarden/sigma";
import type { FirstSeen } from "../first-seen/first-seen.ts";
import type { HeldWindow } from "./run-sequence.ts";

const mostLines = 20;

/**
 * Why a correlation fired over records or not, one line each: which of its rules each record matched, and for each
 * group what the fullest window holds and what it lacks.
 */
export function explainSequence(
  ruleset: Ruleset,
  correlation: Correlation,
  records: readonly CloudTrailRecord[],
  windows: readonly HeldWindow[],
): string[] {
  const [first] = records;
  const start = first === undefined ? 0 : eventTimeOf(first);
  const wanted = rulesUnder(correlation);
  const seen = records.map((record) => {
    const names = ruleset.match(record).filter((rule) => wanted.has(rule));
    const matched = names.length === 0 ? "none of the rules" : names.map(nameOf).join(", ");
    return `${record.eventName} after ${(eventTimeOf(record) - start) / 1000}s by ${shown(ruleset.read(record, "actor.id"))}: ${matched}`;
  });
  const own = windows.filter((window) => window.correlation === correlation);
  const held = own.length === 0 ? ["No window was opened: no record matched."] : own.flatMap(explainHeld);
  return [...bounded(seen), ...bounded(held)];
}

/** For each record that a first-seen policy's rule is true of, what it was a sighting of, and how the policy counts. */
export function explainSightings(
  ruleset: Ruleset,
  rule: Rule,
  { of, by, withinSeconds, learnSeconds }: FirstSeen,
  records: readonly CloudTrailRecord[],
): string[] {
  const [first] = records;
  const start = first === undefined ? 0 : eventTimeOf(first);
  const values = (fields: readonly string[], record: CloudTrailRecord): string =>
    fields.map((field) => `${field} = ${shown(ruleset.read(record, field))}`).join(", ");
  const lines = records.map((record) => {
    const after = `${record.eventName} after ${(eventTimeOf(record) - start) / 1000}s`;
    return ruleset.match(record).includes(rule)
      ? `${after}: ${values(of, record)} for ${values(by, record)}`
      : `${after}: the rule is not true of it`;
  });
  return [
    `New is what was not seen for ${withinSeconds}s. Nothing is reported in the first ${learnSeconds}s after the first match.`,
    ...bounded(lines),
  ];
}

function explainHeld({ correlation, group, document }: HeldWindow): string[] {
  const times = [...new Set(document?.times ?? [])].slice(-200);
  const windows = times.map((time) => explainWindow(correlation, document, group, time));
  const fullest = windows.toSorted(byMissing).at(0);
  if (fullest === undefined) return [];
  const name = group.map(({ field, value }) => `${field} = ${value ?? "absent"}`).join(", ") || "all records";
  return [`For ${name} within ${correlation.timespanSeconds}s: ${holdings(fullest)}`];
}

function holdings({
  condition,
  value,
  missingCount,
  missing,
  unwanted,
  eventCount,
  verdict,
}: WindowExplanation): string {
  return [
    `${eventCount} events, ${Number.isNaN(value) ? "nothing to compare" : value} against ${condition}, which is ${verdict}`,
    ...(missingCount === undefined ? [] : [`${missingCount} missing`]),
    ...(missing.length === 0 ? [] : [`missing: ${missing.map(nameOf).join(", ")}`]),
    ...(unwanted.length === 0 ? [] : [`there, but must not be: ${unwanted.map(nameOf).join(", ")}`]),
  ].join("; ");
}

function byMissing(left: WindowExplanation, right: WindowExplanation): number {
  return (
    Number(right.verdict) - Number(left.verdict) ||
    (left.missingCount ?? left.missing.length) - (right.missingCount ?? right.missing.length)
  );
}

/** All rules that a correlation counts, through correlations below it. */
export function rulesUnder({ rules }: Correlation): Set<Rule> {
  return new Set(rules.flatMap((rule) => (rule.kind === "rule" ? [rule] : [...rulesUnder(rule)])));
}

function nameOf({ name, title }: Rule | Correlation): string {
  return name ?? title;
}

function shown(values: readonly unknown[]): string {
  return values.map(String).join(", ") || "nobody";
}

function bounded(lines: readonly string[]): string[] {
  return lines.length <= mostLines
    ? [...lines]
    : [...lines.slice(0, mostLines), `... and ${lines.length - mostLines} more`];
}
