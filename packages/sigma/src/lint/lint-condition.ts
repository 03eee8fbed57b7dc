import type { Expression } from "../matchers/expression.ts";
import type { Matcher } from "../matchers/matcher.ts";
import type { Position, ProblemList } from "../problems/problem.ts";
import { contradictionIn } from "./lint-field.ts";

/** Comparing more matchers of one field would cost more than the warning is worth. */
const mostCompared = 200;

/** What a group says: the matchers it asserts and denies, each question once, and its lists of alternatives. */
interface Literals {
  readonly asserted: Map<string, Matcher>;
  readonly denied: Map<string, Matcher>;
  /** Matchers of one field of which one must be true. */
  readonly alternatives: (readonly Matcher[])[];
}

/**
 * Warns about parts of a condition that no event can satisfy, or that every event does. Reports only what the matchers
 * alone make certain; where a list in the event could still satisfy the part, the warning says so.
 */
export function lintCondition(expression: Expression, at: Position, problems: ProblemList): void {
  const contradiction = findIn(expression, "and");
  if (contradiction !== undefined) {
    problems.add("unsatisfiable", at, `No event can satisfy this: ${contradiction}.`);
  }
  const tautology = findIn(expression, "or");
  if (tautology !== undefined) {
    problems.add("always-true", at, `Every event satisfies a part of this: ${tautology}.`);
  }
}

/** Looks at every group with the given operator that can decide the condition. */
function findIn(
  expression: Expression,
  operator: "and" | "or",
  visited: Record<"and" | "or", Set<Expression>> = { and: new Set(), or: new Set() },
): string | undefined {
  if (visited[operator].has(expression)) {
    return undefined;
  }
  visited[operator].add(expression);
  switch (expression.type) {
    case "matcher":
    case "pending":
      return undefined;
    case "not":
      // Under `not` the roles change: what no event satisfies there is satisfied by every event here.
      return findIn(expression.child, operator === "and" ? "or" : "and", visited);
    case "and":
    case "or": {
      const own =
        expression.type === operator ? clash(literalsOf(expression, operator), operator) : undefined;
      if (own !== undefined) {
        return own;
      }
      for (const child of expression.children) {
        const found = child.type === expression.type ? undefined : findIn(child, operator, visited);
        if (found !== undefined) {
          return found;
        }
      }
      return undefined;
    }
  }
}

/** The matchers that stand directly under an operator, through nested groups of the same operator and through `not`. */
function literalsOf(group: Expression, operator: "and" | "or"): Literals {
  const literals: Literals = { asserted: new Map(), denied: new Map(), alternatives: [] };
  const visited = { asserted: new Set<Expression>(), denied: new Set<Expression>() };
  const collect = (expression: Expression, side: "asserted" | "denied"): void => {
    if (visited[side].has(expression)) {
      return;
    }
    visited[side].add(expression);
    const isDenied = side === "denied";
    if (expression.type === "matcher") {
      literals[side].set(expression.matcher.key, expression.matcher);
    } else if (expression.type === "not") {
      collect(expression.child, isDenied ? "asserted" : "denied");
    } else if (expression.type !== "pending") {
      const counts = (expression.type === operator) !== isDenied || expression.children.length === 1;
      for (const child of counts ? expression.children : []) {
        collect(child, side);
      }
      const alternatives = counts || isDenied ? undefined : matchersOfOneField(expression.children);
      if (alternatives !== undefined) {
        literals.alternatives.push(alternatives);
      }
    }
  };
  collect(group, "asserted");
  return literals;
}

/** The children's matchers, if all of them ask the same field. */
function matchersOfOneField(children: readonly Expression[]): Matcher[] | undefined {
  const matchers: Matcher[] = [];
  for (const child of children) {
    const field = child.type === "matcher" ? child.matcher.field : undefined;
    if (child.type !== "matcher" || field === undefined || (matchers[0] ?? child.matcher).field !== field) {
      return undefined;
    }
    matchers.push(child.matcher);
  }
  return matchers.length > 0 && matchers.length <= mostCompared ? matchers : undefined;
}

function clash({ asserted, denied, alternatives }: Literals, operator: "and" | "or"): string | undefined {
  for (const [key, matcher] of asserted) {
    const opposite = denied.get(key);
    if (opposite !== undefined) {
      return `${describe([matcher])}, ${operator === "and" ? "and also not" : "or not"} ${describe([opposite])}`;
    }
  }
  if (operator === "or") {
    return undefined;
  }
  const deniedOf = byField([...denied.values()].map((matcher) => [matcher]));
  const clauses = byField([...[...asserted.values()].map((matcher) => [matcher]), ...alternatives]);
  for (const [field, ofField] of clauses) {
    const found = contradictionIn(field, ofField, (deniedOf.get(field) ?? []).flat());
    if (found !== undefined) {
      const { clause, other, isDenied, isCertain } = found;
      return `${describe(clause)}, and also ${isDenied ? "not " : ""}${describe(other)}${
        isCertain ? "" : " (unless the field is a list)"
      }`;
    }
  }
  return undefined;
}

/** The clauses of each field, as many as are compared. Keywords have none. */
function byField(clauses: readonly (readonly Matcher[])[]): Map<string, (readonly Matcher[])[]> {
  const groups = new Map<string, (readonly Matcher[])[]>();
  for (const clause of clauses) {
    const field = clause[0]?.field;
    if (field !== undefined) {
      const group = groups.get(field) ?? [];
      groups.set(field, group);
      if (group.length < mostCompared) {
        group.push(clause);
      }
    }
  }
  return groups;
}

/** The first alternatives of a clause are enough to recognise it. */
const mostShown = 3;

function describe(clause: readonly Matcher[]): string {
  const [first] = clause;
  const shown = clause.slice(0, mostShown).map(({ text }) => text);
  const more = clause.length > mostShown ? ["..."] : [];
  return `\`${first?.field ?? "any value"} ${[...shown, ...more].join(" or ")}\``;
}
