import { combine, type Expression } from "../matchers/expression.ts";
import type { Matcher } from "../matchers/matcher.ts";

/**
 * What is left of an expression when some matchers are decided: the part that is still open, or its verdict. Matchers are
 * asked for in the order of the condition and only where the verdict still depends on them.
 *
 * @param decide the verdict of a matcher, or undefined when it is open.
 */
export function partOf(
  expression: Expression,
  decide: (matcher: Matcher) => boolean | undefined,
): Expression | boolean {
  switch (expression.type) {
    case "matcher":
      return decide(expression.matcher) ?? expression;
    case "not": {
      const child = partOf(expression.child, decide);
      return typeof child === "boolean" ? !child : { type: "not", child };
    }
    case "and":
    case "or": {
      const deciding = expression.type === "or";
      const open: Expression[] = [];
      for (const child of expression.children) {
        const part = partOf(child, decide);
        if (part === deciding) {
          return deciding;
        }
        if (typeof part === "object") {
          // One level less to ask. A loop, because a list of values may be too long to be spread.
          for (const one of part.type === expression.type ? part.children : [part]) {
            open.push(one);
          }
        }
      }
      return open.length === 0 ? !deciding : combine(expression.type, open);
    }
    case "pending":
      return expression;
  }
}
