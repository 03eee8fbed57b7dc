import { type DatePart, datePart, parseMoment } from "./date-part.ts";
import type { FieldState } from "./field-state.ts";
import { fold } from "./fold.ts";
import { type IpNetwork, networkContains } from "./ip-network.ts";
import { isContainer } from "./json.ts";
import type { Leaf } from "./leaf.ts";
import { numericText } from "./numeric-text.ts";
import type { CompiledRegex } from "./regex.ts";
import { ANY, compileWildcards, formatWildcards, literalText, type WildcardString } from "./wildcard.ts";

/** A comparison of numbers. */
export type Comparison = "lt" | "lte" | "gt" | "gte" | "eq";

const COMPARISON_SIGNS = { lt: "<", lte: "<=", gt: ">", gte: ">=", eq: "=" } as const;

type TestKind = "equals" | "wildcard" | "regex" | "cidr" | "null" | "exists" | "number" | "date" | "fieldref";

/** One question about one field: the leaf of every condition. */
export interface Test {
  readonly kind: TestKind;
  /** Equal keys mean the same question, so that all rules together ask it once per event. */
  readonly key: string;
  /** The field, or undefined for keywords, which look at every value of the event. */
  readonly field: string | undefined;
  /** The field on the other side of a `fieldref`. */
  readonly other?: string;
  /** What is asked of the field, in words: `= CreateChannel`, `contains "x"`. */
  readonly text: string;
  /** The values of an equality test, folded unless `cased`: what the index and the linter look at. */
  readonly exact?: ExactValues;
  /** A folded text that every matching value contains, where there is one: for the index. */
  readonly literal?: string;
  /** The pattern of a wildcard test, folded unless `cased`. */
  readonly pattern?: { readonly parts: WildcardString; readonly cased: boolean };
  /** What a comparison of a number, or of a part of a date, compares with. */
  readonly bound?: Bound;
  /** What an `exists` test expects. */
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

/** One value of an equality test. A number that the rule wrote without quotes carries its value. */
export interface ExactValue {
  readonly texts: readonly string[];
  readonly number?: number;
}

const anyLeaf =
  (matches: (leaf: Leaf) => boolean) =>
  (state: FieldState): boolean => {
    for (let index = 0; index < state.count; index++) {
      if (matches(state.leaves[index] as Leaf)) {
        return true;
      }
    }
    return false;
  };

const keyOf = (field: string | undefined, ...parts: readonly unknown[]): string =>
  JSON.stringify([field ?? null, ...parts]);

/**
 * Whole-value equality with any of the values. Two texts are equal under case folding; a number (in the rule without
 * quotes, or in the event) also equals every text or number that writes the same number.
 */
export function exactTest(field: string, values: readonly ExactValue[], cased: boolean): Test {
  const texts = new Set(values.flatMap((value) => (cased ? value.texts : value.texts.map(fold))));
  const ruleNumbers = new Set<number>();
  const allNumbers = new Set<number>();
  for (const value of values) {
    if (value.number !== undefined) {
      ruleNumbers.add(value.number);
    }
    const number = value.number ?? numericText(value.texts[0] ?? "");
    if (number !== undefined) {
      allNumbers.add(number);
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
    key: keyOf(field, "exact", cased, [...texts].sort(), [...ruleNumbers].sort()),
    field,
    text: `${shown.length === 1 ? `= ${shown[0]}` : `in (${shown.join(", ")})`}${cased ? " (same case)" : ""}`,
    exact: { texts, numeric: allNumbers.size > 0, cased },
    matches,
  };
}

const isSubstring = (parts: WildcardString) => parts[0] === ANY && parts.at(-1) === ANY;

/**
 * A wildcard pattern over the whole text of a value. On an object it sees the compact JSON text; a substring search
 * also sees each string inside, decoded, because JSON kept in a string has its quotes escaped in the outer text.
 */
export function wildcardTest(field: string | undefined, pattern: WildcardString, cased: boolean): Test {
  const folded = cased ? pattern : pattern.map((part) => (typeof part === "string" ? fold(part) : part));
  const matchesText = compileWildcards(folded);
  const textOf = cased ? (leaf: Leaf) => leaf.text : (leaf: Leaf) => leaf.folded;
  const looksInside = isSubstring(folded);
  const matchesLeaf = (leaf: Leaf): boolean => {
    const text = textOf(leaf);
    return (
      text !== undefined &&
      (matchesText(text) ||
        (looksInside &&
          isContainer(leaf.value) &&
          leaf.inner.some((inner) => matchesText(textOf(inner) as string))))
    );
  };
  return {
    kind: "wildcard",
    key: keyOf(field, "wildcard", cased, formatWildcards(folded)),
    field,
    text: `${describePattern(pattern)}${cased ? " (same case)" : ""}`,
    literal: longestPiece(pattern),
    pattern: { parts: folded, cased },
    matches: anyLeaf(matchesLeaf),
  };
}

/** The folded text, where the whole question is whether a value contains it: many such questions are one search. */
export function containedText({ pattern }: Test): string | undefined {
  const [before, text, after] = pattern?.parts ?? [];
  const isOnePiece = pattern?.parts.length === 3 && before === ANY && after === ANY;
  return isOnePiece && !pattern.cased && typeof text === "string" ? text : undefined;
}

/** The longest literal of a pattern, folded. */
const longestPiece = (pattern: WildcardString): string =>
  pattern.reduce<string>((longest, part) => {
    const piece = typeof part === "string" ? fold(part) : "";
    return piece.length > longest.length ? piece : longest;
  }, "");

function describePattern(pattern: WildcardString): string {
  const before = pattern[0] === ANY;
  const after = pattern.at(-1) === ANY;
  const core = pattern.slice(before ? 1 : 0, after && pattern.length > 1 ? -1 : undefined);
  const literal = literalText(core);
  if (literal !== undefined && pattern.length > 1) {
    const verb = before && after ? "contains" : before ? "ends with" : after ? "starts with" : "=";
    return `${verb} ${JSON.stringify(literal)}`;
  }
  return pattern.length === 1 && before
    ? "has a value"
    : `is like ${JSON.stringify(formatWildcards(pattern))}`;
}

/** A regular expression found anywhere in the text of a value (on an object as `wildcardTest` does). */
export function regexTest(field: string | undefined, regex: CompiledRegex): Test {
  const matchesLeaf = (leaf: Leaf): boolean => {
    const { text } = leaf;
    return (
      text !== undefined &&
      (regex.test(text) ||
        (isContainer(leaf.value) && leaf.inner.some((inner) => regex.test(inner.text as string))))
    );
  };
  return {
    kind: "regex",
    key: keyOf(field, "regex", regex.source, regex.flags),
    field,
    text: `matches /${regex.source}/${regex.flags}`,
    literal: fold(regex.literal),
    matches: anyLeaf(matchesLeaf),
  };
}

/** An IP address inside a network. A value that is no address is in no network. */
export function cidrTest(field: string | undefined, network: IpNetwork, written: string): Test {
  return {
    kind: "cidr",
    key: keyOf(field, "cidr", network.version, String(network.bits), network.prefix),
    field,
    text: `is in ${written}`,
    matches: anyLeaf((leaf) => {
      const { address } = leaf;
      return address !== undefined && networkContains(network, address);
    }),
  };
}

/** Absent or JSON null. */
export function nullTest(field: string): Test {
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
export function existsTest(field: string, expected: boolean): Test {
  return {
    kind: "exists",
    key: keyOf(field, "exists", expected),
    field,
    text: expected ? "is present" : "is absent",
    present: expected,
    matches: (state) => state.exists === expected,
  };
}

export const compare = (left: number, comparison: Comparison, right: number): boolean => {
  switch (comparison) {
    case "lt":
      return left < right;
    case "lte":
      return left <= right;
    case "gt":
      return left > right;
    case "gte":
      return left >= right;
    case "eq":
      return left === right;
  }
};

/** A comparison with a number; a text in the event that writes a number counts as that number. */
export function numberTest(field: string, comparison: Comparison, number: number): Test {
  return {
    kind: "number",
    key: keyOf(field, "number", comparison, number),
    field,
    text: `${COMPARISON_SIGNS[comparison]} ${number}`,
    bound: { comparison, number },
    matches: anyLeaf(({ value }) => {
      const seen =
        typeof value === "number" ? value : typeof value === "string" ? numericText(value.trim()) : undefined;
      return seen !== undefined && compare(seen, comparison, number);
    }),
  };
}

/** A part of a moment (UTC) compared with a number. */
export function datePartTest(field: string, part: DatePart, comparison: Comparison, number: number): Test {
  return {
    kind: "date",
    key: keyOf(field, "date", part, comparison, number),
    field,
    text: `${part} ${COMPARISON_SIGNS[comparison]} ${number}`,
    bound: { part, comparison, number },
    matches: anyLeaf(({ value }) => {
      const moment = parseMoment(value);
      return moment !== undefined && compare(datePart(part, moment), comparison, number);
    }),
  };
}

/** Whether the other field's text must stand at the beginning, at the end, anywhere, or be the whole. */
export interface ReferencePosition {
  readonly startsWith: boolean;
  readonly endsWith: boolean;
}

/** Any value of the field compared with any value of another field. Nothing equals a missing or null field. */
export function fieldReferenceTest(
  field: string,
  other: string,
  { startsWith, endsWith }: ReferencePosition,
  cased: boolean,
): Test {
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
  return {
    kind: "fieldref",
    key: keyOf(field, "fieldref", other, verb, cased),
    field,
    other,
    text: `${verb} the field ${other}${cased ? " (same case)" : ""}`,
    matches: (state, otherState) => {
      for (let index = 0; index < state.count; index++) {
        const left = textOf(state.leaves[index] as Leaf);
        for (let against = 0; against < (otherState?.count ?? 0); against++) {
          const right = textOf(otherState?.leaves[against] as Leaf);
          if (left !== undefined && right !== undefined && fits(left, right)) {
            return true;
          }
        }
      }
      return false;
    },
  };
}
