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
import { wildcardComplexity } from "./wildcard-complexity.ts";

/** A value an event field can hold once objects and arrays are walked through. */
export type Scalar = string | number | boolean | null;
type ValueMatcher = (value: Scalar) => boolean;

/** The alternatives of one leaf: true for a value when any of them is, true for an absent field when `absent` is. */
export interface FieldMatcher {
  readonly values: readonly ValueMatcher[];
  readonly absent: boolean;
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}
function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function onText(test: (text: string) => boolean): ValueMatcher {
  return (value) => isString(value) && test(value);
}
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

/**
 * The most wildcard prefixes that one value may match at a time (see {@link wildcardComplexity}). AWS says that a
 * pattern can be too complex and not from where on; ten is what implementations that compared themselves with it found.
 */
const maximumComplexity = 10;

/** How a pattern is read: with `$or` as a relation, or as the field name that AWS falls back to. */
export interface LeafReading {
  readonly relations: boolean;
}

/** Compiles the array at a leaf of a pattern. @throws PatternError for what EventBridge rejects. */
export function compileLeaf(
  alternatives: readonly unknown[],
  path: string,
  reading: LeafReading,
): FieldMatcher {
  if (alternatives.length === 0) {
    throw new PatternError("empty", path, "[] matches nothing; name at least one value or operator");
  }
  const values: ValueMatcher[] = [];
  let absent = false;
  for (const alternative of alternatives) {
    if (isPlainObject(alternative)) {
      const compiled = compileOperator(alternative, path);
      if (!reading.relations) checkOlderCompiler(alternative, path);
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
  checkComplexity(alternatives, path);
  return { values, absent };
}

/** AWS reads a pattern whose `$or` is a field name with an older compiler, which knows less of `anything-but`. */
function checkOlderCompiler(alternative: Record<string, unknown>, path: string): void {
  const operand = alternative["anything-but"];
  if (!isPlainObject(operand)) return;
  for (const [name, value] of Object.entries(operand)) {
    if (name === "wildcard" || ((name === "prefix" || name === "suffix") && !isString(value))) {
      throw rejection(
        path,
        `anything-but ${name}`,
        name === "wildcard"
          ? "cannot stand beside a field named $or"
          : "must be one string beside a field named $or",
        value,
      );
    }
  }
}

function checkComplexity(alternatives: readonly unknown[], path: string): void {
  const groups = alternatives.filter(isPlainObject).flatMap((alternative) => {
    const but = alternative["anything-but"];
    const operand = alternative.wildcard ?? (isPlainObject(but) ? but.wildcard : undefined);
    const texts = (Array.isArray(operand) ? operand : [operand]).filter(isString);
    const wildcards = texts.map(parseWildcard).flatMap((parts) => ("rejected" in parts ? [] : [parts]));
    return wildcards.length === 0 ? [] : [{ identity: JSON.stringify(alternative), wildcards }];
  });
  const distinct = [...new Map(groups.map((group) => [group.identity, group])).values()];
  if (distinct.length > 0 && wildcardComplexity(distinct, maximumComplexity) > maximumComplexity) {
    throw new PatternError(
      "too-complex",
      path,
      "its wildcards are too complex for EventBridge; use fewer *, or fewer repeated characters after one",
    );
  }
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
    if (typeof operand !== "boolean") throw rejection(path, name, "must be true or false", operand);
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
    if ("rejected" in range) throw new PatternError("bad-operand", path, `cidr: ${range.rejected}`);
    return onText((value) => {
      const digits = addressDigits(value);
      return digits !== undefined && inRange(digits, range);
    });
  },
  "anything-but": compileAnythingBut,
  exists: undefined,
} as const;

function rejection(path: string, operator: string, must: string, got: unknown): PatternError {
  return new PatternError("bad-operand", path, `${operator} ${must}, not ${show(got)}`);
}

function text(operand: unknown, path: string, operator: string): string {
  if (!isString(operand)) throw rejection(path, operator, "must be a string", operand);
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
      throw rejection(path, side, 'must be a string or {"equals-ignore-case": string}', operand);
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
  if ("rejected" in parts) throw new PatternError("bad-operand", path, `wildcard: ${parts.rejected}`);
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
    throw rejection(path, "anything-but", "must be strings only or numbers only", operand);
  }
  const excluded = new Set<unknown>(listed);
  return (value) => !excluded.has(value);
}

function anythingButOperator(operand: Record<string, unknown>, path: string): readonly TextMatcher[] {
  const [name, ...rest] = Object.keys(operand);
  if (name === undefined) throw rejection(path, "anything-but", "must name an operator", operand);
  if (rest.length > 0) {
    throw new PatternError("several-operators", path, "anything-but takes one operator");
  }
  const value = operand[name];
  const listed: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (listed.length === 0)
    throw rejection(path, `anything-but ${name}`, "must name at least one string", value);
  return listed.map((item): TextMatcher => {
    const expected = text(item, path, `anything-but ${name}`);
    switch (name) {
      case "prefix":
      case "suffix":
        if (expected === "") throw rejection(path, `anything-but ${name}`, "must not be empty", item);
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
  if (!Array.isArray(operand)) throw rejection(path, "numeric", "must be an array", operand);
  const [operator, bound, upperOperator, upperBound] = operand as unknown[];
  const isBound = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
  const compare =
    isString(operator) && Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined;
  if (compare === undefined)
    throw rejection(path, "numeric", "must start with =, <, <=, > or >=", operator ?? operand);
  if (!isBound(bound))
    throw rejection(path, `numeric ${String(operator)}`, "must be followed by a number", bound ?? operand);
  if (operand.length === 2) return (value) => typeof value === "number" && compare(value, bound);
  const upper = upperOperator === "<" || upperOperator === "<=" ? comparisons[upperOperator] : undefined;
  const range = (operator === ">" || operator === ">=") && upper !== undefined && isBound(upperBound);
  if (!range || operand.length !== 4) {
    throw rejection(path, "numeric", 'must be [operator, number] or [">", low, "<", high]', operand);
  }
  if (bound >= upperBound)
    throw rejection(path, "numeric", "must have its lower bound below its upper bound", operand);
  return (value) => typeof value === "number" && compare(value, bound) && upper(value, upperBound);
}
