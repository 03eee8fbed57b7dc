import { cidrMatcher, datePartMatcher, numberMatcher } from "../matchers/comparison-matchers.ts";
import { fieldReferenceMatcher } from "../matchers/field-reference.ts";
import { existsMatcher, type Matcher } from "../matchers/matcher.ts";
import { regexMatcher } from "../matchers/text-matchers.ts";
import type { ProblemList } from "../problems/problem.ts";
import { parseIpNetwork } from "../text/ip-network.ts";
import { numericText, writtenNumber } from "../text/numeric-text.ts";
import { compileRegex } from "../text/regex.ts";
import { quoted } from "../text/show-text.ts";
import { literalText, parseWildcards } from "../text/wildcard.ts";
import type { DetectionItem, ItemValue } from "./detection-item.ts";

const datePartLimits = {
  minute: [0, 59],
  hour: [0, 23],
  day: [1, 31],
  week: [1, 53],
  month: [1, 12],
  year: [0, 9999],
} as const;

/** The matcher of one value under a modifier that is not about texts. Undefined when it is rejected. */
export function valueMatcher(
  item: DetectionItem,
  value: ItemValue,
  problems: ProblemList,
): Matcher | undefined {
  switch (item.modifiers.kind) {
    case "re":
      return regex(item, value, problems);
    case "cidr":
      return cidr(item, value, problems);
    case "exists":
      return exists(item, value, problems);
    case "fieldref":
      return fieldReference(item, value, problems);
    case "number":
      return number(item, value, problems);
    case "text":
      return undefined;
  }
}

/** Warns of a value that every event satisfies. */
export function warnOfEverything(
  { field }: DetectionItem,
  { at }: ItemValue,
  subject: string,
  problems: ProblemList,
): void {
  problems.add(
    "matches-everything",
    at,
    `${subject} is found in every ${field === undefined ? "event that has a value" : "value of the field"}.`,
    field === undefined ? "Remove it." : `Write \`${field}: '*'\` where any value is meant.`,
  );
}

function regex(item: DetectionItem, value: ItemValue, problems: ProblemList): Matcher | undefined {
  const { startsWith, endsWith, flags } = item.modifiers;
  if (value.value === null || typeof value.value === "boolean") {
    const message = `A regular expression must be a text, not ${value.source || "null"}.`;
    problems.add("invalid-value", value.at, message);
    return undefined;
  }
  const isSearch = startsWith === endsWith;
  const compiled = compileRegex(value.source, {
    ignoreCase: flags.has("i"),
    multiline: flags.has("m"),
    dotAll: flags.has("s"),
    atStart: !isSearch && startsWith,
    atEnd: !isSearch && endsWith,
  });
  if ("message" in compiled) {
    problems.add("invalid-regex", value.at, compiled.message, compiled.hint);
    return undefined;
  }
  if (value.source === "") {
    warnOfEverything(item, value, "An empty expression", problems);
  }
  return regexMatcher(item.field, compiled);
}

function cidr({ field }: DetectionItem, value: ItemValue, problems: ProblemList): Matcher | undefined {
  const network =
    typeof value.value === "string"
      ? parseIpNetwork(value.value.trim())
      : `A network must be a text, not ${value.source || "null"}.`;
  if (typeof network === "string") {
    problems.add("invalid-cidr", value.at, network);
    return undefined;
  }
  return cidrMatcher(field, network, value.source.trim());
}

function exists(
  { field }: DetectionItem,
  { value, source, at }: ItemValue,
  problems: ProblemList,
): Matcher | undefined {
  if (typeof value !== "boolean") {
    const yes = /^(?:true|yes|on|1)$/i.test(source) ? "`true`" : undefined;
    const no = /^(?:false|no|off|0)$/i.test(source) ? "`false`" : undefined;
    problems.add(
      "invalid-value",
      at,
      `\`exists\` takes true or false, not ${quoted(source)}.`,
      `Write ${yes ?? no ?? "`true` or `false`"}, without quotes.`,
    );
    return undefined;
  }
  return field === undefined ? undefined : existsMatcher(field, value);
}

function fieldReference(
  { field, modifiers }: DetectionItem,
  { value, at }: ItemValue,
  problems: ProblemList,
): Matcher | undefined {
  const other = typeof value === "string" ? literalText(parseWildcards(value)) : undefined;
  if (other === undefined || other === "") {
    const message = "`fieldref` takes the name of another field, without wildcards.";
    problems.add("invalid-value", at, message);
    return undefined;
  }
  return field === undefined ? undefined : fieldReferenceMatcher(field, other, modifiers, modifiers.cased);
}

function number(
  { field, modifiers }: DetectionItem,
  { value, source, at }: ItemValue,
  problems: ProblemList,
): Matcher | undefined {
  const asText = typeof value === "string" ? numericText(value) : undefined;
  const given = typeof value === "number" ? writtenNumber(value, source) : asText;
  if (field === undefined || given === undefined || !Number.isFinite(Number(given))) {
    problems.add("invalid-value", at, `A comparison needs a number, not ${quoted(source)}.`);
    return undefined;
  }
  if (asText !== undefined && !modifiers.expand) {
    problems.add(
      "quoted-number",
      at,
      `${quoted(source)} is compared as the number ${given}.`,
      "Write it without quotes; other Sigma tools reject it.",
    );
  }
  const { datePart, comparison } = modifiers;
  if (datePart === undefined) {
    return numberMatcher(field, comparison, given);
  }
  const [lowest, highest] = datePartLimits[datePart];
  if (typeof given === "bigint" || !Number.isInteger(given) || given < lowest || given > highest) {
    const message = `\`${datePart}\` takes a whole number from ${lowest} to ${highest}, not ${source}.`;
    problems.add("invalid-value", at, message);
    return undefined;
  }
  return datePartMatcher(field, datePart, comparison, given);
}
