import { PatternError } from "./errors.ts";
import { compileLeaf, type FieldMatcher, type LeafReading } from "./value-matcher.ts";

/** One way for a pattern to be true: every path must hold. Paths are dotted, as AWS flattens them. */
export type Alternative = ReadonlyMap<string, FieldMatcher>;

const maximumDepth = 100;
/** AWS documents 1,000 combinations of `$or` as its limit for one rule. */
const maximumAlternatives = 1_000;

/** Words that make an object inside `$or` an operator and not a branch; AWS reserves some for its own future. */
const reservedInOr = new Set([
  ...[
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
  ],
  ...["=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case"],
  ...["date-after", "date-on-or-after", "date-before", "date-on-or-before", "in-date-range"],
  ...["ip-address-in-range", "ip-address-not-in-range"],
]);

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The alternatives of a pattern, with `$or` multiplied out.
 *
 * `$or` is a relation only if the whole pattern can be read that way; otherwise AWS falls back to taking `$or` for an
 * ordinary field name, and so do we. When neither reading works the error is about the first.
 */
export function parsePattern(pattern: unknown): readonly Alternative[] {
  if (!isPlainObject(pattern)) throw new PatternError("not-an-object", "", "a pattern must be a JSON object");
  try {
    return parseObject(pattern, [], [new Map()], { relations: true, insideOr: false });
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    try {
      return parseObject(pattern, [], [new Map()], { relations: false, insideOr: false });
    } catch {
      throw error;
    }
  }
}

interface Reading extends LeafReading {
  readonly insideOr: boolean;
}

function parseObject(
  object: Record<string, unknown>,
  path: readonly string[],
  before: readonly Alternative[],
  reading: Reading,
): readonly Alternative[] {
  const place = path.join(".");
  if (path.length > maximumDepth) {
    throw new PatternError("too-deep", "", `the pattern is nested deeper than ${maximumDepth} levels`);
  }
  const entries = Object.entries(object);
  if (entries.length === 0)
    throw new PatternError("empty", place, "{} matches nothing in particular; name a field");
  return entries.reduce<readonly Alternative[]>((alternatives, [name, value]) => {
    if (name === "$or" && reading.relations) return parseOr(value, path, alternatives, reading);
    if (reading.insideOr && reservedInOr.has(name)) {
      throw new PatternError(
        "bad-value",
        place,
        `"${name}" is an operator and cannot be a field name inside $or`,
      );
    }
    if (isPlainObject(value)) return parseObject(value, [...path, name], alternatives, reading);
    const leaf = [...path, name].join(".");
    if (!Array.isArray(value)) {
      throw new PatternError(
        "leaf-not-an-array",
        leaf,
        "the value must be an object or an array of alternatives",
      );
    }
    const test = compileLeaf(value, leaf, reading);
    // The same path written twice ("a.b" and {"a":{"b"}}) keeps the later one, as AWS does.
    return alternatives.map((alternative) => new Map(alternative).set(leaf, test));
  }, before);
}

function parseOr(
  value: unknown,
  path: readonly string[],
  before: readonly Alternative[],
  reading: Reading,
): readonly Alternative[] {
  const place = [...path, "$or"].join(".");
  if (!Array.isArray(value))
    throw new PatternError("leaf-not-an-array", place, "$or must be an array of objects");
  if (value.length < 2) throw new PatternError("bad-value", place, "$or needs at least two objects");
  if (before.length * value.length > maximumAlternatives) {
    throw new PatternError(
      "too-many-alternatives",
      place,
      `$or multiplies out to more than ${maximumAlternatives} combinations`,
    );
  }
  return value.flatMap((branch: unknown) => {
    if (!isPlainObject(branch)) throw new PatternError("bad-value", place, "$or may hold only objects");
    return parseObject(branch, path, before, { ...reading, insideOr: true });
  });
}
