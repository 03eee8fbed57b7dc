import { combine, type Expression, labelled } from "../matchers/expression.ts";
import type { Position, ProblemList } from "../problems/problem.ts";
import { didYouMean } from "../problems/spelling.ts";
import type { ConditionNode } from "./condition.ts";
import { SelectionNames } from "./selection-names.ts";

/** A named part of a detection. */
export interface Selection {
  readonly name: string;
  readonly expression: Expression;
  readonly at: Position;
}

/** A spelling is proposed for the first unknown names only: each is compared with every selection. */
const mostSuggestions = 20;

/** Replaces the names of a condition by the selections they stand for. Unknown names go to `problems`. */
export class ConditionResolver {
  /** The names of the selections that conditions mention, patterns resolved. */
  readonly used = new Set<string>();
  readonly #selections: ReadonlyMap<string, Selection>;
  readonly #problems: ProblemList;
  /** What each pattern stands for. One object for one pattern, so that its repetition costs nothing. */
  readonly #patterns = new Map<string, Expression>();
  readonly #names: SelectionNames;
  #suggestions = 0;

  constructor(selections: ReadonlyMap<string, Selection>, problems: ProblemList) {
    this.#selections = selections;
    this.#problems = problems;
    this.#names = new SelectionNames(selections.keys());
  }

  resolve(node: ConditionNode): Expression {
    switch (node.type) {
      case "and":
      case "or":
        // The same selection again (`s and s`) says nothing new.
        return combine(node.type, [...new Set(node.children.map((child) => this.resolve(child)))]);
      case "not":
        return { type: "not", child: this.resolve(node.child) };
      case "identifier":
        return this.#identifier(node.name, node.at);
      case "of":
        return this.#pattern(node);
    }
  }

  #identifier(name: string, at: Position): Expression {
    const selection = this.#selections.get(name);
    if (selection !== undefined) {
      this.used.add(name);
      return selection.expression;
    }
    this.#problems.add(
      "unknown-identifier",
      at,
      `The condition names \`${name}\`, which the detection does not define.`,
      ++this.#suggestions > mostSuggestions ? undefined : didYouMean(name, this.#selections.keys()),
    );
    return { type: "and", children: [] };
  }

  #pattern({ quantifier, pattern, at }: ConditionNode & { type: "of" }): Expression {
    const label = `${quantifier} of ${pattern}`;
    const known = this.#patterns.get(label);
    if (known !== undefined) {
      return known;
    }
    const names = this.#names.matching(pattern);
    if (names.length === 0) {
      this.#problems.add(
        "pattern-matches-nothing",
        at,
        `\`${label}\` matches no selection, so the rule could never work as meant.`,
        pattern.startsWith("_") ? undefined : "Selections that begin with `_` are private and never counted.",
      );
    }
    const children: Expression[] = [];
    for (const name of names) {
      this.used.add(name);
      const selection = this.#selections.get(name);
      if (selection !== undefined) {
        children.push(selection.expression);
      }
    }
    const expression = labelled({ type: quantifier === "all" ? "and" : "or", children }, label);
    this.#patterns.set(label, expression);
    return expression;
  }
}
