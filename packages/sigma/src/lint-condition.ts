import type { Expression } from "./expression.ts";
import type { Position, ProblemList } from "./problem.ts";
import type { Test } from "./test.ts";

/** Comparing every pair of more tests of one field would cost more than the warning is worth. */
const MOST_COMPARED = 200;

/** The tests that a group asserts or denies, each question once. */
interface Literals {
  readonly asserted: Map<string, Test>;
  readonly denied: Map<string, Test>;
}

/**
 * Warns about parts of a condition that no event can satisfy, or every event does. Only what is certain from the
 * tests themselves: a test together with its own negation, and one field equal to two different values.
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

/** Looks at every group of the given operator that counts towards the condition being true. */
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
    case "test":
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

/** The tests that stand directly under an operator, through nested groups of the same operator and through `not`. */
function literalsOf(group: Expression, operator: "and" | "or"): Literals {
  const literals: Literals = { asserted: new Map(), denied: new Map() };
  const visited = { asserted: new Set<Expression>(), denied: new Set<Expression>() };
  const collect = (expression: Expression, side: "asserted" | "denied"): void => {
    if (visited[side].has(expression)) {
      return;
    }
    visited[side].add(expression);
    const isDenied = side === "denied";
    if (expression.type === "test") {
      literals[side].set(expression.test.key, expression.test);
    } else if (expression.type === "not") {
      collect(expression.child, isDenied ? "asserted" : "denied");
    } else if (expression.type !== "pending") {
      const counts = (expression.type === operator) !== isDenied || expression.children.length === 1;
      for (const child of counts ? expression.children : []) {
        collect(child, side);
      }
    }
  };
  collect(group, "asserted");
  return literals;
}

function clash({ asserted, denied }: Literals, operator: "and" | "or"): string | undefined {
  for (const [key, test] of asserted) {
    const opposite = denied.get(key);
    if (opposite !== undefined) {
      return `${describe(test)}, ${operator === "and" ? "and also not" : "or not"} ${describe(opposite)}`;
    }
  }
  if (operator === "or") {
    return undefined;
  }
  const deniedOf = byField(denied.values());
  for (const [field, tests] of byField(asserted.values())) {
    const found = clashInField(tests, deniedOf.get(field) ?? []);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function clashInField(asserted: readonly Test[], denied: readonly Test[]): string | undefined {
  for (const test of asserted) {
    const cover = denied.find((other) => covers(other, test));
    if (cover !== undefined) {
      return `${describe(test)}, and also not ${describe(cover)}`;
    }
    const other = asserted.find((candidate) => excludes(candidate, test));
    if (other !== undefined) {
      return `${describe(test)}, and also ${describe(other)} (unless the field is a list)`;
    }
  }
  return undefined;
}

/** The tests of each field, as many as are compared. Keywords have none. */
function byField(tests: Iterable<Test>): Map<string, Test[]> {
  const groups = new Map<string, Test[]>();
  for (const test of tests) {
    if (test.field !== undefined) {
      const group = groups.get(test.field) ?? [];
      groups.set(test.field, group);
      if (group.length < MOST_COMPARED) {
        group.push(test);
      }
    }
  }
  return groups;
}

const describe = ({ field, text }: Test): string => `\`${field ?? "any value"} ${text}\``;

/** Whether the first is true wherever the second is. */
const covers = (wide: Test, narrow: Test): boolean =>
  wide.exact !== undefined &&
  narrow.exact !== undefined &&
  wide.exact.cased === narrow.exact.cased &&
  !narrow.exact.numeric &&
  narrow.exact.texts.isSubsetOf(wide.exact.texts);

/** Whether both are equality tests of one field without a common value. */
const excludes = (left: Test, right: Test): boolean =>
  left.exact !== undefined &&
  right.exact !== undefined &&
  left.exact.cased === right.exact.cased &&
  !left.exact.numeric &&
  !right.exact.numeric &&
  left.exact.texts.isDisjointFrom(right.exact.texts);
