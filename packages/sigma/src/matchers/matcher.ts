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

/** One question about one field: the leaf of every condition. */
export interface Matcher {
  readonly kind: MatcherKind;
  /** Equal keys mean the same question, so that all rules together ask it once per event. */
  readonly key: string;
  /** The field, or undefined for keywords, which look at every value of the event. */
  readonly field: string | undefined;
  /** The field on the other side of a `fieldref`. */
  readonly other?: string;
  /** What is asked of the field, in words: `= CreateChannel`, `contains "x"`. */
  readonly text: string;
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

/** True when any value of the field fits. */
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

/** Equal for matchers that ask the same. */
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
    present: expected,
    matches: (state) => state.exists === expected,
  };
}
