import { type DocumentIndex, namesOf } from "../../document-index.ts";
import type { ConditionNode } from "../../parse/condition.ts";
import type { SigmaDocument } from "../../parse/document.ts";
import type { RuleReference } from "../../parse/rule-reference.ts";
import type { Position, ProblemList } from "../../problems/problem.ts";
import { mostRules } from "../correlation.ts";
import { isTemporal } from "../correlation-type.ts";
import type { CorrelationDefinition } from "../read/definition.ts";

/** A rule or correlation that a correlation is about. */
export interface ReferencedDocument {
  readonly document: SigmaDocument;
  readonly at: Position;
  /** What the rest of the document may call it, in lower case: its id, its name and what `rules` calls it. */
  readonly names: ReadonlySet<string>;
}

/**
 * Looks up the rules of a correlation: those it lists or, where it lists none, those its condition names, each once.
 * Undefined when one cannot be found; every reason is in `problems`.
 */
export function resolveReferences(
  definition: CorrelationDefinition,
  index: DocumentIndex,
  problems: ProblemList,
): ReferencedDocument[] | undefined {
  const before = problems.problems.length;
  const { rules, condition } = definition;
  const references =
    rules ?? (condition?.kind === "rules" ? identifiersOf(condition.tree, problems) : undefined) ?? [];
  if (references.length > mostRules) {
    const message = `A correlation is about at most ${mostRules} rules; this one lists ${references.length}.`;
    problems.add("invalid-correlation", definition.conditionAt, message, "Chain several correlations.");
    return undefined;
  }
  const mayRepeat =
    rules === undefined || (definition.type === "temporal_ordered" && condition?.kind !== "rules");
  const found = new Map<SigmaDocument, ReferencedDocument & { readonly names: Set<string> }>();
  for (const reference of references) {
    const target = find(reference, index, problems);
    if (target !== undefined && found.has(target) && !mayRepeat) {
      const message = `"${target.title}" is listed twice.`;
      const hint = isTemporal(definition.type)
        ? "Only temporal_ordered may require a rule twice."
        : undefined;
      problems.add("invalid-correlation", reference.at, message, hint);
    } else if (target !== undefined) {
      const entry = found.get(target) ?? { document: target, at: reference.at, names: namesOf(target) };
      found.set(target, { ...entry, names: entry.names.add(reference.rule.toLowerCase()) });
    }
  }
  const isRejected = problems.problems.slice(before).some(({ severity }) => severity === "error");
  return isRejected || found.size === 0 ? undefined : [...found.values()];
}

function find(
  reference: RuleReference,
  index: DocumentIndex,
  problems: ProblemList,
): SigmaDocument | undefined {
  const target = index.find(reference, problems);
  if (target?.kind === "filter") {
    const message = `"${target.title}" is a filter; correlations are about rules.`;
    problems.add("unknown-rule", reference.at, message);
    return undefined;
  }
  return target;
}

/** The names in an extended condition, each where it first stands. Quantifiers have nothing to count and are rejected. */
export function identifiersOf(node: ConditionNode, problems: ProblemList): RuleReference[] {
  switch (node.type) {
    case "and":
    case "or":
      return node.children.flatMap((child) => identifiersOf(child, problems));
    case "not":
      return identifiersOf(node.child, problems);
    case "identifier":
      return [{ rule: node.name, at: node.at }];
    case "of":
      problems.add(
        "condition-syntax",
        node.at,
        `\`${node.quantifier} of\` is not part of the condition of a correlation.`,
        "Name the rules, with `and`, `or` and `not` between them.",
      );
      return [];
  }
}
