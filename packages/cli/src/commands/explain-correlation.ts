import { type CloudTrailRecord, redactText } from "@streamwarden/cloudtrail";
import { type HeldWindow, holdWindows, type Policy } from "@streamwarden/policies";
import type { PolicySet } from "@streamwarden/replay";
import {
  type Correlation,
  explainWindow,
  type GroupValue,
  type WindowExplanation,
} from "@streamwarden/sigma";
import { CliError, exitCodes } from "../errors.ts";
import { counted, paint, print, type Terminal } from "../terminal.ts";
import { shownText, stageOf } from "./explain-outcome.ts";

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
  const own = holdWindows(ruleset, records).filter((window) => window.correlation === correlation);
  const verdicts = own.flatMap((window) => {
    const at = event === undefined ? timeOf(window) : timeOfEvent(window, event);
    return at === undefined ? [] : [windowVerdict(window, at)];
  });
  if (event !== undefined && verdicts.length === 0)
    throw new CliError("cli-input", `"${shownText(correlation.title)}" does not count the event ${event}.`);
  if (format === "json") {
    const called = correlation.name ?? correlation.id ?? policy?.name;
    const answer = { policy: called, stage: stageOf(policy), groups: verdicts };
    print(terminal, JSON.stringify(answer, null, 2));
    return exitCodes.ok;
  }
  if (verdicts.length === 0)
    print(
      terminal,
      `None of the ${counted(records.length, "record")} matches a rule that "${shownText(correlation.title)}" counts.`,
    );
  for (const verdict of verdicts) print(terminal, ...windowLines(correlation, verdict, terminal), "");
  return exitCodes.ok;
}

function timeOf({ correlation, document, firings }: HeldWindow): number | undefined {
  const times = document?.times ?? [];
  return firings.at(-1)?.time ?? (correlation.isMonotone ? times.at(-1) : times[0]);
}

/** The time of an event in a window, which in a chain stands behind the names of the correlations below. */
function timeOfEvent({ document }: HeldWindow, event: string): number | undefined {
  const row =
    document?.ids.findIndex((id) => id === event || id.endsWith(`:${event}`) || id.includes(`:${event}:`)) ??
    -1;
  return document?.times[row];
}

const withoutSecret = ({ field, value }: GroupValue): GroupValue => ({
  field,
  value: value === null ? null : redactText(value),
});

function windowVerdict({ correlation, document, group, firings }: HeldWindow, at: number): WindowVerdict {
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

function windowLines(correlation: Correlation, verdict: WindowVerdict, terminal: Terminal): string[] {
  const fires = verdict.verdict ? paint(terminal, "green", "fires") : paint(terminal, "red", "does not fire");
  const group =
    verdict.group.map(({ field, value }) => `${field} ${shownText(value ?? "-")}`).join(", ") || "everything";
  const from = new Date(verdict.from).toISOString();
  const to = new Date(verdict.to).toISOString();
  return [
    `${correlation.title}: ${fires} for ${group}`,
    `  window   ${from} to ${to}${verdict.isDelayed ? ", decided when it is complete" : ""}`,
    `  needs    ${verdict.condition}`,
    `  holds    ${Number.isNaN(verdict.value) ? "nothing to compute it from" : verdict.value}`,
    ...(verdict.missingCount === undefined ? [] : [`  missing  ${verdict.missingCount}`]),
    ...verdict.rules.map(({ rule, count }) => `  seen     ${rule}: ${counted(count, "event")}`),
    ...verdict.missing.map((rule) => `  missing  ${rule}`),
    ...verdict.unwanted.map((rule) => `  unwanted ${rule}`),
    ...verdict.events.map(({ id, time }) => `  event    ${time}  ${shownText(id)}`),
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
