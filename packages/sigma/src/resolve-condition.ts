import type { ConditionNode } from "./condition.ts";
import type { Selection } from "./detection.ts";
import { type Expression, labelled } from "./expression.ts";
import type { ProblemList } from "./problem.ts";
import { nearest } from "./spelling.ts";
import { ANY, compileWildcards, type WildcardPart } from "./wildcard.ts";

/** Replaces the names of a condition by the selections they stand for. Unknown names go to `problems`. */
export function resolveCondition(
  node: ConditionNode,
  selections: ReadonlyMap<string, Selection>,
  problems: ProblemList,
): Expression {
  switch (node.type) {
    case "and":
    case "or":
      return {
        type: node.type,
        children: node.children.map((child) => resolveCondition(child, selections, problems)),
      };
    case "not":
      return { type: "not", child: resolveCondition(node.child, selections, problems) };
    case "identifier": {
      const selection = selections.get(node.name);
      if (selection === undefined) {
        const meant = nearest(node.name, selections.keys());
        problems.add(
          "unknown-identifier",
          node.at,
          `The condition names \`${node.name}\`, which the detection does not define.`,
          meant === undefined ? undefined : `Did you mean \`${meant}\`?`,
        );
        return { type: "and", children: [] };
      }
      return selection.expression;
    }
    case "of": {
      const names = selectionsOf(node.pattern, selections.keys());
      if (names.length === 0) {
        problems.add(
          "pattern-matches-nothing",
          node.at,
          `\`${node.quantifier} of ${node.pattern}\` matches no selection, so that the rule could never be right.`,
          node.pattern.startsWith("_")
            ? undefined
            : "Selections that begin with `_` are private and never counted.",
        );
      }
      const children = names.flatMap((name) => selections.get(name)?.expression ?? []);
      const type = node.quantifier === "all" ? "and" : "or";
      return labelled({ type, children }, `${node.quantifier} of ${node.pattern}`);
    }
  }
}

/** The names that `them` or a pattern stands for. Private names (`_...`) only under a pattern that begins with `_`. */
function selectionsOf(pattern: string, names: Iterable<string>): string[] {
  const pieces: WildcardPart[] = pattern
    .split("*")
    .flatMap((piece, index) => (index === 0 ? [piece] : [ANY, piece]));
  const matches = compileWildcards(pattern === "them" ? [ANY] : pieces.filter((piece) => piece !== ""));
  const withPrivate = pattern.startsWith("_");
  return [...names].filter((name) => matches(name) && (withPrivate || !name.startsWith("_")));
}

/** Every selection name a condition mentions, patterns resolved. */
export function namesIn(node: ConditionNode, names: readonly string[]): string[] {
  switch (node.type) {
    case "and":
    case "or":
      return node.children.flatMap((child) => namesIn(child, names));
    case "not":
      return namesIn(node.child, names);
    case "identifier":
      return [node.name];
    case "of":
      return selectionsOf(node.pattern, names);
  }
}
