import type { Program } from "../match/program.ts";
import type { Expression } from "../matchers/expression.ts";
import type { Matcher } from "../matchers/matcher.ts";

/** One matcher whose verdict helped to make a condition true. */
export interface DecisivePart {
  readonly matcher: Matcher;
  readonly verdict: boolean;
  /** The innermost selection around the matcher that is false: under `not` it is the selection that decides. */
  readonly deniedSelection?: string;
}

/**
 * The matchers that made an expression true of the program's current event, in the order of the condition: of `and` all
 * parts, of `or` the true ones, and under `not` the reverse, because `not (a and b)` holds by whichever of the two is
 * false. These verdicts alone prove the expression, whatever the other matchers say. None where it is false.
 */
export function decisiveParts(expression: Expression, program: Program): DecisivePart[] {
  const verdicts = new Verdicts(program);
  const parts: DecisivePart[] = [];
  if (verdicts.of(expression)) {
    collect(expression, undefined, verdicts, parts);
  }
  return parts;
}

/** What the nodes of an expression are for one event. A condition may name a selection many times: each is decided once. */
class Verdicts {
  readonly #program: Program;
  readonly #known = new Map<Expression, boolean>();

  constructor(program: Program) {
    this.#program = program;
  }

  of(expression: Expression): boolean {
    let verdict = this.#known.get(expression);
    if (verdict === undefined) {
      verdict = this.#decide(expression);
      this.#known.set(expression, verdict);
    }
    return verdict;
  }

  #decide(expression: Expression): boolean {
    switch (expression.type) {
      case "matcher":
        return this.#program.question(expression.matcher).isTrue();
      case "not":
        return !this.of(expression.child);
      case "and":
        return expression.children.every((child) => this.of(child));
      case "or":
        return expression.children.some((child) => this.of(child));
      case "pending":
        throw new TypeError("A detection item with placeholders must be linked before it is decided.");
    }
  }
}

function collect(
  expression: Expression,
  deniedAround: string | undefined,
  verdicts: Verdicts,
  parts: DecisivePart[],
): void {
  const verdict = verdicts.of(expression);
  const denied = expression.label === undefined ? deniedAround : verdict ? undefined : expression.label;
  switch (expression.type) {
    case "matcher": {
      const { matcher } = expression;
      parts.push({ matcher, verdict, ...(denied === undefined ? {} : { deniedSelection: denied }) });
      return;
    }
    case "not":
      collect(expression.child, denied, verdicts, parts);
      return;
    case "and":
    case "or":
      // A true `and` is true by all its parts, a false one by those that are false; an `or` the other way round.
      for (const child of expression.children) {
        if (verdicts.of(child) === verdict) {
          collect(child, denied, verdicts, parts);
        }
      }
      return;
    case "pending":
      return;
  }
}
