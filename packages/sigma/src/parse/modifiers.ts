import { didYouMean } from "../problems/spelling.ts";
import { type DatePart, datePartNames } from "../text/date-part.ts";
import { type Encoder, encoderNames } from "../text/encode.ts";

const comparisonNames = ["lt", "lte", "gt", "gte"] as const;
const positionNames = ["contains", "startswith", "endswith"] as const;
/** The letter of each regular expression flag, and pySigma's long names for them. */
const regexFlags: ReadonlyMap<string, "i" | "m" | "s"> = new Map([
  ["i", "i"],
  ["ignorecase", "i"],
  ["m", "m"],
  ["multiline", "m"],
  ["s", "s"],
  ["dotall", "s"],
]);
const kindNames = ["re", "cidr", "exists", "fieldref"] as const;
const others = ["all", "neq", "cased", "expand"] as const;

/** Every modifier that Sigma 2.1 has, and pySigma's long names of the flags. */
export const modifiers: ReadonlySet<string> = new Set([
  ...comparisonNames,
  ...positionNames,
  ...regexFlags.keys(),
  ...kindNames,
  ...others,
  ...encoderNames,
  ...datePartNames,
]);

const negationHint = "Write `neq`, or `not` before the selection in the condition.";
const equalityHint = "Leave it out: without a modifier the whole value is compared.";
const sameCaseHint = "Leave it out: case is ignored unless `cased` is given.";
function written(modifier: string): string {
  return `Write \`${modifier}\`.`;
}

/** What to write for modifiers of other languages, whose spelling may be near to something else. */
const insteadOf: ReadonlyMap<string, string> = new Map([
  ...["not", "ne", "nequals", "notequals", "not_equals", "!"].map((name): [string, string] => [
    name,
    negationHint,
  ]),
  ...["notcontains", "ncontains", "not_contains"].map((name): [string, string] => [
    name,
    "Write `contains|neq`, or `not` before the selection in the condition.",
  ]),
  ...["eq", "equal", "equals", "exact", "is"].map((name): [string, string] => [name, equalityHint]),
  ...["nocase", "icase", "iequals", "caseless"].map((name): [string, string] => [name, sameCaseHint]),
  ...["in", "any", "anyof"].map((name): [string, string] => [
    name,
    "Leave it out: of a list of values any one is enough.",
  ]),
  ...["like", "wildcard", "glob"].map((name): [string, string] => [
    name,
    "Leave it out: `*` and `?` are wildcards in any value.",
  ]),
  ...["regex", "regexp", "matches", "rex"].map((name): [string, string] => [name, written("re")]),
  ...["ge", "greater_than_or_equal"].map((name): [string, string] => [name, written("gte")]),
  ...["le", "less_than_or_equal"].map((name): [string, string] => [name, written("lte")]),
  ...["greater", "greater_than"].map((name): [string, string] => [name, written("gt")]),
  ...["less", "less_than"].map((name): [string, string] => [name, written("lt")]),
  ...["ip", "subnet", "network"].map((name): [string, string] => [name, written("cidr")]),
]);

/** What the modifiers of a field make of its values. */
export interface Modifiers {
  readonly kind: "text" | "re" | "cidr" | "exists" | "fieldref" | "number";
  readonly comparison: "lt" | "lte" | "gt" | "gte" | "eq";
  readonly datePart: DatePart | undefined;
  readonly encoders: readonly Encoder[];
  /** `contains` is both. */
  readonly startsWith: boolean;
  readonly endsWith: boolean;
  readonly flags: ReadonlySet<"i" | "m" | "s">;
  readonly cased: boolean;
  readonly all: boolean;
  readonly negated: boolean;
  readonly expand: boolean;
}

/** Why a chain of modifiers is rejected. */
export interface ModifierProblem {
  readonly code: "unknown-modifier" | "invalid-modifier-combination";
  readonly message: string;
  readonly hint?: string;
}

function isOneOf<T extends string>(words: readonly T[], word: string): word is T {
  return (words as readonly string[]).includes(word);
}

function reject(message: string, hint?: string): ModifierProblem {
  return {
    code: "invalid-modifier-combination",
    message,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** Reads a chain of modifiers, or says why it makes no sense. */
export function parseModifiers(names: readonly string[], isKeyword: boolean): Modifiers | ModifierProblem {
  for (const name of names) {
    if (!modifiers.has(name)) {
      const hint = insteadOf.get(name.toLowerCase()) ?? didYouMean(name, modifiers);
      return {
        code: "unknown-modifier",
        message: `Sigma has no modifier \`${name}\`.`,
        ...(hint === undefined ? {} : { hint }),
      };
    }
  }
  const kinds = names.filter((name) => isOneOf(kindNames, name));
  const comparisons = names.filter((name) => isOneOf(comparisonNames, name));
  const dateParts = names.filter((name) => isOneOf(datePartNames, name));
  const flags = names.map((name) => regexFlags.get(name)).filter((flag) => flag !== undefined);
  const encoders = names.filter((name) => isOneOf(encoderNames, name));
  const positions = names.filter((name) => isOneOf(positionNames, name));
  const [kindName] = kinds;
  const kind =
    kindName ?? (comparisons.length > 0 || dateParts.length > 0 ? ("number" as const) : ("text" as const));

  const problem =
    checkGroups({ names, kind, kinds, comparisons, dateParts, encoders, positions, flags, isKeyword }) ??
    checkOrder(names, kind, encoders);
  return (
    problem ?? {
      kind,
      comparison: comparisons[0] ?? "eq",
      datePart: dateParts[0],
      encoders,
      startsWith: names.includes("contains") || names.includes("startswith"),
      endsWith: names.includes("contains") || names.includes("endswith"),
      flags: new Set(flags),
      cased: names.includes("cased"),
      all: names.includes("all"),
      negated: names.includes("neq"),
      expand: names.includes("expand"),
    }
  );
}

interface Groups {
  readonly names: readonly string[];
  readonly kind: Modifiers["kind"];
  readonly kinds: readonly string[];
  readonly comparisons: readonly string[];
  readonly dateParts: readonly string[];
  readonly encoders: readonly string[];
  readonly positions: readonly string[];
  readonly flags: readonly string[];
  readonly isKeyword: boolean;
}

function checkGroups(groups: Groups): ModifierProblem | undefined {
  const { names, kind, kinds, comparisons, dateParts, encoders, positions, flags, isKeyword } = groups;
  const tooMany = [kinds, comparisons, dateParts].find((group) => group.length > 1);
  if (tooMany !== undefined) {
    return reject(
      `\`${tooMany.join("` and `")}\` cannot be combined.`,
      "Write the field twice, once with each.",
    );
  }
  if (kinds.length > 0 && comparisons.length + dateParts.length > 0) {
    return reject(`\`${kind}\` cannot be combined with \`${[...comparisons, ...dateParts].join("`, `")}\`.`);
  }
  if (kind === "exists" && names.length > 1) {
    return reject("`exists` must be the only modifier.");
  }
  if (isKeyword && (kind === "exists" || kind === "fieldref" || kind === "number")) {
    return reject(`\`${names.join("|")}\` needs a field name before it.`);
  }
  if (flags.length > 0 && kind !== "re") {
    return reject("The flags i, m and s belong to a regular expression.", "Write `field|re|i`.");
  }
  if (encoders.length > 0 && kind !== "text") {
    return reject(
      `\`${encoders.join("|")}\` encodes texts and cannot be combined with \`${kindWord(groups)}\`.`,
    );
  }
  if (positions.length > 0 && (kind === "cidr" || kind === "number")) {
    return reject(`\`${positions.join("|")}\` cannot be combined with \`${kindWord(groups)}\`.`);
  }
  if (names.includes("cased") && kind !== "text" && kind !== "fieldref") {
    return reject(
      `\`cased\` cannot be combined with \`${kindWord(groups)}\`.`,
      kind === "re" ? "A regular expression is case-sensitive unless it has the flag i." : undefined,
    );
  }
  if (names.includes("expand") && kind === "fieldref") {
    return reject("`expand` cannot be combined with `fieldref`.");
  }
  return undefined;
}

function kindWord({ kind, comparisons, dateParts }: Groups): string {
  return kind === "number" ? [...comparisons, ...dateParts].join("|") : kind;
}

function checkOrder(
  names: readonly string[],
  kind: Modifiers["kind"],
  encoders: readonly Encoder[],
): ModifierProblem | undefined {
  if (kind === "re" || kind === "cidr") {
    const before = names
      .slice(0, names.indexOf(kind))
      .find((name) => !["all", "neq", "expand"].includes(name));
    if (before !== undefined) {
      return reject(`\`${kind}\` must come before \`${before}\`.`, `Write \`${kind}|${before}\`.`);
    }
  }
  // The other encodings pass wildcards on and mean the same before and after a position.
  const firstPosition = names.findIndex((name) => isOneOf(positionNames, name));
  const late = encoders.find(
    (encoder) =>
      (encoder === "base64" || encoder === "base64offset") &&
      firstPosition >= 0 &&
      names.lastIndexOf(encoder) > firstPosition,
  );
  if (late !== undefined) {
    const position = names[firstPosition];
    return reject(`\`${late}\` must come before \`${position}\`.`, `Write \`${late}|${position}\`.`);
  }
  return undefined;
}
