import { fieldPath } from "../event/field-path.ts";
import { FieldState } from "../event/field-state.ts";
import type { Matcher } from "../matchers/matcher.ts";
import { anyCharacter, anyText, type WildcardString } from "../text/wildcard.ts";
import { type Contradiction, contradictoryBounds } from "./lint-bounds.ts";

/** Matchers of one field, one of which must be true. */
type Clause = readonly Matcher[];

/** The matcher that excludes an alternative. */
type Exclusion = Omit<Contradiction, "clause">;

/** Asking more values of one field, or longer ones, would cost more than the warning is worth. */
const mostAsked = 20_000;
const longestAsked = 2000;
/** Stands for what a `*` of a pattern absorbs; no rule contains it. */
const standIn = "\u{10fffd}";

/** Why no value of the field can satisfy all clauses and none of the denied matchers, where that is so. */
export function contradictionIn(
  field: string,
  clauses: readonly Clause[],
  denied: readonly Matcher[],
): Contradiction | undefined {
  if (clauses.length + denied.length < 2) {
    return undefined;
  }
  const linter = new FieldLinter(field, clauses, denied);
  return linter.absence() ?? linter.values() ?? contradictoryBounds(clauses, denied);
}

class FieldLinter {
  readonly #clauses: readonly Clause[];
  readonly #denied: readonly Matcher[];
  readonly #absent: FieldState;
  readonly #present: FieldState;
  #left = mostAsked;

  constructor(field: string, clauses: readonly Clause[], denied: readonly Matcher[]) {
    this.#clauses = clauses;
    this.#denied = denied;
    this.#absent = new FieldState(fieldPath(field));
    this.#present = new FieldState(fieldPath(field));
  }

  /** If the field must be absent, every other matcher of it can be asked about an absent field. */
  absence(): Contradiction | undefined {
    const clause = this.#clauses.find((matchers) => matchers.length === 1 && matchers.every(isAbsence));
    const exclusion = clause && this.#exclusionAt(this.#absent, clause, () => true);
    return clause && exclusion && { clause, ...exclusion, isCertain: true };
  }

  /** A clause all of whose alternatives are excluded. */
  values(): Contradiction | undefined {
    for (const clause of this.#clauses) {
      const exclusion = every(clause, (matcher) => this.#exclusionOf(matcher, clause));
      if (exclusion !== undefined) {
        return { clause, ...exclusion };
      }
    }
    return undefined;
  }

  #exclusionOf(matcher: Matcher, clause: Clause): Exclusion | undefined {
    if (matcher.kind === "exists") {
      return undefined;
    }
    if (matcher.kind === "null") {
      return every([null, undefined], (value) => this.#exclusionAt(this.#state(value), clause, () => true));
    }
    if (matcher.exact !== undefined) {
      const { texts, numeric, cased } = matcher.exact;
      const hasOneCase = cased || [...texts].every(isCaseless);
      const isKnown = (other: Matcher): boolean =>
        // A number equals texts that write it differently; only comparisons of numbers do not care.
        numeric
          ? other.kind === "number" || other.kind === "null" || other.kind === "exists"
          : other.kind !== "fieldref" && (hasOneCase || !isCaseSensitive(other));
      return every(texts, (text) =>
        text.length > longestAsked || looksLikeJson(text)
          ? undefined
          : this.#exclusionAt(this.#state(text), clause, isKnown),
      );
    }
    const cover = this.#denied.find((other) => this.#covers(other, matcher));
    return cover && { other: [cover], isDenied: true, isCertain: true };
  }

  /** Whether the first is true of every text of which the second, a matcher of a value, is. */
  #covers(wide: Matcher, narrow: Matcher): boolean {
    if (wide.kind === "exists") {
      return !isAbsence(wide);
    }
    if (wide.kind !== "wildcard") {
      return false;
    }
    const pattern = patternOf(wide);
    if (pattern.every((part) => part === anyText)) {
      return true;
    }
    if (
      narrow.kind !== "wildcard" ||
      (isCaseSensitive(wide) && !isCaseSensitive(narrow)) ||
      pattern.includes(anyCharacter)
    ) {
      // A pattern with `?` is left out: it needs a character where the `*` of the other may stand for none.
      return false;
    }
    const sample = patternOf(narrow)
      .map((part) => (typeof part === "string" ? part : standIn))
      .join("");
    return sample.length <= longestAsked && this.#ask(wide, this.#state(sample)) === true;
  }

  /** What is not satisfied when the field is in this state. Only matchers that are known there are asked. */
  #exclusionAt(
    state: FieldState,
    clause: Clause,
    isKnown: (other: Matcher) => boolean,
  ): Exclusion | undefined {
    const denied = this.#denied.find((matcher) => isKnown(matcher) && this.#ask(matcher, state) === true);
    if (denied !== undefined) {
      return { other: [denied], isDenied: true, isCertain: true };
    }
    const other = this.#clauses.find(
      (candidate) =>
        candidate !== clause &&
        candidate.every((matcher) => isKnown(matcher) && this.#ask(matcher, state) === false),
    );
    return other && { other, isDenied: false, isCertain: other.every(isAbsence) };
  }

  /** The field with a value, or absent. */
  #state(value: string | null | undefined): FieldState {
    if (value === undefined) {
      return this.#absent;
    }
    this.#present.clear();
    this.#present.exists = true;
    this.#present.push(value);
    return this.#present;
  }

  /** Undefined when enough was asked: nothing is concluded from what is not known. */
  #ask(matcher: Matcher, state: FieldState): boolean | undefined {
    return this.#left-- > 0 ? matcher.matches(state, undefined) : undefined;
  }
}

/** What excludes all of them, the first one's if there are several. Undefined as soon as one is not excluded. */
function every<T>(all: Iterable<T>, exclusionOf: (one: T) => Exclusion | undefined): Exclusion | undefined {
  let first: Exclusion | undefined;
  let isCertain = true;
  for (const one of all) {
    const exclusion = exclusionOf(one);
    if (exclusion === undefined) {
      return undefined;
    }
    first ??= exclusion;
    isCertain &&= exclusion.isCertain;
  }
  return first && { ...first, isCertain };
}

function isAbsence(matcher: Matcher): boolean {
  return matcher.present === false;
}

function patternOf({ pattern }: Matcher): WildcardString {
  return pattern?.parts ?? [];
}

function isCaseSensitive(matcher: Matcher): boolean {
  switch (matcher.kind) {
    case "equals":
      return matcher.exact?.cased ?? true;
    case "wildcard":
      return matcher.pattern?.cased ?? true;
    case "regex":
      return true;
    default:
      return false;
  }
}

function isCaseless(text: string): boolean {
  return text.toLowerCase() === text.toUpperCase();
}

/** An object is compared as JSON, and some matchers look inside it. */
function looksLikeJson(text: string): boolean {
  return text.startsWith("{") || text.startsWith("[");
}
