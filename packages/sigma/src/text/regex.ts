import { RE2JS, RE2JSException } from "re2js";
import { requiredLiteral } from "./regex-literal.ts";
import { explainRegexError, type RegexRejection } from "./regex-rejection.ts";

/** A regular expression of linear running time. */
export interface CompiledRegex {
  readonly source: string;
  /** The letters of the flags that are set: `i`, `m`, `s`. */
  readonly flags: string;
  /** A text that every match contains; empty when none is known. */
  readonly literal: string;
  readonly test: (text: string) => boolean;
}

export interface RegexOptions {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  /** Whether the match must begin where the text begins. */
  readonly atStart: boolean;
  readonly atEnd: boolean;
}

/** Most texts contain a shorter literal anyway. */
const shortestUsefulLiteral = 3;

/** Compiles a regular expression, or says why it is rejected. */
export function compileRegex(source: string, options: RegexOptions): CompiledRegex | RegexRejection {
  const { ignoreCase, multiline, dotAll, atStart, atEnd } = options;
  const flagBits =
    (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) |
    (multiline ? RE2JS.MULTILINE : 0) |
    (dotAll ? RE2JS.DOTALL : 0);
  const anchored = atStart || atEnd ? `${atStart ? "\\A" : ""}(?:${source})${atEnd ? "\\z" : ""}` : source;
  try {
    const compiled = RE2JS.compile(anchored, flagBits);
    const literal = ignoreCase ? "" : requiredLiteral(source);
    return {
      source: anchored,
      flags: `${ignoreCase ? "i" : ""}${multiline ? "m" : ""}${dotAll ? "s" : ""}`,
      literal,
      test:
        literal.length < shortestUsefulLiteral
          ? (text) => compiled.test(text)
          : (text) => text.includes(literal) && compiled.test(text),
    };
  } catch (error) {
    if (error instanceof RE2JSException) {
      return explainRegexError(error.message);
    }
    throw error;
  }
}

/** The text as a regular expression that matches only itself. */
export function quoteRegex(text: string): string {
  return RE2JS.quote(text);
}
