import type { FieldState } from "../event/field-state.ts";
import type { Leaf } from "../event/leaf.ts";
import { fold } from "../text/fold.ts";
import { type Numeric, numericText } from "../text/numeric-text.ts";
import { quotedShort } from "../text/show-text.ts";
import { denialOf, keyOf, type Matcher } from "./matcher.ts";

/** One value of an equality matcher. A number that the rule wrote without quotes carries its value. */
export interface ExactValue {
  readonly texts: readonly string[];
  readonly number?: Numeric;
}

/**
 * Whole-value equality with any of the values. Two texts are equal under case folding; a number (in the rule without
 * quotes, or in the event) also equals every text or number that writes the same number.
 */
export function exactMatcher(field: string, values: readonly ExactValue[], cased: boolean): Matcher {
  const texts = new Set(values.flatMap((value) => (cased ? value.texts : value.texts.map(fold))));
  const ruleNumbers = new Set<Numeric>();
  /** As JSON.parse gives them. Digits that it rounds away are lost, so that all numbers that they could be are equal. */
  const allNumbers = new Set<number>();
  for (const value of values) {
    if (value.number !== undefined) {
      ruleNumbers.add(value.number);
    }
    const number = value.number ?? numericText(value.texts[0] ?? "");
    if (number !== undefined) {
      allNumbers.add(Number(number));
    }
  }
  const [single] = texts;
  const hasText = texts.size === 1 ? (text: string) => text === single : (text: string) => texts.has(text);
  // Folding keeps the length of a text, so that most values are told apart without being folded. One bit a length.
  const lengths = [...texts].reduce((bits, text) => bits | (1 << (text.length & 31)), 0);
  const textOf = cased ? (leaf: Leaf) => leaf.text : (leaf: Leaf) => leaf.folded;
  const equalsNumber = (value: string): boolean => {
    const number = numericText(value);
    return number !== undefined && ruleNumbers.has(number);
  };
  const equalsScalar = (leaf: Leaf): boolean =>
    leaf.value !== null &&
    leaf.value !== undefined &&
    ((typeof leaf.value === "number" && allNumbers.has(leaf.value)) || hasText(textOf(leaf) as string));
  // The most frequent question of all: everything that usually decides stands in this one function.
  const matches = ({ leaves, count }: FieldState): boolean => {
    for (let index = 0; index < count; index++) {
      const leaf = leaves[index] as Leaf;
      const { value } = leaf;
      if (typeof value !== "string") {
        if (equalsScalar(leaf)) {
          return true;
        }
      } else if (
        // A text that is equal as it is written (most are) need not be folded.
        (((lengths >>> (value.length & 31)) & 1) === 1 &&
          (hasText(value) || (!cased && hasText(leaf.folded as string)))) ||
        (ruleNumbers.size > 0 && equalsNumber(value))
      ) {
        return true;
      }
    }
    return false;
  };
  const shown = values.map((value) => value.texts[0] ?? "").map((text) => (text === "" ? '""' : text));
  return {
    kind: "equals",
    key: keyOf(field, "exact", cased, [...texts].sort(), [...ruleNumbers].map(String).sort()),
    field,
    text: `${shown.length === 1 ? `= ${shown[0]}` : `in (${shown.join(", ")})`}${cased ? " (same case)" : ""}`,
    denial: () => denialOf(cased ? "is not (same case)" : "is not", values, quotedValue),
    exact: { texts, numeric: allNumbers.size > 0, cased },
    matches,
  };
}

function quotedValue({ texts, number }: ExactValue): string {
  const [text = ""] = texts;
  return number === undefined ? quotedShort(text) : text;
}
