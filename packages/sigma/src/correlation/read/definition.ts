import type { ConditionNode } from "../../parse/condition.ts";
import type { RuleReference } from "../../parse/rule-reference.ts";
import type { Position } from "../../problems/problem.ts";
import type { CorrelationType } from "../correlation-type.ts";
import type { Threshold } from "../threshold.ts";

/** A correlation as its document states it: references are not yet looked up. */
export interface CorrelationDefinition {
  readonly type: CorrelationType;
  /** Undefined where the document leaves it to the extended condition to name them. */
  readonly rules: readonly RuleReference[] | undefined;
  readonly groupBy: readonly PlacedText[];
  readonly timespanSeconds: number;
  readonly condition: ThresholdDefinition | RulesDefinition | undefined;
  readonly conditionAt: Position;
  readonly aliases: readonly AliasDefinition[];
  readonly generate: boolean;
}

export interface PlacedText {
  readonly text: string;
  readonly at: Position;
}

export interface ThresholdDefinition {
  readonly kind: "threshold";
  readonly threshold: Threshold;
  readonly fields: readonly PlacedText[];
  readonly percentile: number | undefined;
}

export interface RulesDefinition {
  readonly kind: "rules";
  readonly tree: ConditionNode;
  readonly text: string;
}

/** Another name for fields that are called differently in each rule. */
export interface AliasDefinition {
  readonly alias: string;
  readonly at: Position;
  readonly fields: readonly { readonly rule: string; readonly at: Position; readonly field: string }[];
}

/** What a correlation refers to: the rules it lists, and those that an extended condition names. */
export function correlationReferences({
  definition: { rules = [], condition },
}: {
  readonly definition: CorrelationDefinition;
}): readonly RuleReference[] {
  return [...rules, ...(condition?.kind === "rules" ? identifiersIn(condition.tree) : [])];
}

function identifiersIn(node: ConditionNode): RuleReference[] {
  switch (node.type) {
    case "and":
    case "or":
      return node.children.flatMap(identifiersIn);
    case "not":
      return identifiersIn(node.child);
    case "identifier":
      return [{ rule: node.name, at: node.at }];
    case "of":
      return [];
  }
}
