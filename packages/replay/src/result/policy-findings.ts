import type { PolicyProblem, PolicySet } from "@streamwarden/policies";

/** Something about a policy file, at its place. */
export interface PolicyFinding {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  /** Stable: a problem code of Sigma or of the policies. */
  readonly code: string;
  readonly message: string;
}

/** A policy that waits for configuration. */
export interface WaitingPolicy {
  readonly path: string;
  readonly line: number;
  readonly id: string;
  readonly name: string;
  readonly title: string;
  /** Names of the lists that are empty. */
  readonly placeholders: readonly string[];
}

/** Doubts about what a deployment would do; stored records were captured already. */
const aboutDeployment: ReadonlySet<PolicyProblem["code"]> = new Set([
  "other-logsource",
  "not-captured",
  "silenced-policy",
]);

/** Policy files and documents that are not evaluated because something is wrong with them. */
export function rejectedOf({ problems }: PolicySet): PolicyFinding[] {
  return problems.filter(({ severity }) => severity === "error").map(findingOf);
}

/**
 * Doubts about the policies that are evaluated or wait for configuration. A rule set is often about many products, and
 * what is doubtful about another's rules is of no interest here.
 */
export function warningsOf({ problems, ruleset }: PolicySet): PolicyFinding[] {
  const documents = [
    ...ruleset.rules,
    ...ruleset.filters,
    ...ruleset.correlations,
    ...ruleset.inactive.map(({ rule }) => rule),
    ...ruleset.inactiveFilters.map(({ filter }) => filter),
    ...ruleset.inactiveCorrelations.map(({ correlation }) => correlation),
  ];
  const paths = new Set(documents.map(({ path }) => path));
  return problems
    .filter(
      ({ severity, path, code }) => severity === "warning" && paths.has(path) && !aboutDeployment.has(code),
    )
    .map(findingOf);
}

export function waitingOf({ inactive }: PolicySet): WaitingPolicy[] {
  return inactive.map(({ id, name, title, path, line, placeholders }) => ({
    id,
    name,
    title,
    path,
    line,
    placeholders,
  }));
}

function findingOf({ path, line, column, code, message, hint }: PolicyProblem): PolicyFinding {
  return {
    path,
    line,
    column,
    code,
    message: hint === undefined ? message : `${message} ${hint}`,
  };
}
