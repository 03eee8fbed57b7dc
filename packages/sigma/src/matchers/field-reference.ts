import type { Leaf } from "../event/leaf.ts";
import { numericValue } from "../text/numeric-text.ts";
import { shortText } from "../text/show-text.ts";
import { denialOf, keyOf, type Matcher } from "./matcher.ts";

const denials = {
  "=": "is not",
  contains: "does not contain",
  "starts with": "does not start with",
  "ends with": "does not end with",
} as const;

/** Whether the other field's text must stand at the beginning, at the end, anywhere, or be the whole. */
export interface ReferencePosition {
  readonly startsWith: boolean;
  readonly endsWith: boolean;
}

/** Whether a number equals a number, or the number that a text writes. Two texts are never compared as numbers. */
function isSameNumber(left: unknown, right: unknown): boolean {
  return (
    (typeof left === "number" || typeof right === "number") && numericValue(left) === numericValue(right)
  );
}

/** Any value of the field compared with any value of another field. Nothing equals a missing or null field. */
export function fieldReferenceMatcher(
  field: string,
  other: string,
  { startsWith, endsWith }: ReferencePosition,
  cased: boolean,
): Matcher {
  const verb =
    startsWith && endsWith ? "contains" : startsWith ? "starts with" : endsWith ? "ends with" : "=";
  const fits = (left: string, right: string): boolean => {
    switch (verb) {
      case "contains":
        return left.includes(right);
      case "starts with":
        return left.startsWith(right);
      case "ends with":
        return left.endsWith(right);
      case "=":
        return left === right;
    }
  };
  const textOf = cased ? (leaf: Leaf) => leaf.text : (leaf: Leaf) => leaf.folded;
  const isEquality = verb === "=";
  return {
    kind: "fieldref",
    key: keyOf(field, "fieldref", other, verb, cased),
    field,
    other,
    text: `${verb} the field ${other}${cased ? " (same case)" : ""}`,
    denial: () =>
      denialOf(
        denials[verb],
        [other],
        (name) => `the field ${shortText(name)}${cased ? " (same case)" : ""}`,
      ),
    matches: (state, otherState) => {
      for (let index = 0; index < state.count; index++) {
        const leaf = state.leaves[index] as Leaf;
        const left = textOf(leaf);
        for (let against = 0; against < (otherState?.count ?? 0); against++) {
          const other = otherState?.leaves[against] as Leaf;
          const right = textOf(other);
          if (left !== undefined && right !== undefined && fits(left, right)) {
            return true;
          }
          if (isEquality && isSameNumber(leaf.value, other.value)) {
            return true;
          }
        }
      }
      return false;
    },
  };
}
