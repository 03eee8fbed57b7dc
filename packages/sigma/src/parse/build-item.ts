import { type ListedPattern, lintAlternatives } from "../lint/lint-values.ts";
import { type ExactValue, exactMatcher } from "../matchers/exact-matcher.ts";
import { combine, type Expression } from "../matchers/expression.ts";
import { type Matcher, nullMatcher } from "../matchers/matcher.ts";
import { wildcardMatcher } from "../matchers/text-matchers.ts";
import type { Position, ProblemList } from "../problems/problem.ts";
import { encode } from "../text/encode.ts";
import { fold } from "../text/fold.ts";
import { writtenNumber } from "../text/numeric-text.ts";
import { quoted } from "../text/show-text.ts";
import {
  anyCharacter,
  anyText,
  literalText,
  mapLiterals,
  parseWildcards,
  surround,
  type WildcardString,
} from "../text/wildcard.ts";
import type { DetectionItem, ItemValue } from "./detection-item.ts";
import {
  countBeyondBound,
  fillPlaceholders,
  mostCombinations,
  type PlaceholderValues,
} from "./placeholder.ts";
import { valueMatcher, warnOfEverything } from "./value-matcher.ts";

/**
 * Turns an item into matchers. Without `placeholders` an item that needs them stays pending; with them it reports values
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
      `The placeholders combine to ${tooMany} texts; the limit is ${mostCombinations}.`,
      "Shorten the lists, or give each placeholder a line of its own.",
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
    if (this.#item.modifiers.kind === "text") {
      this.#addText(value);
      return;
    }
    const matcher = valueMatcher(this.#item, value, this.#problems);
    if (matcher !== undefined) {
      this.#groups.push([this.#matcher(matcher, value.at)]);
    }
  }

  finish(): Expression {
    const { modifiers, field } = this.#item;
    if (this.#exactAt !== undefined && field !== undefined) {
      // All whole values of a list are one matcher: a single look-up, however long the list.
      this.#groups.unshift([this.#matcher(exactMatcher(field, this.#exact, modifiers.cased), this.#exactAt)]);
    }
    if (!modifiers.all && !modifiers.expand) {
      lintAlternatives(this.#listed, this.#problems);
    }
    const alternatives = this.#groups.map((group) => combine("or", group));
    const linked = combine(modifiers.all ? "and" : "or", alternatives);
    return modifiers.negated ? { type: "not", child: linked } : linked;
  }

  #matcher(matcher: Matcher, at: Position): Expression {
    return { type: "matcher", matcher, at };
  }

  #reject(value: ItemValue, message: string, hint?: string): void {
    this.#problems.add("invalid-value", value.at, message, hint);
  }

  #addText(value: ItemValue): void {
    const { modifiers, field } = this.#item;
    const isPlain = modifiers.encoders.length === 0 && !modifiers.startsWith && !modifiers.endsWith;
    if (value.value === null) {
      if (field === undefined) {
        this.#reject(value, "A keyword cannot be null.", "Null needs a field name: `field: null`.");
      } else if (!isPlain) {
        this.#reject(value, "Null cannot be searched for inside a text.", `Write \`${field}: null\`.`);
      } else {
        this.#groups.push([this.#matcher(nullMatcher(field), value.at)]);
      }
      return;
    }
    if (isPlain && field !== undefined && (typeof value.value !== "string" || !hasWildcard(value.value))) {
      const exact = exactValue(value);
      this.#list(literal(exact.texts[0] ?? ""), value, exact.number !== undefined);
      if (modifiers.all) {
        this.#groups.push([this.#matcher(exactMatcher(field, [exact], modifiers.cased), value.at)]);
      } else {
        this.#exact.push(exact);
        this.#exactAt ??= value.at;
      }
      return;
    }
    const pattern = typeof value.value === "string" ? parseWildcards(value.value) : literal(value.source);
    const encoded = encode(pattern, modifiers.encoders);
    if (typeof encoded === "string") {
      this.#reject(value, encoded);
      return;
    }
    const placed = encoded.map((form) => this.#placed(form));
    if ((field === undefined || value.source === "") && placed.some(isAnything)) {
      warnOfEverything(this.#item, value, `The value ${quoted(value.source)}`, this.#problems);
    }
    const [first] = placed;
    if (placed.length === 1 && first !== undefined) {
      this.#list(first, value);
    }
    this.#groups.push(placed.map((pattern) => this.#textMatcher(pattern, value.at)));
  }

  /** The value with the wildcards of its modifiers. */
  #placed(value: WildcardString): WildcardString {
    const { modifiers, field } = this.#item;
    // A keyword is searched inside the values of the event, unless it says where it stands.
    const isSearch = field === undefined && !modifiers.startsWith && !modifiers.endsWith;
    return surround(value, modifiers.endsWith || isSearch, modifiers.startsWith || isSearch);
  }

  #list(pattern: WildcardString, { source, at }: ItemValue, isNumber = false): void {
    const { cased } = this.#item.modifiers;
    this.#listed.push({
      pattern: cased ? pattern : mapLiterals(pattern, fold),
      written: source,
      isNumber,
      at,
    });
  }

  #textMatcher(pattern: WildcardString, at: Position): Expression {
    const { modifiers, field } = this.#item;
    const whole = literalText(pattern);
    return whole !== undefined && field !== undefined
      ? this.#matcher(exactMatcher(field, [{ texts: [whole] }], modifiers.cased), at)
      : this.#matcher(wildcardMatcher(field, pattern, modifiers.cased), at);
  }
}

function isAnything(pattern: WildcardString): boolean {
  return pattern.length > 0 && pattern.every((part) => part === anyText);
}

function literal(text: string): WildcardString {
  return text === "" ? [] : [text];
}

function hasWildcard(text: string): boolean {
  return parseWildcards(text).some((part) => part === anyText || part === anyCharacter);
}

/** The forms a value may take in an event: a number both as the file writes it and as JSON would. */
function exactValue({ value, source }: ItemValue): ExactValue {
  if (typeof value === "string") {
    return { texts: [literalText(parseWildcards(value)) ?? ""] };
  }
  if (typeof value !== "number") {
    return { texts: [String(value)] };
  }
  const number = writtenNumber(value, source);
  const canonical = String(number);
  return { texts: source === canonical ? [canonical] : [canonical, source], number };
}
