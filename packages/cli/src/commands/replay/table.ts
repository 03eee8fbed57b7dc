import { listKey } from "@streamwarden/config";
import type { PolicyCount, ReplayProblem, ReplayResult } from "@streamwarden/replay";
import { rejectedLine } from "../../ui/rejected-line.ts";
import { counted, line, shortened, styled, type Text } from "../../ui/text.ts";

const longestTitle = 100;
const longestMessage = 300;
/** Problems of one kind that are listed; the JSON output has all of them. */
const mostListed = 50;

const levelStyles = {
  critical: "redBright",
  high: "red",
  medium: "yellow",
  low: "cyan",
  informational: "dim",
} as const;

/** The result for a person: policies that matched, then everything that was not evaluated or read. */
export function replayTable(result: ReplayResult): Text[] {
  return [...policyLines(result), "", ...noteLines(result), ...summaryLines(result)];
}

function policyLines({ policies }: ReplayResult): Text[] {
  if (policies.length === 0) return ["No policy was evaluated."];
  // That a first-seen policy saw records and found none of them new is an answer as well.
  const matched = policies.filter(({ matches, seen = 0 }) => matches > 0 || seen > 0);
  if (matched.length === 0) return [`None of ${counted(policies.length, "policy", "policies")} matched.`];
  const countWidth = Math.max("MATCHES".length, ...matched.map(({ matches }) => grouped(matches).length));
  const levelWidth = Math.max("LEVEL".length, ...matched.map(({ level }) => level.length));
  const alike = new Set(
    matched.map(({ title }) => title).filter((title, index, titles) => titles.indexOf(title) !== index),
  );
  const row = (policy: PolicyCount): Text => {
    const { matches, level, title } = policy;
    const counts = countsWhat(policy);
    const suffix = counts === undefined ? "" : styled("dim", `  (${counts})`);
    // Only where titles are alike: the name is what other commands take.
    const called = alike.has(title) ? styled("dim", `  ${shortened(policy.name, longestTitle)}`) : "";
    const shown = shortened(title, longestTitle);
    return line`${grouped(matches).padStart(countWidth)}  ${styled(levelStyles[level], level.padEnd(levelWidth))}  ${shown}${called}${suffix}`;
  };
  const head = `${"MATCHES".padStart(countWidth)}  ${"LEVEL".padEnd(levelWidth)}  POLICY`;
  const quiet = policies.length - matched.length;
  return [
    styled("bold", head),
    ...matched.map(row),
    ...(quiet > 0 ? [styled("dim", `${counted(quiet, "policy", "policies")} without a match.`)] : []),
  ];
}

/** What is counted, where it is not records. */
function countsWhat({ kind, seen = 0, silenced }: PolicyCount): string | undefined {
  if (silenced) return "a correlation counts it: no alert of its own";
  switch (kind) {
    case "correlation":
      return "firings";
    case "first-seen":
      return `new, in ${counted(seen, "record")}`;
    case "rule":
      return undefined;
  }
}

/** What was not evaluated or not read: never silent, whatever the format. */
export function noteLines(result: ReplayResult): Text[] {
  const { rejected, warnings, inactive, disabled, elsewhere, problems, fullWindows } = result;
  const word = (style: Parameters<typeof styled>[0], text: string): Text =>
    styled(style, text.padEnd("quarantined".length));
  return [
    ...listed(rejected, (policy) => line`${word("red", "rejected")} ${rejectedLine(policy)}`),
    ...(warnings.length > 0
      ? [
          line`${word("yellow", "warned")} ${counted(warnings.length, "warning")} about the policies: \`streamwarden check\` shows them, with the same --policies.`,
        ]
      : []),
    ...listed(inactive, ({ title, placeholders }) => {
      const lists = placeholders.map(listKey).join(", ");
      return line`${word("yellow", "inactive")} ${shortened(title, longestTitle)} needs configuration: fill ${shortened(lists, longestMessage)}.`;
    }),
    ...listed(disabled, (title) => line`${word("dim", "disabled")} ${shortened(title, longestTitle)}`),
    ...(elsewhere > 0
      ? [line`${word("dim", "elsewhere")} ${counted(elsewhere, "rule")} about other logs than CloudTrail's.`]
      : []),
    ...fullWindows.map(({ policy, dropped }) => {
      return line`${word("yellow", "incomplete")} ${shortened(policy, longestTitle)}: ${counted(dropped, "event")} did not fit its windows, so it may have fired more often.`;
    }),
    ...listed(
      problems,
      (problem) => line`${word(styleOf(problem), problem.outcome)} ${describeProblem(problem)}`,
    ),
  ];
}

function listed<T>(items: readonly T[], lineOf: (item: T) => Text): Text[] {
  const lines = items.slice(0, mostListed).map(lineOf);
  const left = items.length - lines.length;
  return left > 0 ? [...lines, `            and ${grouped(left)} more (--format json lists all)`] : lines;
}

function styleOf({ outcome }: ReplayProblem): Parameters<typeof styled>[0] {
  return outcome === "skipped" ? "dim" : outcome === "damaged" || outcome === "unreadable" ? "red" : "yellow";
}

function describeProblem({ path, message, reason, count, records, place }: ReplayProblem): string {
  const at = place === undefined ? "" : `:${place.line}:${place.column}`;
  const more = count > records.length ? " ..." : "";
  const places =
    records.length === 0
      ? ""
      : ` (${records.length === 1 ? "record" : "records"} ${records.join(", ")}${more})`;
  return `${shortened(path, longestMessage)}${at}: ${shortened(message, longestMessage)} [${reason}]${places}`;
}

function summaryLines(result: ReplayResult): Text[] {
  const { records, quarantined, otherEvents, seconds, bytes, files, policies, interrupted } = result;
  const matches = policies.reduce((sum, { matches: own, silenced }) => sum + (silenced ? 0 : own), 0);
  const read = files.read + files.damaged;
  const perSecond = Math.round(records / Math.max(seconds, 0.001));
  const parts = [
    `${counted(records, "record")} in ${counted(read, "file")}`,
    counted(matches, "match", "matches"),
    `${grouped(quarantined)} quarantined`,
    ...(otherEvents > 0 ? [counted(otherEvents, "other event")] : []),
  ];
  const time = `${megabytes(bytes.read)} in ${seconds.toFixed(2)} s, ${grouped(perSecond)} records/s`;
  return [
    ...(interrupted ? [styled("yellow", "Interrupted: this is what was done so far.")] : []),
    `${parts.join(", ")} (${time}).`,
  ];
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
