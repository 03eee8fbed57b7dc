import type { Program } from "../match/program.ts";
import type { Expression } from "../matchers/expression.ts";
import type { Matcher } from "../matchers/matcher.ts";
import { showText } from "../text/show-text.ts";

/** The lines for the matchers that made an expression true of the program's current event, each line once. */
export function reasonsOf(expression: Expression, program: Program): string[] {
  const lines = new Set<string>();
  collect(expression, program, lines);
  return [...lines];
}

/** Whether the expression is true; its true matchers are added. What stands under `not` gives no reason. */
function collect(expression: Expression, program: Program, lines: Set<string>): boolean {
  switch (expression.type) {
    case "matcher": {
      const isTrue = program.question(expression.matcher).isTrue();
      if (isTrue) {
        lines.add(reason(expression.matcher, program));
      }
      return isTrue;
    }
    case "and":
    case "or": {
      // A branch that is false as a whole explains nothing, even where single matchers in it are true.
      const own = new Set<string>();
      const verdicts = expression.children.map((child) => collect(child, program, own));
      const isTrue = expression.type === "and" ? verdicts.every(Boolean) : verdicts.some(Boolean);
      for (const line of isTrue ? own : []) {
        lines.add(line);
      }
      return isTrue;
    }
    case "not": {
      const isFalse = !collect(expression.child, program, new Set());
      // `neq` negates a single matcher; a `not` of the condition negates a selection, which has a name.
      if (isFalse && expression.child.type === "matcher" && expression.child.label === undefined) {
        const { field, text } = expression.child.matcher;
        lines.add(showText(`not (${field ?? "any value"} ${text})`));
      }
      return isFalse;
    }
    case "pending":
      return false;
  }
}

function reason(matcher: Matcher, program: Program): string {
  const { field, text, exact } = matcher;
  const state = program.question(matcher).look();
  const seen = state.count === 1 ? state.leaves[0]?.text : undefined;
  if (exact !== undefined && seen !== undefined) {
    return showText(`${field} = ${seen === "" ? '""' : seen}`);
  }
  return showText(`${field ?? "any value"} ${text}`);
}
