import type { ConditionNode } from "../../parse/condition.ts";
import type { RuleReference, SigmaDocument } from "../../parse/document.ts";
import type { Position, ProblemList } from "../../problems/problem.ts";
import { isTemporal, mostRules } from "../correlation.ts";
import type { CorrelationDefinition } from "./definition.ts";
import { didYouMean } from "./read-correlation.ts";

/** A rule or correlation that a correlation is about. */
export interface ReferencedDocument {
  readonly document: SigmaDocument;
  readonly at: Position;
  /** Its id and name in lower case: what the rest of the document may call it. */
  readonly names: ReadonlySet<string>;
}

/** The documents by id and name, in lower case. */
export class DocumentIndex {
  readonly documents: readonly SigmaDocument[];
  readonly #byReference = new Map<string, SigmaDocument>();

  constructor(documents: readonly SigmaDocument[]) {
    this.documents = documents;
    for (const document of documents) {
      for (const name of namesOf(document)) {
        this.#byReference.set(name, document);
      }
    }
  }

  find(reference: string): SigmaDocument | undefined {
    return this.#byReference.get(reference.toLowerCase());
  }
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
  const found = new Map<SigmaDocument, ReferencedDocument>();
  for (const reference of references) {
    const target = find(reference, index, problems);
    if (target !== undefined && found.has(target) && !mayRepeat) {
      const message = `"${target.title}" is listed twice.`;
      const hint = isTemporal(definition.type)
        ? "Only temporal_ordered may require a rule twice."
        : undefined;
      problems.add("invalid-correlation", reference.at, message, hint);
    } else if (target !== undefined && !found.has(target)) {
      found.set(target, { document: target, at: reference.at, names: namesOf(target) });
    }
  }
  const isRejected = problems.problems.slice(before).some(({ severity }) => severity === "error");
  return isRejected || found.size === 0 ? undefined : [...found.values()];
}

function find(
  { rule: reference, at }: RuleReference,
  index: DocumentIndex,
  problems: ProblemList,
): SigmaDocument | undefined {
  const { documents } = index;
  const target = index.find(reference);
  if (target === undefined) {
    const titled = documents.find(({ title, kind }) => title === reference && kind !== "filter");
    const names = documents.flatMap(({ name, kind }) =>
      name === undefined || kind === "filter" ? [] : [name],
    );
    problems.add(
      "unknown-rule",
      at,
      `No rule has the id or name "${reference}" (or it was rejected).`,
      titled === undefined
        ? didYouMean(reference, names)
        : `A title is not a reference: write ${titled.name ?? titled.id ?? "a name, once the rule has one"}.`,
    );
    return undefined;
  }
  if (target.kind === "filter") {
    problems.add("unknown-rule", at, `"${target.title}" is a filter; correlations are about rules.`);
    return undefined;
  }
  return target;
}

function namesOf({ id, name }: SigmaDocument): ReadonlySet<string> {
  return new Set(
    [id, name].flatMap((reference) => (reference === undefined ? [] : [reference.toLowerCase()])),
  );
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
