import type { Expression } from "./expression.ts";
import type { Position, ProblemList } from "./problem.ts";
import type { Test } from "./test.ts";

/** A test that a conjunction asserts or denies. */
interface Literal {
  readonly test: Test;
  readonly isDenied: boolean;
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
function findIn(expression: Expression, operator: "and" | "or"): string | undefined {
  switch (expression.type) {
    case "test":
    case "pending":
      return undefined;
    case "not":
      // Under `not` the roles change: what no event satisfies there is satisfied by every event here.
      return findIn(expression.child, operator === "and" ? "or" : "and");
    case "and":
    case "or": {
      const own = expression.type === operator ? clash(literals(expression, operator), operator) : undefined;
      if (own !== undefined) {
        return own;
      }
      for (const child of expression.children) {
        const found = child.type === expression.type ? undefined : findIn(child, operator);
        if (found !== undefined) {
          return found;
        }
      }
      return undefined;
    }
  }
}

/** The tests that stand directly under an operator, through nested groups of the same operator and through `not`. */
function literals(expression: Expression, operator: "and" | "or", isDenied = false): Literal[] {
  switch (expression.type) {
    case "test":
      return [{ test: expression.test, isDenied }];
    case "pending":
      return [];
    case "not":
      return literals(expression.child, operator, !isDenied);
    case "and":
    case "or": {
      const counts = (expression.type === operator) !== isDenied || expression.children.length === 1;
      return counts ? expression.children.flatMap((child) => literals(child, operator, isDenied)) : [];
    }
  }
}

function clash(all: readonly Literal[], operator: "and" | "or"): string | undefined {
  const asserted = all.filter(({ isDenied }) => !isDenied).map(({ test }) => test);
  const denied = all.filter(({ isDenied }) => isDenied).map(({ test }) => test);
  const word = operator === "and" ? "and also not" : "or not";
  for (const test of asserted) {
    const opposite = denied.find(
      (other) => other.key === test.key || (operator === "and" && covers(other, test)),
    );
    if (opposite !== undefined) {
      return `${describe(test)}, ${word} ${describe(opposite)}`;
    }
    const other = operator === "and" ? asserted.find((candidate) => excludes(candidate, test)) : undefined;
    if (other !== undefined) {
      return `${describe(test)}, and also ${describe(other)} (unless the field is a list)`;
    }
  }
  return undefined;
}

const describe = ({ field, text }: Test): string => `\`${field ?? "any value"} ${text}\``;

/** Whether the first is true wherever the second is. */
const covers = (wide: Test, narrow: Test): boolean =>
  wide.field !== undefined &&
  wide.field === narrow.field &&
  wide.exact !== undefined &&
  narrow.exact !== undefined &&
  wide.exact.cased === narrow.exact.cased &&
  !narrow.exact.numeric &&
  narrow.exact.texts.isSubsetOf(wide.exact.texts);

/** Whether both are equality tests of one field without a common value. */
const excludes = (left: Test, right: Test): boolean =>
  left.field !== undefined &&
  left.field === right.field &&
  left.exact !== undefined &&
  right.exact !== undefined &&
  left.exact.cased === right.exact.cased &&
  !left.exact.numeric &&
  !right.exact.numeric &&
  left.exact.texts.isDisjointFrom(right.exact.texts);
