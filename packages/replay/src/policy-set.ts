import { derivedFields, parseEventTime } from "@streamwarden/cloudtrail";
import { type Config, parseConfig, placeholdersOf } from "@streamwarden/config";
import {
  cloudTrailLogs,
  identityOf,
  loadPolicies,
  type Policy,
  type PolicyProblem,
  problemsOfCountedFirstSeen,
  readPolicy,
  readPolicyFiles,
} from "@streamwarden/policies";
import {
  type Correlation,
  type Filter,
  link,
  type Metadata,
  type PlaceholderValues,
  parse,
  type Rule,
  type Ruleset,
  type SigmaDocument,
  type SourceFile,
} from "@streamwarden/sigma";
import { type PolicyFinding, type RefusedPolicy, readPolicyPaths } from "./policy-files.ts";

/** How a thread makes the ruleset that all threads evaluate. Structured clones of it are the same. */
export type PolicyPlan =
  | { readonly kind: "pack"; readonly config: Config; readonly files: readonly SourceFile[] }
  | {
      readonly kind: "paths";
      readonly placeholders: PlaceholderValues;
      readonly files: readonly SourceFile[];
      /** The documents that are evaluated, as `path:line`, where the others can be left out. */
      readonly documents: readonly string[] | undefined;
    };

/** A policy that waits for configuration. */
export interface InactivePolicy {
  readonly path: string;
  readonly line: number;
  readonly id: string;
  readonly name: string;
  readonly title: string;
  /** Names of the lists that are empty. */
  readonly placeholders: readonly string[];
}

export interface PolicySet {
  readonly plan: PolicyPlan;
  readonly ruleset: Ruleset;
  readonly refused: readonly RefusedPolicy[];
  /** Doubts about the policies that are evaluated or wait for configuration. */
  readonly warnings: readonly PolicyFinding[];
  readonly inactive: readonly InactivePolicy[];
  /** Titles of the policies that the configuration switches off. */
  readonly disabled: readonly string[];
  /** How many rules are about other logs than CloudTrail's. */
  readonly elsewhere: number;
  /** Whether a rule's matches are reported: false for those that are switched off. */
  isReported(rule: Rule): boolean;
  /** What Streamwarden needs of a rule beyond Sigma; undefined for one that raises no alert of its own. */
  policyOf(rule: Rule | Correlation): Policy | undefined;
}

const millisecondsPerDay = 86_400_000;
const firstSeenAttribute = "streamwarden.first_seen";

/** The policies of files and folders. Without a configuration no placeholder has a value. */
export function loadPolicyPaths(paths: readonly string[], config: Config | undefined): PolicySet {
  const { files, refused: unreadable } = readPolicyPaths(paths);
  const placeholders = config === undefined ? {} : placeholdersOf(config);
  const { documents, problems } = parse(files);
  const attempt = linkPaths(documents, placeholders);
  const malformed = malformedPolicies(attempt.ruleset, files, config);
  // One that is refused is as good as absent for those that refer to it.
  const kept = documents.filter((document) => !malformed.has(placeOf(document)));
  const linked = malformed.size === 0 ? attempt : linkPaths(kept, placeholders);
  const { ruleset } = linked;
  const policies = new Map(policiesOf(ruleset, files, config).map(({ policy }) => [policy.rule, policy]));
  return {
    plan: { kind: "paths", placeholders, ...neededFiles(files, documents, kept, ruleset) },
    ruleset,
    refused: [
      ...unreadable,
      ...findingsIn("error", [...problems, ...linked.problems, ...[...malformed.values()].flat()]),
    ],
    warnings: warningsOf(ruleset, [...problems, ...linked.problems]),
    inactive: inactiveOf(ruleset),
    disabled: [],
    elsewhere: ruleset.elsewhere.length + ruleset.elsewhereCorrelations.length,
    isReported: () => true,
    policyOf: (rule) => (ruleset.isSilenced(rule) ? undefined : policies.get(rule)),
  };
}

/** The policies that a configuration names: the shipped pack and its own paths. */
export function loadConfiguredPolicies(config: Config): PolicySet {
  const files = readPolicyFiles(config).policies;
  const loaded = loadPolicies({ config });
  const { ruleset } = loaded;
  return {
    plan: { kind: "pack", config, files },
    ruleset,
    refused: findingsIn("error", loaded.problems),
    warnings: warningsOf(ruleset, loaded.problems),
    inactive: inactiveOf(ruleset),
    disabled: loaded.disabled.map(({ title }) => title),
    elsewhere: ruleset.elsewhere.length + ruleset.elsewhereCorrelations.length,
    isReported: (rule) => {
      const policy = loaded.policyOf(rule);
      // Every match of a policy on first sightings would say nothing: where its attribute is refused, so is the policy.
      return (
        policy !== undefined &&
        firstSeenAttribute in rule.customAttributes === (policy.firstSeen !== undefined)
      );
    },
    policyOf: (rule) => loaded.policyOf(rule),
  };
}

/** The ruleset of a plan, with the same rules in the same order in every thread. */
export function rulesetOf(plan: PolicyPlan): Ruleset {
  if (plan.kind === "pack") return loadPolicies({ config: plan.config, files: plan.files }).ruleset;
  const { documents } = parse(plan.files);
  const wanted = plan.documents === undefined ? undefined : new Set(plan.documents);
  const kept =
    wanted === undefined ? documents : documents.filter((document) => wanted.has(placeOf(document)));
  return linkPaths(kept, plan.placeholders).ruleset;
}

const linkPaths = (
  documents: readonly SigmaDocument[],
  placeholders: PlaceholderValues,
): ReturnType<typeof link> =>
  link(documents, {
    placeholders,
    derived: derivedFields,
    logsource: cloudTrailLogs,
    filterApplies: isInForce,
  });

/** An exception of ours ends by its date, compared with the time of the call; a plain Sigma filter never does. */
function isInForce(filter: Filter, event: { readonly eventTime?: unknown }): boolean {
  const expires = filter.customAttributes["streamwarden.expires"];
  if (expires === undefined) return true;
  const lastDay = typeof expires === "string" ? parseEventTime(`${expires}T00:00:00Z`) : Number.NaN;
  return parseEventTime(event.eventTime) < lastDay + millisecondsPerDay;
}

/** The rules and correlations of files as policies, each with what is wrong with its attributes. */
function policiesOf(
  { rules, correlations }: Pick<Ruleset, "rules" | "correlations">,
  files: readonly SourceFile[],
  config: Config = parseConfig("", "streamwarden.yml"),
): { readonly policy: Policy; readonly problems: PolicyProblem[] }[] {
  const textOf = new Map(files.map(({ path, text }) => [path, text]));
  return [...rules, ...correlations].map((rule) => {
    const problems: PolicyProblem[] = [];
    return { policy: readPolicy(rule, textOf.get(rule.path) ?? "", config, problems), problems };
  });
}

/** Policies that could not do what their attributes ask for, by place. */
function malformedPolicies(
  ruleset: Ruleset,
  files: readonly SourceFile[],
  config: Config | undefined,
): ReadonlyMap<string, readonly PolicyProblem[]> {
  const inactive = {
    rules: ruleset.inactive.map(({ rule }) => rule),
    correlations: ruleset.inactiveCorrelations.map(({ correlation }) => correlation),
  };
  const all = [...policiesOf(ruleset, files, config), ...policiesOf(inactive, files, config)];
  const found = all.map(({ policy, problems }) => {
    const whole = [...problems, ...problemsOfCountedFirstSeen(ruleset, [policy])];
    return [placeOf(policy), whole] as const;
  });
  return new Map(found.filter(([, problems]) => problems.length > 0));
}

/**
 * Of a large public rule set few rules are about CloudTrail, and every thread reads the files anew. With filters all
 * files are needed, because a filter may name a rule that is not evaluated.
 */
function neededFiles(
  files: readonly SourceFile[],
  documents: readonly SigmaDocument[],
  kept: readonly SigmaDocument[],
  ruleset: Ruleset,
): { readonly files: readonly SourceFile[]; readonly documents: readonly string[] | undefined } {
  if (documents.some(({ kind }) => kind === "filter")) {
    return { files, documents: kept.length === documents.length ? undefined : kept.map(placeOf) };
  }
  const evaluated = [...ruleset.rules, ...ruleset.correlations];
  const paths = new Set(evaluated.map(({ path }) => path));
  return { files: files.filter(({ path }) => paths.has(path)), documents: evaluated.map(placeOf) };
}

const placeOf = ({ path, line }: Pick<Metadata, "path" | "line">): string => `${path}:${line}`;

type FoundProblem = Pick<PolicyProblem, keyof PolicyFinding | "severity" | "hint">;

/** A rule set is often about many products, and what is doubtful about another's rules is of no interest here. */
function warningsOf(ruleset: Ruleset, problems: readonly FoundProblem[]): PolicyFinding[] {
  const documents = [
    ...ruleset.rules,
    ...ruleset.filters,
    ...ruleset.correlations,
    ...ruleset.inactive.map(({ rule }) => rule),
    ...ruleset.inactiveFilters.map(({ filter }) => filter),
    ...ruleset.inactiveCorrelations.map(({ correlation }) => correlation),
  ];
  const paths = new Set(documents.map(({ path }) => path));
  const ours = problems.filter(({ path, code }) => paths.has(path) && code !== "other-logsource");
  return findingsIn("warning", ours);
}

const findingsIn = (wanted: "error" | "warning", problems: readonly FoundProblem[]): PolicyFinding[] =>
  problems
    .filter(({ severity }) => severity === wanted)
    .map(({ path, line, column, code, message, hint }) => ({
      path,
      line,
      column,
      code,
      message: hint === undefined ? message : `${message} ${hint}`,
    }));

const inactiveOf = (ruleset: Ruleset): InactivePolicy[] => [
  ...ruleset.inactive.map(({ rule, placeholders }) => waiting(rule, placeholders)),
  ...ruleset.inactiveCorrelations.map(({ correlation, placeholders }) => waiting(correlation, placeholders)),
];

const waiting = (policy: Metadata, placeholders: readonly string[]): InactivePolicy => {
  const { title, path, line } = policy;
  return { ...identityOf(policy), title, path, line, placeholders };
};
