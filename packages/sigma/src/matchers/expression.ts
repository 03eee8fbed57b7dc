import type { DetectionItem } from "../parse/detection-item.ts";
import type { Position } from "../problems/problem.ts";
import type { Matcher } from "./matcher.ts";

/**
 * A condition as a tree, between YAML and the compiled predicate.
 *
 * The tree is kept after compiling, because explanations, reasons, lint and the index's requirements are all read from it,
 * and so cannot drift from what is evaluated. Nodes are shared where a condition names a selection twice: walk them with a
 * memo, or count on `treeSize`, which bounds them when they are loaded. `label` is the rule's own word for a node: the name
 * of a selection, `1 of filter_*`.
 */
export type Expression =
  | { readonly type: "and" | "or"; readonly children: readonly Expression[]; readonly label?: string }
  | { readonly type: "not"; readonly child: Expression; readonly label?: string }
  | { readonly type: "matcher"; readonly matcher: Matcher; readonly at: Position; readonly label?: string }
  /** An item with placeholders, which only linking can turn into matchers. */
  | { readonly type: "pending"; readonly item: DetectionItem; readonly label?: string };

/** Children under one operator; a single child stands alone. */
export function combine(type: "and" | "or", children: readonly Expression[]): Expression {
  const [only] = children;
  return children.length === 1 && only !== undefined ? only : { type, children };
}

/** The node under a name. A node that already has another name is wrapped, so that both are kept. */
export function labelled(expression: Expression, label: string): Expression {
  return expression.label === undefined
    ? { ...expression, label }
    : { type: "and", children: [expression], label };
}

/** How many nodes the tree has when what it shares is written out at every place. */
export function treeSize(expression: Expression, known = new Map<Expression, number>()): number {
  const before = known.get(expression);
  if (before !== undefined) {
    return before;
  }
  let size = 1;
  if (expression.type === "not") {
    size += treeSize(expression.child, known);
  } else if (expression.type === "and" || expression.type === "or") {
    for (const child of expression.children) {
      size += treeSize(child, known);
    }
  }
  known.set(expression, size);
  return size;
}
