import type { FieldState } from "../event/field-state.ts";
import type { Leaf } from "../event/leaf.ts";
import type { DatePart } from "../text/date-part.ts";
import type { WildcardString } from "../text/wildcard.ts";

/** A comparison of numbers. */
export type Comparison = "lt" | "lte" | "gt" | "gte" | "eq";

type MatcherKind =
  | "equals"
  | "wildcard"
  | "regex"
  | "cidr"
  | "null"
  | "exists"
  | "number"
  | "date"
  | "fieldref";

/**
 * One question about one field: the leaf of every condition.
 *
 * A matcher is pure and knows nothing of rules. Its `key` says what it asks, so that a thousand rules that ask the same get
 * one answer per event; two matchers with one key must agree on every event. Everything else beside `matches` says what can
 * be known of the answer without an event, for whoever must not ask: the index (`exact`, `literal`), the linter (`pattern`,
 * `bound`, `present`) and people (`text`, `denial`). Leave out what is not certain: a missing hint costs time, a wrong one
 * hides matches.
 */
export interface Matcher {
  readonly kind: MatcherKind;
  /** Equal for matchers that ask the same question. */
  readonly key: string;
  /** The field, or undefined for keywords, which look at every value of the event. */
  readonly field: string | undefined;
  /** The field on the other side of a `fieldref`. */
  readonly other?: string;
  /** What is asked of the field, in words: `= CreateChannel`, `contains "x"`. */
  readonly text: string;
  /** What is true of the field where the answer is no, in words. A function, because few matchers are ever asked. */
  readonly denial: () => Denial;
  /** The values of an equality matcher, folded unless `cased`: what the index and the linter look at. */
  readonly exact?: ExactValues;
  /** A folded text that every matching value contains, where there is one: for the index. */
  readonly literal?: string;
  /** The pattern of a wildcard matcher, folded unless `cased`. */
  readonly pattern?: { readonly parts: WildcardString; readonly cased: boolean };
  /** What a comparison of a number, or of a part of a date, compares with. */
  readonly bound?: Bound;
  /** What an `exists` matcher expects. */
  readonly present?: boolean;
  readonly matches: (state: FieldState, other: FieldState | undefined) => boolean;
}

/**
 * A false matcher in words, in two halves, so that matchers that differ only in what they compare with can be said as
 * one: `does not contain` and `"a"`.
 */
export interface Denial {
  readonly verb: string;
  /** The first values that the field is compared with, short and safe to print. */
  readonly compared: readonly string[];
  /** How many there are. */
  readonly count: number;
}

/** More values than these of one matcher are only counted. */
const mostCompared = 3;

/** A denial, as the matchers make it: `show` is called for the values that are shown. */
export function denialOf<T>(verb: string, values: readonly T[], show: (value: T) => string): Denial {
  return { verb, compared: values.slice(0, mostCompared).map(show), count: values.length };
}

/** A comparison with a number; `part` says of what part of a date. */
export interface Bound {
  readonly part?: DatePart;
  readonly comparison: Comparison;
  readonly number: number;
}

interface ExactValues {
  readonly texts: ReadonlySet<string>;
  /** Whether a number in the event may equal a value that is written differently (1 and 1.0). */
  readonly numeric: boolean;
  readonly cased: boolean;
}

/** A `matches` that is true if any value of the field fits. */
export function anyLeaf(matches: (leaf: Leaf) => boolean) {
  return (state: FieldState): boolean => {
    for (let index = 0; index < state.count; index++) {
      if (matches(state.leaves[index] as Leaf)) {
        return true;
      }
    }
    return false;
  };
}

/** The key of a question: field, kind and operands. */
export function keyOf(field: string | undefined, ...parts: readonly unknown[]): string {
  return JSON.stringify([field ?? null, ...parts]);
}

/** Absent or JSON null. */
export function nullMatcher(field: string): Matcher {
  const isNull = anyLeaf((leaf) => leaf.value === null);
  return {
    kind: "null",
    key: keyOf(field, "null"),
    field,
    text: "is null or absent",
    denial: () => ({ verb: "is present", compared: [], count: 0 }),
    matches: (state) => !state.exists || isNull(state),
  };
}

/** Present, whatever the value: null and empty count as present. */
export function existsMatcher(field: string, expected: boolean): Matcher {
  return {
    kind: "exists",
    key: keyOf(field, "exists", expected),
    field,
    text: expected ? "is present" : "is absent",
    denial: () => ({ verb: expected ? "is absent" : "is present", compared: [], count: 0 }),
    present: expected,
    matches: (state) => state.exists === expected,
  };
}
