import type { Position, ProblemList } from "../problems/problem.ts";

/** A condition before its names are looked up. */
export type ConditionNode =
  | { readonly type: "and" | "or"; readonly children: readonly ConditionNode[] }
  | { readonly type: "not"; readonly child: ConditionNode }
  | { readonly type: "identifier"; readonly name: string; readonly at: Position }
  | {
      readonly type: "of";
      readonly quantifier: "1" | "any" | "all";
      readonly pattern: string;
      readonly at: Position;
    };

interface Token {
  readonly text: string;
  readonly index: number;
}

const tokenPattern = /\s+|[()|]|[A-Za-z0-9_*.-]+|./gsu;
const word = /^[A-Za-z0-9_*.-]+$/;
const operators: ReadonlySet<string> = new Set(["and", "or", "not", "of", "all", "any", "them"]);
const quantifiers: ReadonlySet<string> = new Set(["1", "any", "all"]);
/** Deeper parentheses than any person writes; the parser is recursive. */
const deepestNesting = 200;

/** Ends the parse of one condition; its problem is already reported. */
class ConditionRejected extends Error {}

/**
 * Parses a condition: `or` binds weakest, then `and`, then `not`, then `1|any|all of pattern`.
 * Undefined when it is rejected; the reason is in `problems`.
 */
export function parseCondition(
  text: string,
  locate: (index: number, token: string) => Position,
  identifiers: ReadonlySet<string>,
  problems: ProblemList,
): ConditionNode | undefined {
  try {
    return new ConditionParser(text, locate, identifiers, problems).parse();
  } catch (error) {
    if (error instanceof ConditionRejected) {
      return undefined;
    }
    throw error;
  }
}

class ConditionParser {
  readonly #tokens: Token[];
  readonly #locate: (index: number, token: string) => Position;
  readonly #identifiers: ReadonlySet<string>;
  readonly #problems: ProblemList;
  readonly #end: Position;
  #next = 0;
  #depth = 0;

  constructor(
    text: string,
    locate: (index: number, token: string) => Position,
    identifiers: ReadonlySet<string>,
    problems: ProblemList,
  ) {
    this.#locate = locate;
    this.#identifiers = identifiers;
    this.#problems = problems;
    this.#tokens = [...text.matchAll(tokenPattern)]
      .map((match) => ({ text: match[0], index: match.index }))
      .filter((token) => token.text.trim() !== "");
    const last = this.#tokens.at(-1);
    this.#end = last === undefined ? locate(0, "") : locate(last.index, last.text);
  }

  parse(): ConditionNode {
    const pipe = this.#tokens.find((token) => token.text === "|");
    if (pipe !== undefined) {
      return this.#reject(
        "condition-aggregation",
        pipe,
        "Sigma 2 has no aggregation in conditions (`| count() ...`, `| near ...`).",
        "Write a correlation document of type event_count, value_count or temporal.",
      );
    }
    if (this.#tokens.length === 0) {
      return this.#reject("condition-syntax", undefined, "The condition is empty.");
    }
    const tree = this.#or();
    const rest = this.#tokens[this.#next];
    if (rest !== undefined) {
      const hint = word.test(rest.text) ? "Put `and` or `or` between two names." : undefined;
      this.#reject("condition-syntax", rest, `\`${rest.text}\` is not expected here.`, hint);
    }
    return tree;
  }

  #or(): ConditionNode {
    const children = [this.#and()];
    while (this.#take("or")) {
      children.push(this.#and());
    }
    return group("or", children);
  }

  #and(): ConditionNode {
    const children = [this.#not()];
    while (this.#take("and")) {
      children.push(this.#not());
    }
    return group("and", children);
  }

  #not(): ConditionNode {
    if (!this.#take("not")) {
      return this.#primary();
    }
    this.#enter();
    const child = this.#not();
    this.#depth--;
    return { type: "not", child };
  }

  #primary(): ConditionNode {
    const token = this.#tokens[this.#next];
    if (token === undefined) {
      return this.#reject("condition-syntax", undefined, "The condition ends where a selection is expected.");
    }
    this.#next++;
    if (token.text === "(") {
      this.#enter();
      const inner = this.#or();
      this.#depth--;
      if (!this.#take(")")) {
        this.#reject("condition-syntax", token, "This parenthesis is never closed.");
      }
      return inner;
    }
    const following = this.#tokens[this.#next];
    if (following?.text === "of") {
      return this.#of(token);
    }
    if (following?.text.toLowerCase() === "of" && quantifiers.has(token.text.toLowerCase())) {
      this.#checkWord(following);
    }
    this.#checkWord(token);
    if (operators.has(token.text) && !this.#identifiers.has(token.text)) {
      return this.#reject(
        "condition-syntax",
        token,
        `\`${token.text}\` stands where a selection is expected.`,
      );
    }
    return { type: "identifier", name: token.text, at: this.#at(token) };
  }

  #of(quantifier: Token): ConditionNode {
    const { text } = quantifier;
    if (text !== "1" && text !== "any" && text !== "all") {
      return this.#reject(
        /^(any|all)$/i.test(text) ? "uppercase-operator" : "condition-syntax",
        quantifier,
        `\`${text} of\` is not Sigma.`,
        "Write `1 of`, `any of` or `all of`; for other counts spell the combinations out.",
      );
    }
    this.#next++;
    const pattern = this.#tokens[this.#next];
    if (pattern === undefined || !word.test(pattern.text)) {
      return this.#reject(
        "condition-syntax",
        pattern ?? quantifier,
        `\`${text} of\` needs \`them\` or a pattern.`,
      );
    }
    if (pattern.text !== "them" && pattern.text.toLowerCase() === "them") {
      this.#checkWord(pattern);
    }
    this.#next++;
    return { type: "of", quantifier: text, pattern: pattern.text, at: this.#at(pattern) };
  }

  /** Rejects operators in capitals, which would otherwise be reported as unknown selections. */
  #checkWord(token: Token): void {
    const lower = token.text.toLowerCase();
    if (operators.has(lower) && lower !== token.text && !this.#identifiers.has(token.text)) {
      this.#reject(
        "uppercase-operator",
        token,
        `Operators are lower case: \`${token.text}\`.`,
        `Write \`${lower}\`.`,
      );
    }
    if (!word.test(token.text)) {
      this.#reject("condition-syntax", token, `\`${token.text}\` is not expected here.`);
    }
  }

  #take(text: string): boolean {
    const token = this.#tokens[this.#next];
    if (token === undefined || token.text !== text) {
      if (token !== undefined && operators.has(text)) {
        this.#checkOperator(token);
      }
      return false;
    }
    this.#next++;
    return true;
  }

  #checkOperator(token: Token): void {
    const lower = token.text.toLowerCase();
    if (lower !== token.text && ["and", "or", "not"].includes(lower)) {
      this.#checkWord(token);
    }
  }

  #enter(): void {
    if (++this.#depth > deepestNesting) {
      this.#reject(
        "condition-syntax",
        undefined,
        `The condition is nested deeper than ${deepestNesting} levels.`,
      );
    }
  }

  #at(token: Token): Position {
    return this.#locate(token.index, token.text);
  }

  #reject(
    code: "condition-syntax" | "condition-aggregation" | "uppercase-operator",
    token: Token | undefined,
    message: string,
    hint?: string,
  ): never {
    this.#problems.add(code, token === undefined ? this.#end : this.#at(token), message, hint);
    throw new ConditionRejected();
  }
}

function group(type: "and" | "or", children: readonly ConditionNode[]): ConditionNode {
  const [only] = children;
  return children.length === 1 && only !== undefined ? only : { type, children };
}
