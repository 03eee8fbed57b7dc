import { actorOf, KnownRoles } from "@streamwarden/cloudtrail";
import type { Config, DisabledPolicy } from "@streamwarden/config";
import {
  type Correlation,
  type Position,
  parse,
  type Rule,
  type Ruleset,
  type SigmaDocument,
} from "@streamwarden/sigma";
import { lintPolicies } from "../lint/lint-policies.ts";
import { type Policy, readPolicy } from "../policy.ts";
import type { InactivePolicy, PolicySet } from "../policy-set.ts";
import type { PolicyProblem } from "../problem.ts";
import { problemsOfOtherLogs } from "./cloudtrail-logs.ts";
import { type Exception, readException } from "./exception.ts";
import { type PolicyFiles, readPolicyFiles } from "./policy-files.ts";
import { problemsOfIdentities } from "./policy-identities.ts";
import { linkPolicies, placeOf, planOf, type SiteFacts, siteFactsOf } from "./policy-plan.ts";
import type { PolicySource } from "./policy-source.ts";

/** A policy set, and what it was made of. For tests of policies, which look at documents one by one. */
export interface LoadedSource {
  readonly set: PolicySet;
  /** Documents that were not rejected, those about other logs and inactive ones included. */
  readonly documents: readonly SigmaDocument[];
  readonly files: PolicyFiles;
}

/**
 * Loads the policies and exceptions of a source and makes them one ruleset over the fields of the record and the
 * derived fields `actor.*` and `ivs.*`. Never throws for what is in them: what is wrong stands in `problems`, and a
 * document with an error is rejected, whoever asks.
 */
export function loadPolicies(source: PolicySource, config: Config): PolicySet {
  return loadSource(source, config).set;
}

export function loadSource(source: PolicySource, config: Config): LoadedSource {
  const files = readPolicyFiles(source, config);
  const parsed = parse(files.policies);
  const site = siteFactsOf(config);
  const roles = new KnownRoles(config.identities);
  const problems = [...files.problems, ...parsed.problems];
  let documents: readonly SigmaDocument[] = parsed.documents;
  let assessment = assess(documents, site, config);
  problems.push(...assessment.problems);
  // A document that is rejected is as good as absent for those that refer to it.
  while (assessment.rejected.size > 0) {
    const { rejected } = assessment;
    documents = documents.filter((document) => !rejected.has(placeOf(document)));
    assessment = assess(documents, site, config);
    problems.push(...assessment.problems);
  }
  const { ruleset, active, inactive, exceptions } = assessment;
  const switchedOff = disabledPolicies(config, [...active, ...inactive], problems);
  const policies = active.filter((policy) => !switchedOff.has(policy) && !ruleset.isSilenced(policy.rule));
  const byRule = new Map(policies.map((policy) => [policy.rule, policy]));
  const disabledRules = new Set([...switchedOff.keys()].map(({ rule }) => rule));
  const set: PolicySet = {
    ruleset,
    policies,
    inactive: inactive.filter((policy) => !switchedOff.has(policy)),
    disabled: [...switchedOff].map(([{ title }, disabled]) => ({ ...disabled, title })),
    exceptions,
    problems: distinct(problems),
    leftOut: files.leftOut,
    plan: planOf(files.policies, documents, ruleset, site),
    actorOf: (record) => actorOf(record, roles),
    policyOf: (rule) => byRule.get(rule),
    isDisabled: (rule) => disabledRules.has(rule),
  };
  return { set, documents, files };
}

interface Assessment {
  readonly ruleset: Ruleset;
  readonly active: readonly Policy[];
  readonly inactive: readonly InactivePolicy[];
  readonly exceptions: readonly Exception[];
  readonly problems: readonly PolicyProblem[];
  /** Documents that Sigma accepts and that cannot do here what they ask for, by place. */
  readonly rejected: ReadonlySet<string>;
}

/** What documents amount to together. */
function assess(documents: readonly SigmaDocument[], site: SiteFacts, config: Config): Assessment {
  const { ruleset, problems: linkProblems } = linkPolicies(documents, site);
  const problems: PolicyProblem[] = [];
  const exceptions = ruleset.filters.map((filter) => readException(filter, problems));
  const toPolicy = (rule: Rule | Correlation): Policy => readPolicy(rule, config, problems);
  const active = [...ruleset.rules, ...ruleset.correlations].map(toPolicy);
  const inactive = [
    ...ruleset.inactive.map(({ rule, placeholders: lists }) => ({ ...toPolicy(rule), placeholders: lists })),
    ...ruleset.inactiveCorrelations.map(({ correlation, placeholders: lists }) => ({
      ...toPolicy(correlation),
      placeholders: lists,
    })),
  ];
  const all = [...active, ...inactive];
  const rules = documents.filter((document) => document.kind === "rule");
  problems.push(
    ...problemsOfIdentities(all),
    ...problemsOfCountedFirstSeen(ruleset, all),
    ...lintPolicies(ruleset, rules, all),
  );
  return {
    ruleset,
    active,
    inactive,
    exceptions,
    problems: [...linkProblems, ...problemsOfOtherLogs(ruleset), ...problems],
    rejected: placesOfErrors(problems, documents),
  };
}

/** The documents in which errors stand. */
function placesOfErrors(
  problems: readonly PolicyProblem[],
  documents: readonly SigmaDocument[],
): Set<string> {
  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return new Set();
  const byPath = Map.groupBy(documents, ({ path }) => path);
  const documentAt = ({ path, line }: Position): SigmaDocument | undefined =>
    byPath.get(path)?.findLast((document) => document.line <= line);
  return new Set(
    errors.flatMap((error) => {
      const document = documentAt(error);
      return document === undefined ? [] : [placeOf(document)];
    }),
  );
}

/** Which policies `policies.disabled` means. An entry that means none is a mistake: its policy still alerts. */
function disabledPolicies(
  config: Config,
  policies: readonly Policy[],
  problems: PolicyProblem[],
): Map<Policy, DisabledPolicy> {
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
}

/** A correlation counts matches, and whether one of them is new is known only long after. */
function problemsOfCountedFirstSeen(ruleset: Ruleset, policies: readonly Policy[]): PolicyProblem[] {
  return policies
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
}

/** Each problem once: what is left after a rejection is assessed again. */
function distinct(problems: readonly PolicyProblem[]): PolicyProblem[] {
  return [
    ...new Map(
      problems.map((problem) => [
        JSON.stringify([problem.path, problem.line, problem.column, problem.code, problem.message]),
        problem,
      ]),
    ).values(),
  ];
}
