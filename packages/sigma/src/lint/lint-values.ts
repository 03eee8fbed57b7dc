import type { Position, ProblemList } from "../problems/problem.ts";
import { quoted } from "../text/show-text.ts";
import {
  anyCharacter,
  anyText,
  compileWildcards,
  formatWildcards,
  type WildcardString,
} from "../text/wildcard.ts";

/** Comparing every pair of a longer list would cost more than the warning is worth. */
const mostCompared = 500;
/** Stands for what a `*` of the narrower pattern absorbs; no rule contains it. */
const standIn = "\u{10fffd}";

/** A value of a list, folded where the comparison is. */
export interface ListedPattern {
  readonly pattern: WildcardString;
  readonly written: string;
  /** Whether it is written as a number, and so also equals texts that write the number in another way. */
  readonly isNumber: boolean;
  readonly at: Position;
}

/** Warns about values of a list of alternatives that another value of the list covers. */
export function lintAlternatives(patterns: readonly ListedPattern[], problems: ProblemList): void {
  const seen = new Map<string, ListedPattern>();
  const distinct: ListedPattern[] = [];
  for (const listed of patterns) {
    const key = formatWildcards(listed.pattern);
    const earlier = seen.get(key);
    if (earlier === undefined) {
      seen.set(key, listed);
      distinct.push(listed);
    } else if (listed.isNumber && !earlier.isNumber) {
      seen.set(key, listed);
      warn(earlier, listed, problems);
    } else {
      warn(listed, earlier, problems);
    }
  }
  // A pattern with `?` is left out: it needs a character where the `*` of the other may stand for none.
  const broad = distinct.filter(
    ({ pattern }) => pattern.includes(anyText) && !pattern.includes(anyCharacter),
  );
  if (distinct.length > mostCompared) {
    return;
  }
  for (const candidate of broad) {
    const matches = compileWildcards(candidate.pattern);
    for (const listed of distinct) {
      const sample = listed.pattern.map((part) => (typeof part === "string" ? part : standIn)).join("");
      if (listed !== candidate && !listed.isNumber && matches(sample)) {
        warn(listed, candidate, problems);
      }
    }
  }
}

function shown({ written, isNumber }: ListedPattern): string {
  return isNumber ? written : quoted(written);
}

function warn(dead: ListedPattern, covering: ListedPattern, problems: ProblemList): void {
  problems.add(
    "dead-value",
    dead.at,
    `${shown(dead)} adds nothing: ${shown(covering)} of the same list covers it.`,
    "Remove it.",
  );
}
