import { PatternError } from "./errors.ts";
import { addressDigits, inRange, parseCidr } from "./ip-range.ts";
import {
  endsIgnoringCase,
  equalsIgnoringCase,
  foldCase,
  matchesWildcard,
  parseWildcard,
  startsIgnoringCase,
} from "./text-match.ts";

/** A value an event field can hold once objects and arrays are walked through. */
export type Scalar = string | number | boolean | null;
type ValueMatcher = (value: Scalar) => boolean;

/** The alternatives of one leaf: true for a value when any of them is, true for an absent field when `absent` is. */
export interface FieldMatcher {
  readonly values: readonly ValueMatcher[];
  readonly absent: boolean;
}

const isString = (value: unknown): value is string => typeof value === "string";
const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const onText =
  (test: (text: string) => boolean): ValueMatcher =>
  (value) =>
    isString(value) && test(value);
const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
};

/** Compiles the array at a leaf of a pattern. @throws PatternError for what EventBridge refuses. */
export function compileLeaf(alternatives: readonly unknown[], path: string): FieldMatcher {
  if (alternatives.length === 0) {
    throw new PatternError("empty", path, "[] matches nothing; name at least one value or operator");
  }
  const values: ValueMatcher[] = [];
  let absent = false;
  for (const alternative of alternatives) {
    if (isPlainObject(alternative)) {
      const compiled = compileOperator(alternative, path);
      if (compiled === "absent") absent = true;
      else values.push(compiled);
    } else if (Array.isArray(alternative) || alternative === undefined) {
      throw new PatternError(
        "bad-value",
        path,
        "a value must be a string, number, true, false, null or an operator object",
      );
    } else {
      values.push(compileExact(alternative as Scalar));
    }
  }
  return { values, absent };
}

function compileExact(expected: Scalar): ValueMatcher {
  const address = isString(expected) ? addressDigits(expected) : undefined;
  if (address === undefined) return (value) => value === expected;
  // An address is a range of one, so that every spelling of it matches ("::1" and "0:0:0:0:0:0:0:1").
  return onText((text) => {
    const digits = addressDigits(text);
    return digits !== undefined && inRange(digits, { low: address, high: address });
  });
}

function compileOperator(expression: Record<string, unknown>, path: string): ValueMatcher | "absent" {
  const names = Object.keys(expression);
  const name = names[0];
  if (name === undefined) throw new PatternError("empty", path, "{} is no operator");
  const operand = expression[name];
  if (!Object.hasOwn(operators, name)) {
    throw new PatternError(
      "unknown-operator",
      path,
      `"${name}" is not an operator; known are ${Object.keys(operators).join(", ")}`,
    );
  }
  if (names.length > 1) {
    throw new PatternError(
      "several-operators",
      path,
      `one operator for each object, not ${names.join(" and ")}`,
    );
  }
  if (name === "exists") {
    if (typeof operand !== "boolean") throw refusal(path, name, "must be true or false", operand);
    return operand ? () => true : "absent";
  }
  const compile = operators[name as Exclude<keyof typeof operators, "exists">];
  return compile(operand, path);
}

const operators = {
  exactly: (operand: unknown, path: string): ValueMatcher => {
    const expected = text(operand, path, "exactly");
    return (value) => value === expected;
  },
  prefix: (operand: unknown, path: string): ValueMatcher => onText(affix("prefix", operand, path)),
  suffix: (operand: unknown, path: string): ValueMatcher => onText(affix("suffix", operand, path)),
  "equals-ignore-case": (operand: unknown, path: string): ValueMatcher => {
    const folded = foldCase(text(operand, path, "equals-ignore-case"));
    return onText((value) => equalsIgnoringCase(folded, value));
  },
  wildcard: (operand: unknown, path: string): ValueMatcher => onText(wildcard(operand, path)),
  numeric: compileNumeric,
  cidr: (operand: unknown, path: string): ValueMatcher => {
    const range = parseCidr(text(operand, path, "cidr"));
    if ("refused" in range) throw new PatternError("bad-operand", path, `cidr: ${range.refused}`);
    return onText((value) => {
      const digits = addressDigits(value);
      return digits !== undefined && inRange(digits, range);
    });
  },
  "anything-but": compileAnythingBut,
  exists: undefined,
} as const;

function refusal(path: string, operator: string, must: string, got: unknown): PatternError {
  return new PatternError("bad-operand", path, `${operator} ${must}, not ${show(got)}`);
}

function text(operand: unknown, path: string, operator: string): string {
  if (!isString(operand)) throw refusal(path, operator, "must be a string", operand);
  return operand;
}

type TextMatcher = (value: string) => boolean;

/**
 * AWS sees a string value with its JSON quotes, which shows in one corner: the suffix `"` matches the empty string,
 * whose quoted form is `""`. Comparing the quoted forms keeps that corner exact.
 */
function affix(side: "prefix" | "suffix", operand: unknown, path: string): TextMatcher {
  if (isPlainObject(operand)) {
    const [name, ...rest] = Object.keys(operand);
    if (name !== "equals-ignore-case" || rest.length > 0) {
      throw refusal(path, side, 'must be a string or {"equals-ignore-case": string}', operand);
    }
    const expected = text(operand[name], path, `${side} equals-ignore-case`);
    if (side === "prefix") {
      const folded = foldCase(`"${expected}`);
      return (value) => startsIgnoringCase(folded, `"${value}"`);
    }
    const folded = foldCase(`${expected}"`);
    return (value) => endsIgnoringCase(folded, `"${value}"`);
  }
  const expected = text(operand, path, side);
  return side === "prefix"
    ? (value) => `"${value}"`.startsWith(`"${expected}`)
    : (value) => `"${value}"`.endsWith(`${expected}"`);
}

function wildcard(operand: unknown, path: string): TextMatcher {
  const parts = parseWildcard(text(operand, path, "wildcard"));
  if ("refused" in parts) throw new PatternError("bad-operand", path, `wildcard: ${parts.refused}`);
  return (value) => matchesWildcard(parts, value);
}

function compileAnythingBut(operand: unknown, path: string): ValueMatcher {
  if (isPlainObject(operand)) {
    const excluded = anythingButOperator(operand, path);
    // A value that is no string is "anything but" a string with that shape.
    return (value) => !(isString(value) && excluded.some((test) => test(value)));
  }
  const listed = Array.isArray(operand) ? operand : [operand];
  const strings = listed.every(isString);
  const numbers = listed.every((value) => typeof value === "number" && Number.isFinite(value));
  if (listed.length === 0 || strings === numbers) {
    throw refusal(path, "anything-but", "must be strings only or numbers only", operand);
  }
  const excluded = new Set<unknown>(listed);
  return (value) => !excluded.has(value);
}

function anythingButOperator(operand: Record<string, unknown>, path: string): readonly TextMatcher[] {
  const [name = "", ...rest] = Object.keys(operand);
  if (rest.length > 0) {
    throw new PatternError("several-operators", path, "anything-but takes one operator");
  }
  const value = operand[name];
  const listed: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (listed.length === 0)
    throw refusal(path, `anything-but ${name}`, "must name at least one string", value);
  return listed.map((item): TextMatcher => {
    const expected = text(item, path, `anything-but ${name}`);
    switch (name) {
      case "prefix":
      case "suffix":
        if (expected === "") throw refusal(path, `anything-but ${name}`, "must not be empty", item);
        return affix(name, expected, path);
      case "equals-ignore-case": {
        const folded = foldCase(expected);
        return (candidate) => equalsIgnoringCase(folded, candidate);
      }
      case "wildcard":
        return wildcard(expected, path);
      default:
        throw new PatternError(
          "unknown-operator",
          path,
          `anything-but knows prefix, suffix, equals-ignore-case and wildcard, not "${name}"`,
        );
    }
  });
}

const comparisons: Record<string, (value: number, bound: number) => boolean> = {
  "=": (value, bound) => value === bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

/** `[operator, number]`, or a range with the lower bound first: `[">" or ">=", low, "<" or "<=", high]`. */
function compileNumeric(operand: unknown, path: string): ValueMatcher {
  if (!Array.isArray(operand)) throw refusal(path, "numeric", "must be an array", operand);
  const [operator, bound, upperOperator, upperBound] = operand as unknown[];
  const isBound = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
  const compare =
    isString(operator) && Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined;
  if (compare === undefined)
    throw refusal(path, "numeric", "must start with =, <, <=, > or >=", operator ?? null);
  if (!isBound(bound))
    throw refusal(path, `numeric ${String(operator)}`, "must be followed by a number", bound ?? null);
  if (operand.length === 2) return (value) => typeof value === "number" && compare(value, bound);
  const upper = upperOperator === "<" || upperOperator === "<=" ? comparisons[upperOperator] : undefined;
  const range = (operator === ">" || operator === ">=") && upper !== undefined && isBound(upperBound);
  if (!range || operand.length !== 4) {
    throw refusal(path, "numeric", 'must be [operator, number] or [">", low, "<", high]', operand);
  }
  if (bound >= upperBound)
    throw refusal(path, "numeric", "must have its lower bound below its upper bound", operand);
  return (value) => typeof value === "number" && compare(value, bound) && upper(value, upperBound);
}
