import { type CloudTrailRecord, redactValue } from "@streamwarden/cloudtrail";
import type { Policy, PolicySet } from "@streamwarden/policies";
import { type CorrelatedGroup, correlatedGroups } from "@streamwarden/replay";
import {
  advance,
  type Correlation,
  explainWindow,
  type GroupValue,
  type WindowExplanation,
} from "@streamwarden/sigma";
import { CliError, exitCodes } from "../../errors.ts";
import type { Terminal } from "../../ui/terminal.ts";
import { counted, line, shortened, styled, type Text } from "../../ui/text.ts";
import { longestValue, stageOf } from "./outcome.ts";

/** One window of one group of a correlation, and where else it fired in this group. */
type WindowVerdict = Omit<WindowExplanation, "correlation" | "rules" | "missing" | "unwanted" | "events"> & {
  readonly rules: readonly { readonly rule: string; readonly count: number }[];
  readonly missing: readonly string[];
  readonly unwanted: readonly string[];
  readonly events: readonly { readonly id: string; readonly time: string }[];
  /** How often it fired in this group, and where: at most 50. */
  readonly firingCount: number;
  readonly firings: readonly { readonly id: string; readonly time: string }[];
};

const mostFirings = 50;

/**
 * What the windows of a correlation hold after the records, and what is missing for it to fire: of each group the last
 * window that fired, else the newest, or the one of the event that is asked for.
 *
 * @throws CliError when the correlation does not count the event that is asked for.
 */
export function explainCorrelation(
  correlation: Correlation,
  policy: Policy | undefined,
  records: readonly CloudTrailRecord[],
  { ruleset }: PolicySet,
  options: { readonly format: string; readonly event?: string },
  terminal: Terminal,
): number {
  const { event, format } = options;
  const verdicts = correlatedGroups(ruleset, correlation, records).flatMap((group) => {
    const at = event === undefined ? timeOf(correlation, group) : timeOfEvent(group, event);
    return at === undefined ? [] : [windowVerdict(correlation, group, at)];
  });
  if (event !== undefined && verdicts.length === 0)
    throw new CliError(
      "cli-input",
      `"${shortened(correlation.title, longestValue)}" does not count the event ${event}.`,
    );
  if (format === "json") {
    const called = correlation.name ?? correlation.id ?? policy?.name;
    const answer = { policy: called, stage: stageOf(policy), groups: verdicts };
    terminal.out.json(answer);
    return exitCodes.ok;
  }
  if (verdicts.length === 0)
    terminal.out.print(
      `None of the ${counted(records.length, "record")} matches a rule that "${shortened(correlation.title, longestValue)}" counts.`,
    );
  for (const verdict of verdicts) terminal.out.print(...windowLines(correlation, verdict), "");
  return exitCodes.ok;
}

function timeOf({ isMonotone }: Correlation, { entries, firings }: CorrelatedGroup): number | undefined {
  return (firings.at(-1) ?? entries.at(isMonotone ? -1 : 0))?.time;
}

/** The time of an event in a group, whose id stands behind the names of correlations in a chain. */
function timeOfEvent({ entries }: CorrelatedGroup, event: string): number | undefined {
  return entries.find(({ id }) => id === event || id.endsWith(`:${event}`) || id.includes(`:${event}:`))
    ?.time;
}

function withoutSecret({ field, value }: GroupValue): GroupValue {
  return {
    field,
    value: value === null ? null : redactValue(field, value),
  };
}

function windowVerdict(
  correlation: Correlation,
  { group, entries, firings }: CorrelatedGroup,
  at: number,
): WindowVerdict {
  const span = correlation.timespanSeconds * 1000;
  const inside = entries.filter(({ time }) => Math.abs(time - at) <= span);
  const options = { allowedLatenessSeconds: 2 * correlation.timespanSeconds };
  const { document } = advance({ correlation, group }, undefined, inside, options);
  const {
    correlation: _,
    rules,
    missing,
    unwanted,
    events,
    ...window
  } = explainWindow(correlation, document, group.map(withoutSecret), at);
  const placed = ({ id, time }: { readonly id: string; readonly time: number }) => ({
    id,
    time: new Date(time).toISOString(),
  });
  return {
    ...window,
    rules: rules.map(({ rule, count }) => ({ rule: rule.title, count })),
    missing: missing.map(({ title }) => title),
    unwanted: unwanted.map(({ title }) => title),
    events: events.map(placed),
    firingCount: firings.length,
    firings: firings.slice(0, mostFirings).map(placed),
  };
}

function windowLines(correlation: Correlation, verdict: WindowVerdict): Text[] {
  const fires = verdict.verdict ? styled("green", "fires") : styled("red", "does not fire");
  const group =
    verdict.group.map(({ field, value }) => `${field} ${shortened(value ?? "-", longestValue)}`).join(", ") ||
    "everything";
  const from = new Date(verdict.from).toISOString();
  const to = new Date(verdict.to).toISOString();
  return [
    line`${correlation.title}: ${fires} for ${group}`,
    `  window   ${from} to ${to}${verdict.isDelayed ? ", decided when it is complete" : ""}`,
    `  needs    ${verdict.condition}`,
    `  holds    ${Number.isNaN(verdict.value) ? "nothing to compute it from" : verdict.value}`,
    ...(verdict.missingCount === undefined ? [] : [`  missing  ${verdict.missingCount}`]),
    ...verdict.rules.map(({ rule, count }) => `  seen     ${rule}: ${counted(count, "event")}`),
    ...verdict.missing.map((rule) => `  missing  ${rule}`),
    ...verdict.unwanted.map((rule) => `  unwanted ${rule}`),
    ...verdict.events.map(({ id, time }) => `  event    ${time}  ${shortened(id, longestValue)}`),
    ...firingLines(verdict),
    ...(verdict.isTruncated ? ["  Events are missing: the window reached its bound."] : []),
  ];
}

/** Where else it fired: this window is one of many. */
function firingLines({ firings, firingCount }: WindowVerdict): string[] {
  const [first] = firings;
  if (first === undefined) return [];
  if (firingCount === 1) return [`  fired    once, at ${first.time}`];
  const until = firingCount > firings.length ? "on" : `to ${firings.at(-1)?.time}`;
  return [`  fired    at ${firingCount} events, from ${first.time} ${until}`];
}
