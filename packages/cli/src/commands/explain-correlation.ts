import { type CloudTrailRecord, eventTimeOf } from "@streamwarden/cloudtrail";
import type { Policy } from "@streamwarden/policies";
import type { PolicySet } from "@streamwarden/replay";
import {
  advance,
  type Correlation,
  chainedEntries,
  correlationEntries,
  explainWindow,
  type GroupedEntry,
  type WindowDocument,
  type WindowExplanation,
} from "@streamwarden/sigma";
import { exitCodes } from "../errors.ts";
import { counted, paint, print, type Terminal } from "../terminal.ts";
import { shownText, stageOf } from "./explain-outcome.ts";

/** The newest window of one group of a correlation. */
type WindowVerdict = Omit<WindowExplanation, "correlation" | "rules" | "missing" | "unwanted" | "events"> & {
  readonly rules: readonly { readonly rule: string; readonly count: number }[];
  readonly missing: readonly string[];
  readonly unwanted: readonly string[];
  readonly events: readonly { readonly id: string; readonly time: string }[];
};

/** What the windows of a correlation hold after the records, and what is missing for it to fire. */
export function explainCorrelation(
  correlation: Correlation,
  policy: Policy | undefined,
  records: readonly CloudTrailRecord[],
  { ruleset }: PolicySet,
  options: { readonly format: string },
  terminal: Terminal,
): number {
  const windows = new Map<string, { document: WindowDocument; entry: GroupedEntry }>();
  let pending = records.flatMap((record) =>
    correlationEntries(ruleset, ruleset.match(record), record, {
      id: record.eventID,
      time: eventTimeOf(record),
    }),
  );
  while (pending.length > 0) {
    const firings = pending.flatMap((entry) => {
      const key = JSON.stringify([entry.correlation.title, entry.groupKey]);
      const { document, firings } = advance(entry, windows.get(key)?.document, [entry.entry]);
      windows.set(key, { document, entry });
      return firings;
    });
    pending = [...chainedEntries(ruleset, firings)];
  }
  const verdicts = [...windows.values()]
    .filter(({ entry }) => entry.correlation === correlation)
    .map(({ document, entry }) => windowVerdict(correlation, document, entry));
  if (options.format === "json") {
    const called = correlation.name ?? correlation.id ?? policy?.name;
    const answer = { policy: called, stage: stageOf(policy), groups: verdicts };
    print(terminal, JSON.stringify(answer, null, 2));
    return exitCodes.ok;
  }
  if (verdicts.length === 0)
    print(
      terminal,
      `None of the ${counted(records.length, "record")} matches a rule that "${correlation.title}" counts.`,
    );
  for (const verdict of verdicts) print(terminal, ...windowLines(correlation, verdict, terminal), "");
  return exitCodes.ok;
}

function windowVerdict(
  correlation: Correlation,
  document: WindowDocument,
  { group, entry }: GroupedEntry,
): WindowVerdict {
  const at = correlation.isMonotone
    ? (document.times.at(-1) ?? entry.time)
    : (document.times[0] ?? entry.time);
  const {
    correlation: _,
    rules,
    missing,
    unwanted,
    events,
    ...window
  } = explainWindow(correlation, document, group, at);
  return {
    ...window,
    rules: rules.map(({ rule, count }) => ({ rule: rule.title, count })),
    missing: missing.map(({ title }) => title),
    unwanted: unwanted.map(({ title }) => title),
    events: events.map(({ id, time }) => ({ id, time: new Date(time).toISOString() })),
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
    ...(verdict.isTruncated ? ["  Events are missing: the window reached its bound."] : []),
  ];
}
