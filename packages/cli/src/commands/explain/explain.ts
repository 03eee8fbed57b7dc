import type { CloudTrailRecord } from "@streamwarden/cloudtrail";
import { listKey } from "@streamwarden/config";
import { groupValues, type Policy, type PolicySet } from "@streamwarden/policies";
import { rejectedOf } from "@streamwarden/replay";
import {
  type Correlation,
  type Explanation,
  explain as explainRule,
  explanationLines,
  nearest,
  type Rule,
} from "@streamwarden/sigma";
import { CliError, exitCodes } from "../../errors.ts";
import { type PolicyOptions, policiesOf } from "../../policies.ts";
import { readRecords } from "../../records.ts";
import { rejectedLine } from "../../ui/rejected-line.ts";
import type { Terminal } from "../../ui/terminal.ts";
import { counted, joined, shortened, styled, type Text } from "../../ui/text.ts";
import { explainCorrelation } from "./correlation.ts";
import { longestValue, outcomeOf, type SightingValues, stageOf } from "./outcome.ts";
import { redactExplanation } from "./redact.ts";

export interface ExplainOptions extends PolicyOptions {
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
  /** What it would be a sighting of. Of first-seen policies only. */
  readonly sighting?: SightingValues;
}

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
  const loaded = policiesOf(options, terminal.defaultConfig);
  const all = await readRecords(path, terminal);
  const records = selected(all, options.event);
  const inactive = loaded.inactive.find((policy) => policy.name === name || policy.id === name);
  if (inactive !== undefined)
    throw new CliError(
      "cli-input",
      `The policy ${name} is inactive: it needs configuration. Fill ${inactive.placeholders.map(listKey).join(", ")} in ${configNamed(options, terminal)}.`,
    );
  const rule = find(name, loaded);
  if (rule === undefined) throw unknownPolicy(name, loaded, options);
  const policy = loaded.policyOf(rule);
  return rule.kind === "correlation"
    ? explainCorrelation(rule, policy, all, loaded, options, terminal)
    : explainRecords(rule, policy, records, loaded, options, terminal);
}

function configNamed({ policies, config }: ExplainOptions, { defaultConfig }: Terminal): string {
  return config ?? (policies === undefined ? defaultConfig : "a configuration, and name it with --config");
}

/** By id or name, or by what stands in for a missing one. */
function find(name: string, { ruleset, policyOf }: PolicySet): Rule | Correlation | undefined {
  const all = [...ruleset.rules, ...ruleset.correlations];
  return (
    ruleset.find(name) ?? ruleset.findCorrelation(name) ?? all.find((rule) => policyOf(rule)?.name === name)
  );
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

function unknownPolicy(name: string, loaded: PolicySet, options: ExplainOptions): CliError {
  const { ruleset, policyOf } = loaded;
  const rejected = rejectedOf(loaded);
  const isMeant = (rule: Rule | Correlation): boolean => [rule.id, rule.name, rule.title].includes(name);
  const other = [...ruleset.elsewhere, ...ruleset.elsewhereCorrelations].find(isMeant);
  if (other !== undefined) {
    const message = `"${shortened(other.title, longestValue)}" is about other logs than CloudTrail's, so it is never evaluated.`;
    return new CliError("cli-input", message);
  }
  const all = [...ruleset.rules, ...ruleset.correlations];
  const called = (rule: Rule | Correlation): string =>
    rule.name ?? policyOf(rule)?.name ?? rule.id ?? rule.title;
  const titled = all.filter(({ title }) => title.toLowerCase() === name.toLowerCase()).map(called);
  const meant = nearest(name, all.map(called)) ?? titled[0];
  const where =
    options.policies === undefined
      ? "`streamwarden check` lists what is loaded."
      : inFiles(
          all.map((rule) => `${called(rule)} (${rule.title})`),
          rejected.length > 0,
        );
  const hint =
    titled.length > 1
      ? `That is the title of ${titled.join(", ")}.`
      : meant === undefined
        ? where
        : `Did you mean ${meant}?`;
  const details =
    rejected.length === 0 ? [] : ["Rejected, and so not among them:", ...rejected.map(rejectedLine)];
  const exitCode =
    rejected.length > 0 && options.policies !== undefined ? exitCodes.rejected : exitCodes.failed;
  return new CliError("cli-input", `There is no policy with the name or id ${name}. ${hint}`, {
    exitCode,
    details,
  });
}

const mostNames = 10;

function inFiles(names: readonly string[], hasRejected: boolean): string {
  if (names.length === 0) {
    return hasRejected
      ? "None of the policies in the files can be used."
      : "The files hold no policy about CloudTrail records.";
  }
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : "";
  return `The files hold ${names
    .slice(0, mostNames)
    .map((name) => shortened(name, longestValue))
    .join(", ")}${more}.`;
}

function explainRecords(
  rule: Rule,
  policy: Policy | undefined,
  records: readonly CloudTrailRecord[],
  { ruleset, actorOf }: PolicySet,
  options: ExplainOptions,
  terminal: Terminal,
): number {
  const verdicts = records.map((record): RecordVerdict => {
    const explanation = redactExplanation(explainRule(ruleset, rule, record));
    const valuesOf = (groupBy: readonly string[]) =>
      policy === undefined ? [] : groupValues(ruleset, { ...policy, groupBy }, record);
    const firstSeen = policy?.firstSeen;
    return {
      eventID: record.eventID,
      eventTime: record.eventTime,
      operation: `${record.eventSource} ${record.eventName}`,
      actor: actorOf(record).label,
      explanation,
      group: valuesOf(policy?.groupBy ?? []),
      ...(firstSeen && { sighting: { of: valuesOf(firstSeen.of), by: valuesOf(firstSeen.by) } }),
    };
  });
  if (options.format === "json") {
    const firstSeen = policy?.firstSeen && { firstSeen: policy.firstSeen };
    const called = rule.name ?? rule.id ?? policy?.name;
    const answer = { policy: called, stage: stageOf(policy), ...firstSeen, records: verdicts };
    terminal.out.json(answer);
    return exitCodes.ok;
  }
  for (const verdict of verdicts) terminal.out.print(...recordLines(verdict, policy), "");
  const matches = verdicts.filter(({ explanation }) => explanation.verdict).length;
  if (verdicts.length > 1)
    terminal.out.print(`${counted(matches, "match", "matches")} in ${counted(verdicts.length, "record")}.`);
  return exitCodes.ok;
}

function recordLines(verdict: RecordVerdict, policy: Policy | undefined): Text[] {
  const { eventID, eventTime, operation, actor, explanation, group, sighting } = verdict;
  const head = [eventTime, operation, actor, eventID].map((text) => shortened(text, longestValue)).join("  ");
  const lines = [styled("dim", head), ...explanationLines(explanation).map(styledLine)];
  if (!explanation.verdict) return lines;
  return [...lines, outcomeOf(policy, group, sighting)];
}

const styles = { good: "green", bad: "red", dim: "dim", bold: "bold" } as const;

function styledLine(spans: ReturnType<typeof explanationLines>[number]): Text {
  return joined(spans.map(({ text, style }) => (style === undefined ? text : styled(styles[style], text))));
}
