import { actorOf, type CloudTrailRecord, decode, eventTimeOf } from "@streamwarden/cloudtrail";
import { loadConfig, suggest } from "@streamwarden/config";
import { groupValues, type LoadedPolicies, loadPolicies, type Policy } from "@streamwarden/policies";
import {
  advance,
  type Correlation,
  chainedEntries,
  correlationEntries,
  type Explanation,
  explain as explainRule,
  explainWindow,
  type GroupedEntry,
  type Rule,
  renderExplanation,
  type WindowDocument,
  type WindowExplanation,
} from "@streamwarden/sigma";
import { CliError, exitCodes } from "../errors.ts";
import { readInput } from "../input.ts";
import { counted, hasColor, paint, print, type Terminal } from "../terminal.ts";

export interface ExplainOptions {
  readonly config: string;
  readonly format: string;
  readonly event?: string;
}

/** What became of one record under one rule. */
interface RecordVerdict {
  readonly eventID: string;
  readonly eventTime: string;
  readonly operation: string;
  readonly actor: string;
  readonly explanation: Explanation;
  /** What its incident would be about. */
  readonly group: readonly { readonly field: string; readonly value: string }[];
}

/** The newest window of one group of a correlation. */
type WindowVerdict = Omit<WindowExplanation, "correlation" | "rules" | "missing" | "unwanted" | "events"> & {
  readonly rules: readonly { readonly rule: string; readonly count: number }[];
  readonly missing: readonly string[];
  readonly unwanted: readonly string[];
  readonly events: readonly { readonly id: string; readonly time: string }[];
};

const maximumFileBytes = 64 * 1024 * 1024;

/**
 * Why a policy is true of the records of a file, or not: the condition as a tree with what each test saw. For a
 * correlation, what the windows of its groups hold and what is missing.
 *
 * @throws CliError when the policy or the record is not there.
 */
export async function explain(
  name: string,
  path: string,
  options: ExplainOptions,
  terminal: Terminal,
): Promise<number> {
  const loaded = loadPolicies({ config: loadConfig(options.config) });
  const records = selected(await readRecords(path, terminal), options.event);
  const inactive = loaded.inactive.find((policy) => policy.name === name || policy.id === name);
  if (inactive !== undefined)
    throw new CliError(
      "cli-input",
      `The policy ${name} is inactive: it needs configuration. Fill ${inactive.placeholders.map((list) => `lists.${list}`).join(", ")} in ${options.config}.`,
    );
  const { ruleset } = loaded;
  const rule = ruleset.find(name) ?? ruleset.findCorrelation(name);
  if (rule === undefined) throw unknownPolicy(name, loaded);
  const policy = loaded.policyOf(rule);
  return rule.kind === "correlation"
    ? explainCorrelation(rule, policy, records, loaded, options, terminal)
    : explainRecords(rule, policy, records, loaded, options, terminal);
}

async function readRecords(path: string, terminal: Terminal): Promise<readonly CloudTrailRecord[]> {
  const decoded = decode(await readInput(path, terminal), { maximumBytes: maximumFileBytes });
  if (decoded.outcome === "records" && decoded.records.length > 0) return decoded.records;
  const reason = decoded.outcome === "refused" ? decoded.refusal.message : "It is an event of another kind.";
  throw new CliError("cli-input", `${path} holds no CloudTrail record: ${reason}`);
}

function selected(
  records: readonly CloudTrailRecord[],
  eventId: string | undefined,
): readonly CloudTrailRecord[] {
  if (eventId === undefined) return records;
  const found = records.filter(({ eventID }) => eventID === eventId);
  if (found.length === 0) throw new CliError("cli-input", `There is no record with the eventID ${eventId}.`);
  return found;
}

function unknownPolicy(name: string, { ruleset }: LoadedPolicies): CliError {
  const names = [...ruleset.rules, ...ruleset.correlations].flatMap(({ name }) => name ?? []);
  const meant = suggest(name, names);
  const hint = meant === undefined ? "`streamwarden check` lists what is loaded." : `Did you mean ${meant}?`;
  return new CliError("cli-input", `There is no policy with the name or id ${name}. ${hint}`);
}

function explainRecords(
  rule: Rule,
  policy: Policy | undefined,
  records: readonly CloudTrailRecord[],
  { ruleset }: LoadedPolicies,
  options: ExplainOptions,
  terminal: Terminal,
): number {
  const verdicts = records.map((record): RecordVerdict => {
    const explanation = explainRule(ruleset, rule, record);
    return {
      eventID: record.eventID,
      eventTime: record.eventTime,
      operation: `${record.eventSource} ${record.eventName}`,
      actor: actorOf(record).label,
      explanation,
      group: policy === undefined ? [] : groupValues(ruleset, policy, record),
    };
  });
  if (options.format === "json") {
    print(
      terminal,
      JSON.stringify({ policy: rule.name ?? rule.id, stage: stageOf(policy), records: verdicts }, null, 2),
    );
    return exitCodes.ok;
  }
  for (const verdict of verdicts) print(terminal, ...recordLines(verdict, policy, terminal), "");
  const matches = verdicts.filter(({ explanation }) => explanation.verdict).length;
  if (verdicts.length > 1)
    print(terminal, `${counted(matches, "match", "matches")} in ${counted(verdicts.length, "record")}.`);
  return exitCodes.ok;
}

const stageOf = (policy: Policy | undefined): string =>
  policy === undefined ? "no alert of its own" : policy.stage;

function recordLines(verdict: RecordVerdict, policy: Policy | undefined, terminal: Terminal): string[] {
  const { eventID, eventTime, operation, actor, explanation, group } = verdict;
  const head = [eventTime, operation, actor, eventID].map(shownText).join("  ");
  const lines = [paint(terminal, "dim", head), renderExplanation(explanation, { color: hasColor(terminal) })];
  if (!explanation.verdict) return lines;
  if (policy === undefined)
    return [...lines, "It raises no alert of its own: a correlation counts it, or it is switched off."];
  const about = group.map(({ field, value }) => `${field} ${shownText(value)}`).join(", ");
  const then =
    policy.stage === "dry-run" ? "dry-run: kept and counted, alerts nobody" : "alerts at once, repeats merge";
  return [...lines, `One incident per ${about} in ${policy.windowSeconds} s; ${then}.`];
}

function explainCorrelation(
  correlation: Correlation,
  policy: Policy | undefined,
  records: readonly CloudTrailRecord[],
  { ruleset }: LoadedPolicies,
  options: ExplainOptions,
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
    const answer = { policy: correlation.name ?? correlation.id, stage: stageOf(policy), groups: verdicts };
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

const longestText = 200;

/** Text of a record on a terminal: one line, no control characters, cut. */
const shownText = (text: string): string =>
  JSON.stringify(text.slice(0, longestText))
    .slice(1, -1)
    .replaceAll(/[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, "\ufffd");
