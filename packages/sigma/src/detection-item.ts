import type { Scalar } from "yaml";
import { encode } from "./encode.ts";
import { combine, type Expression } from "./expression.ts";
import { fold } from "./fold.ts";
import { parseIpNetwork } from "./ip-network.ts";
import { type ListedPattern, lintAlternatives } from "./lint-values.ts";
import type { Modifiers } from "./modifiers.ts";
import { numericText } from "./numeric-text.ts";
import {
  countBeyondBound,
  fillPlaceholders,
  MOST_COMBINATIONS,
  type PlaceholderValues,
} from "./placeholder.ts";
import type { Position, ProblemList } from "./problem.ts";
import { compileRegex } from "./regex.ts";
import {
  cidrTest,
  datePartTest,
  type ExactValue,
  exactTest,
  existsTest,
  fieldReferenceTest,
  nullTest,
  numberTest,
  regexTest,
  type Test,
  wildcardTest,
} from "./test.ts";
import {
  ANY,
  literalText,
  mapLiterals,
  ONE,
  parseWildcards,
  surround,
  type WildcardString,
} from "./wildcard.ts";
import type { YamlSource } from "./yaml-source.ts";

/** A value of a rule with its place. `source` is how a number is written in the file. */
export interface ItemValue {
  readonly value: string | number | boolean | null;
  readonly source: string;
  readonly at: Position;
}

/** One line of a selection: a field (or none, for keywords), its modifiers and its values. */
export interface DetectionItem {
  readonly field: string | undefined;
  readonly modifiers: Modifiers;
  readonly values: readonly ItemValue[];
  readonly at: Position;
}

/** The value of a scalar node. Undefined for anything a test cannot be made of (a binary or a date by a custom tag). */
export function itemValue(source: YamlSource, node: Scalar): ItemValue | undefined {
  const { value } = node;
  const isKnown =
    value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return isKnown
    ? {
        value,
        source: typeof value === "string" ? value : (node.source ?? String(value)),
        at: source.at(node),
      }
    : undefined;
}

const DATE_PART_LIMITS = {
  minute: [0, 59],
  hour: [0, 23],
  day: [1, 31],
  week: [1, 53],
  month: [1, 12],
  year: [0, 9999],
} as const;

/**
 * Turns an item into tests. Without `placeholders` an item that needs them stays pending; with them it reports values
 * that the configuration gave and that do not fit.
 */
export function buildItem(
  item: DetectionItem,
  problems: ProblemList,
  placeholders?: PlaceholderValues,
): Expression {
  const { modifiers } = item;
  if (modifiers.expand && placeholders === undefined) {
    return { type: "pending", item };
  }
  const tooMany = placeholders === undefined ? undefined : countBeyondBound(item, placeholders);
  if (tooMany !== undefined) {
    problems.add(
      "placeholder-value",
      item.values[0]?.at ?? item.at,
      `The combinations of placeholders are ${tooMany} texts; there may be ${MOST_COMBINATIONS}.`,
      "Shorten the lists, or test each placeholder on a line of its own.",
    );
    return { type: "and", children: [] };
  }
  const builder = new ItemBuilder(item, problems);
  const values = placeholders === undefined ? item.values : fillPlaceholders(item, placeholders);
  for (const value of values) {
    builder.add(value);
  }
  return builder.finish();
}

class ItemBuilder {
  readonly #item: DetectionItem;
  readonly #problems: ProblemList;
  /** One group per value: the alternatives that the value stands for. */
  readonly #groups: Expression[][] = [];
  readonly #exact: ExactValue[] = [];
  #exactAt: Position | undefined;
  /** The texts of a list of alternatives, for the linter. */
  readonly #listed: ListedPattern[] = [];

  constructor(item: DetectionItem, problems: ProblemList) {
    this.#item = item;
    this.#problems = problems;
  }

  add(value: ItemValue): void {
    switch (this.#item.modifiers.kind) {
      case "text":
        this.#addText(value);
        return;
      case "re":
        this.#addRegex(value);
        return;
      case "cidr":
        this.#addCidr(value);
        return;
      case "exists":
        this.#addExists(value);
        return;
      case "fieldref":
        this.#addFieldReference(value);
        return;
      case "number":
        this.#addNumber(value);
        return;
    }
  }

  finish(): Expression {
    const { modifiers, field } = this.#item;
    if (this.#exactAt !== undefined && field !== undefined) {
      // All whole values of a list are one test: a single look-up, however long the list.
      this.#groups.unshift([this.#test(exactTest(field, this.#exact, modifiers.cased), this.#exactAt)]);
    }
    if (!modifiers.all && !modifiers.expand) {
      lintAlternatives(this.#listed, this.#problems);
    }
    const alternatives = this.#groups.map((group) => combine("or", group));
    const linked = combine(modifiers.all ? "and" : "or", alternatives);
    return modifiers.negated ? { type: "not", child: linked } : linked;
  }

  #test(test: Test, at: Position): Expression {
    return { type: "test", test, at };
  }

  #refuse(value: ItemValue, message: string, hint?: string): void {
    this.#problems.add("invalid-value", value.at, message, hint);
  }

  #addText(value: ItemValue): void {
    const { modifiers, field } = this.#item;
    const isPlain = modifiers.encoders.length === 0 && !modifiers.startsWith && !modifiers.endsWith;
    if (value.value === null) {
      if (field === undefined) {
        this.#refuse(value, "A keyword cannot be null.", "Null needs a field name: `field: null`.");
      } else if (!isPlain) {
        this.#refuse(value, "Null cannot be searched for inside a text.", `Write \`${field}: null\`.`);
      } else {
        this.#groups.push([this.#test(nullTest(field), value.at)]);
      }
      return;
    }
    if (isPlain && field !== undefined && (typeof value.value !== "string" || !hasWildcard(value.value))) {
      const exact = exactValue(value);
      this.#list(literal(exact.texts[0] ?? ""), value);
      if (modifiers.all) {
        this.#groups.push([this.#test(exactTest(field, [exact], modifiers.cased), value.at)]);
      } else {
        this.#exact.push(exact);
        this.#exactAt ??= value.at;
      }
      return;
    }
    const pattern = typeof value.value === "string" ? parseWildcards(value.value) : literal(value.source);
    const encoded = encode(pattern, modifiers.encoders);
    if (typeof encoded === "string") {
      this.#refuse(value, encoded);
      return;
    }
    const [first] = encoded;
    if (
      encoded.some((form) => isAnything(this.#placed(form))) &&
      (field === undefined || value.source === "")
    ) {
      this.#warnOfEverything(value, `The value ${JSON.stringify(value.source)}`);
    }
    if (encoded.length === 1 && first !== undefined) {
      this.#list(this.#placed(first), value);
    }
    this.#groups.push(encoded.map((form) => this.#textTest(this.#placed(form), value.at)));
  }

  #warnOfEverything({ at }: ItemValue, subject: string): void {
    const { field } = this.#item;
    this.#problems.add(
      "matches-everything",
      at,
      `${subject} is found in every ${field === undefined ? "event that has a value" : "value of the field"}.`,
      field === undefined ? "Remove it." : `Write \`${field}: '*'\` where any value is meant.`,
    );
  }

  /** The value with the wildcards of its modifiers. */
  #placed(value: WildcardString): WildcardString {
    const { modifiers, field } = this.#item;
    // A keyword is searched inside the values of the event, unless it says where it stands.
    const isSearch = field === undefined && !modifiers.startsWith && !modifiers.endsWith;
    return surround(value, modifiers.endsWith || isSearch, modifiers.startsWith || isSearch);
  }

  #list(pattern: WildcardString, { source, at }: ItemValue): void {
    const { cased } = this.#item.modifiers;
    this.#listed.push({ pattern: cased ? pattern : mapLiterals(pattern, fold), written: source, at });
  }

  #textTest(pattern: WildcardString, at: Position): Expression {
    const { modifiers, field } = this.#item;
    const whole = literalText(pattern);
    return whole !== undefined && field !== undefined
      ? this.#test(exactTest(field, [{ texts: [whole] }], modifiers.cased), at)
      : this.#test(wildcardTest(field, pattern, modifiers.cased), at);
  }

  #addRegex(value: ItemValue): void {
    const { modifiers, field } = this.#item;
    if (value.value === null || typeof value.value === "boolean") {
      this.#refuse(value, `A regular expression must be a text, not ${value.source || "null"}.`);
      return;
    }
    const isSearch = modifiers.startsWith === modifiers.endsWith;
    const regex = compileRegex(value.source, {
      ignoreCase: modifiers.flags.has("i"),
      multiline: modifiers.flags.has("m"),
      dotAll: modifiers.flags.has("s"),
      atStart: !isSearch && modifiers.startsWith,
      atEnd: !isSearch && modifiers.endsWith,
    });
    if ("message" in regex) {
      this.#problems.add("invalid-regex", value.at, regex.message, regex.hint);
      return;
    }
    if (value.source === "") {
      this.#warnOfEverything(value, "An empty expression");
    }
    this.#groups.push([this.#test(regexTest(field, regex), value.at)]);
  }

  #addCidr(value: ItemValue): void {
    const network =
      typeof value.value === "string"
        ? parseIpNetwork(value.value.trim())
        : `A network must be a text, not ${value.source || "null"}.`;
    if (typeof network === "string") {
      this.#problems.add("invalid-cidr", value.at, network);
      return;
    }
    this.#groups.push([this.#test(cidrTest(this.#item.field, network, value.source.trim()), value.at)]);
  }

  #addExists(value: ItemValue): void {
    const { field } = this.#item;
    if (typeof value.value !== "boolean") {
      const meant = /^(?:true|yes|on|1)$/i.test(value.source) ? "`true`" : "`true` or `false`";
      this.#refuse(
        value,
        `\`exists\` takes true or false, not ${JSON.stringify(value.source)}.`,
        `Write ${/^(?:false|no|off|0)$/i.test(value.source) ? "`false`" : meant}, without quotes.`,
      );
    } else if (field !== undefined) {
      this.#groups.push([this.#test(existsTest(field, value.value), value.at)]);
    }
  }

  #addFieldReference(value: ItemValue): void {
    const { field, modifiers } = this.#item;
    const other = typeof value.value === "string" ? literalText(parseWildcards(value.value)) : undefined;
    if (other === undefined || other === "") {
      this.#refuse(value, "`fieldref` takes the name of another field, without wildcards.");
    } else if (field !== undefined) {
      this.#groups.push([this.#test(fieldReferenceTest(field, other, modifiers, modifiers.cased), value.at)]);
    }
  }

  #addNumber(value: ItemValue): void {
    const { field, modifiers } = this.#item;
    const quoted = typeof value.value === "string" ? numericText(value.value.trim()) : undefined;
    const number = typeof value.value === "number" ? value.value : quoted;
    if (field === undefined || number === undefined || !Number.isFinite(number)) {
      this.#refuse(value, `A comparison needs a number, not ${JSON.stringify(value.source)}.`);
      return;
    }
    if (quoted !== undefined && !modifiers.expand) {
      this.#problems.add(
        "quoted-number",
        value.at,
        `${JSON.stringify(value.source)} is compared as the number ${number}.`,
        "Write it without quotes; other Sigma tools refuse it.",
      );
    }
    const { datePart, comparison } = modifiers;
    if (datePart === undefined) {
      this.#groups.push([this.#test(numberTest(field, comparison, number), value.at)]);
      return;
    }
    const [lowest, highest] = DATE_PART_LIMITS[datePart];
    if (!Number.isInteger(number) || number < lowest || number > highest) {
      this.#refuse(
        value,
        `\`${datePart}\` takes a whole number from ${lowest} to ${highest}, not ${value.source}.`,
      );
      return;
    }
    this.#groups.push([this.#test(datePartTest(field, datePart, comparison, number), value.at)]);
  }
}

const isAnything = (pattern: WildcardString): boolean =>
  pattern.length > 0 && pattern.every((part) => part === ANY);

const literal = (text: string): WildcardString => (text === "" ? [] : [text]);

const hasWildcard = (text: string): boolean =>
  parseWildcards(text).some((part) => part === ANY || part === ONE);

/** The forms a value may take in an event: a number both as the file writes it and as JSON would. */
function exactValue({ value, source }: ItemValue): ExactValue {
  if (typeof value === "string") {
    return { texts: [literalText(parseWildcards(value)) ?? ""] };
  }
  const canonical = String(value);
  return typeof value === "number"
    ? { texts: source === canonical ? [canonical] : [canonical, source], number: value }
    : { texts: [canonical] };
}
