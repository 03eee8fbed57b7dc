import type { Expression } from "./matchers/expression.ts";
import type { Filter, Rule } from "./rule.ts";

/** A rule whose references are resolved, with the filters that narrow it. */
export interface LinkedRule {
  readonly rule: Rule;
  readonly expression: Expression;
  readonly filters: readonly LinkedFilter[];
}

export interface LinkedFilter {
  readonly filter: Filter;
  readonly expression: Expression;
}
