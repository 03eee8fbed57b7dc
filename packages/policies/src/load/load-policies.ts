import { derivedFields, parseEventTime } from "@streamwarden/cloudtrail";
import { type Config, type DisabledPolicy, placeholdersOf } from "@streamwarden/config";
import {
  type Correlation,
  type Filter,
  link,
  parse,
  type Rule,
  type Ruleset,
  type SourceFile,
} from "@streamwarden/sigma";
import { lintPolicies } from "../lint/lint-policies.ts";
import { type Exception, type Policy, readException, readPolicy } from "../policy.ts";
import type { PolicyProblem } from "../problem.ts";
import { cloudTrailLogs, problemsOfOtherLogs } from "./cloudtrail-logs.ts";
import { isTestFile, readPolicyFiles } from "./policy-files.ts";
import { problemsOfIdentities } from "./policy-identities.ts";

/** A policy whose lists are empty: never evaluated, and every view says what it needs. */
export interface InactivePolicy extends Policy {
  /** Names of the empty lists. */
  readonly placeholders: readonly string[];
}

export interface LoadedPolicies {
  /** Everything that is evaluated, the exceptions included. */
  readonly ruleset: Ruleset;
  /** The policies that can raise alerts, in load order. */
  readonly policies: readonly Policy[];
  readonly inactive: readonly InactivePolicy[];
  /** Policies that the configuration switches off. */
  readonly disabled: readonly (DisabledPolicy & { readonly title: string })[];
  readonly exceptions: readonly Exception[];
  /** What is wrong, over all files. With an error among them, the set must not be used. */
  readonly problems: readonly PolicyProblem[];
  /**
   * The policy of a rule that matched or a correlation that fired; undefined when it raises no alert of its own,
   * because it is switched off or a correlation counts it.
   */
  policyOf(rule: Rule | Correlation): Policy | undefined;
}

export interface LoadPoliciesOptions {
  readonly config: Config;
  /** Files instead of the pack and the paths that the configuration names. Tests among them are left out. */
  readonly files?: readonly SourceFile[];
}

/**
 * Loads the policies and exceptions that a configuration asks for and makes them one ruleset over the fields of the
 * record and the derived fields `actor.*` and `ivs.*`. Never throws: what is wrong stands in `problems`.
 */
export const loadPolicies = ({ config, files }: LoadPoliciesOptions): LoadedPolicies => {
  const read =
    files === undefined
      ? readPolicyFiles(config)
      : { policies: files.filter(({ path }) => !isTestFile(path)), problems: [] };
  const problems: PolicyProblem[] = [...read.problems];
  const textOf = new Map(read.policies.map(({ path, text }) => [path, text]));
  const parsed = parse(read.policies);
  problems.push(...parsed.problems);

  const exceptions = new Map<Filter, Exception>();
  const { ruleset, problems: linkProblems } = link(parsed.documents, {
    placeholders: placeholdersOf(config),
    derived: derivedFields,
    logsource: cloudTrailLogs,
    // By the time of the call, so that a record gives the same alerts whenever it is evaluated.
    filterApplies: (filter, event) =>
      parseEventTime(event.eventTime) < (exceptions.get(filter)?.expiresAt ?? 0),
  });
  problems.push(...linkProblems, ...problemsOfOtherLogs(ruleset));
  for (const filter of ruleset.filters) {
    const exception = readException(filter, textOf.get(filter.path) ?? "", problems);
    if (exception !== undefined) exceptions.set(filter, exception);
  }

  const toPolicy = (rule: Rule | Correlation): Policy =>
    readPolicy(rule, textOf.get(rule.path) ?? "", config, problems);
  const all = [...ruleset.rules, ...ruleset.correlations].map(toPolicy);
  const inactive = [
    ...ruleset.inactive.map(({ rule, placeholders }) => ({ ...toPolicy(rule), placeholders })),
    ...ruleset.inactiveCorrelations.map(({ correlation, placeholders }) => ({
      ...toPolicy(correlation),
      placeholders,
    })),
  ];
  problems.push(...problemsOfIdentities([...all, ...inactive]));
  problems.push(...problemsOfCountedFirstSeen(ruleset, [...all, ...inactive]));
  const ruleDocuments = parsed.documents.filter((document) => document.kind === "rule");
  const textAt = (path: string): string => textOf.get(path) ?? "";
  problems.push(...lintPolicies(ruleset, ruleDocuments, [...all, ...inactive], textAt));
  const switchedOff = disabledPolicies(config, [...all, ...inactive], problems);
  const policies = all.filter((policy) => !switchedOff.has(policy) && !ruleset.isSilenced(policy.rule));
  const byRule = new Map(policies.map((policy) => [policy.rule, policy]));
  return {
    ruleset,
    policies,
    inactive: inactive.filter((policy) => !switchedOff.has(policy)),
    disabled: [...switchedOff].map(([{ title }, disabled]) => ({ ...disabled, title })),
    exceptions: [...exceptions.values()],
    problems,
    policyOf: (rule) => byRule.get(rule),
  };
};

/** Which policies `policies.disabled` means. An entry that means none is a mistake: its policy still alerts. */
const disabledPolicies = (
  config: Config,
  policies: readonly Policy[],
  problems: PolicyProblem[],
): Map<Policy, DisabledPolicy> => {
  const found = new Map<Policy, DisabledPolicy>();
  for (const disabled of config.policies.disabled) {
    const policy = policies.find(({ id, name }) => id === disabled.policy || name === disabled.policy);
    if (policy !== undefined) {
      found.set(policy, disabled);
      continue;
    }
    problems.push({
      code: "unknown-disabled-policy",
      severity: "error",
      message: `policies.disabled names "${disabled.policy}", but no policy has that name or id.`,
      hint: "A title is not a name.",
      path: config.path,
      line: 1,
      column: 1,
    });
  }
  return found;
};

/** A correlation counts matches, and whether one of them is new is known only long after. */
export const problemsOfCountedFirstSeen = (ruleset: Ruleset, policies: readonly Policy[]): PolicyProblem[] =>
  policies
    .filter(({ rule, firstSeen }) => firstSeen !== undefined && ruleset.correlationsOver(rule).length > 0)
    .map(({ title, path, line }) => ({
      code: "first-seen-counted",
      severity: "error",
      message: `"${title}" alerts on first sightings, so a correlation cannot count it.`,
      hint: "Give the correlation a rule of its own, without `streamwarden.first_seen`.",
      path,
      line,
      column: 1,
    }));
