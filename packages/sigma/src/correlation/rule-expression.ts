import type { ConditionNode } from "../parse/condition.ts";

/**
 * An extended condition over rules, by their position in the correlation. Negations stand at the rules only, so that
 * whether it is monotone can be seen, and so that an ordered condition can ask two questions: a rule is matched *in
 * the sequence*, and a negated rule is not matched *anywhere in the window*.
 */
export type RuleExpression =
  | { readonly type: "rule"; readonly rule: number; readonly negated: boolean }
  | { readonly type: "and" | "or"; readonly children: readonly RuleExpression[] };

/** Replaces names by positions and moves negations to the rules. Undefined where a name has no position. */
export function toRuleExpression(
  node: ConditionNode,
  positionOf: (name: string) => number | undefined,
  negated = false,
): RuleExpression | undefined {
  switch (node.type) {
    case "and":
    case "or": {
      const children = node.children.flatMap((child) => toRuleExpression(child, positionOf, negated) ?? []);
      const type = (node.type === "and") === negated ? "or" : "and";
      return children.length === node.children.length ? { type, children } : undefined;
    }
    case "not":
      return toRuleExpression(node.child, positionOf, !negated);
    case "identifier": {
      const rule = positionOf(node.name);
      return rule === undefined ? undefined : { type: "rule", rule, negated };
    }
    case "of":
      return undefined;
  }
}

/** The rules that stand under a `not`. */
export function negatedRules(expression: RuleExpression): number[] {
  if (expression.type === "rule") {
    return expression.negated ? [expression.rule] : [];
  }
  return expression.children.flatMap(negatedRules);
}

export function hasNegation(expression: RuleExpression): boolean {
  return negatedRules(expression).length > 0;
}

/** Whether the expression holds when `isMatched` answers for plain rules and `isPresent` for negated ones. */
export function expressionHolds(
  expression: RuleExpression,
  isMatched: (rule: number) => boolean,
  isPresent: (rule: number) => boolean,
): boolean {
  switch (expression.type) {
    case "rule":
      return expression.negated ? !isPresent(expression.rule) : isMatched(expression.rule);
    case "and":
      return expression.children.every((child) => expressionHolds(child, isMatched, isPresent));
    case "or":
      return expression.children.some((child) => expressionHolds(child, isMatched, isPresent));
  }
}

/** With more rules the combinations are too many to try. */
const mostRulesTried = 12;

/** Whether no, some or every non-empty combination of rules satisfies it. `some` where that is not known. */
export function expressionReach(expression: RuleExpression, ruleCount: number): "none" | "some" | "all" {
  if (ruleCount > mostRulesTried) {
    return "some";
  }
  const combinations = 2 ** ruleCount - 1;
  let satisfied = 0;
  for (let present = 1; present <= combinations; present++) {
    const isPresent = (rule: number): boolean => (present & (1 << rule)) !== 0;
    satisfied += expressionHolds(expression, isPresent, isPresent) ? 1 : 0;
  }
  if (satisfied === 0) {
    return "none";
  }
  return satisfied === combinations ? "all" : "some";
}
