import { fieldPath } from "../event/field-path.ts";
import { FieldState } from "../event/field-state.ts";
import type { Test } from "../matchers/matcher.ts";
import { ANY, ONE, type WildcardString } from "../text/wildcard.ts";
import { contradictoryBounds } from "./lint-bounds.ts";

/** Tests of one field, one of which must be true. */
type Clause = readonly Test[];

/** Two parts of a conjunction that exclude each other. */
export interface Contradiction {
  readonly clause: Clause;
  readonly other: Clause;
  /** Whether the other part is denied (`not`). */
  readonly isDenied: boolean;
  /** Whether it excludes the first for lists too, of which different members may satisfy different tests. */
  readonly isCertain: boolean;
}

/** What excludes one alternative. */
type Exclusion = Omit<Contradiction, "clause">;

/** Asking more values of one field, or longer ones, would cost more than the warning is worth. */
const MOST_ASKED = 20_000;
const LONGEST_ASKED = 2000;
/** Stands for what a `*` of a pattern absorbs; no rule contains it. */
const STAND_IN = "\u{10fffd}";

/** Why no value of the field can satisfy all clauses and none of the denied tests, where that is so. */
export function contradictionIn(
  field: string,
  clauses: readonly Clause[],
  denied: readonly Test[],
): Contradiction | undefined {
  if (clauses.length + denied.length < 2) {
    return undefined;
  }
  const linter = new FieldLinter(field, clauses, denied);
  return linter.absence() ?? linter.values() ?? contradictoryBounds(clauses, denied);
}

class FieldLinter {
  readonly #clauses: readonly Clause[];
  readonly #denied: readonly Test[];
  readonly #absent: FieldState;
  readonly #present: FieldState;
  #left = MOST_ASKED;

  constructor(field: string, clauses: readonly Clause[], denied: readonly Test[]) {
    this.#clauses = clauses;
    this.#denied = denied;
    this.#absent = new FieldState(fieldPath(field));
    this.#present = new FieldState(fieldPath(field));
  }

  /** A field that must be absent is decided: every other test of it can be asked. */
  absence(): Contradiction | undefined {
    const clause = this.#clauses.find((tests) => tests.length === 1 && tests.every(isAbsence));
    const exclusion = clause && this.#exclusionAt(this.#absent, clause, () => true);
    return clause && exclusion && { clause, ...exclusion, isCertain: true };
  }

  /** A clause all of whose alternatives are excluded. */
  values(): Contradiction | undefined {
    for (const clause of this.#clauses) {
      const exclusion = every(clause, (test) => this.#exclusionOf(test, clause));
      if (exclusion !== undefined) {
        return { clause, ...exclusion };
      }
    }
    return undefined;
  }

  #exclusionOf(test: Test, clause: Clause): Exclusion | undefined {
    if (test.kind === "exists") {
      return undefined;
    }
    if (test.kind === "null") {
      return every([null, undefined], (value) => this.#exclusionAt(this.#state(value), clause, () => true));
    }
    if (test.exact !== undefined) {
      const { texts, numeric, cased } = test.exact;
      const hasOneCase = cased || [...texts].every(isCaseless);
      const isKnown = (other: Test): boolean =>
        // A number equals texts that write it differently; only comparisons of numbers do not care.
        numeric
          ? other.kind === "number" || other.kind === "null" || other.kind === "exists"
          : other.kind !== "fieldref" && (hasOneCase || !isCaseSensitive(other));
      return every(texts, (text) =>
        text.length > LONGEST_ASKED || looksLikeJson(text)
          ? undefined
          : this.#exclusionAt(this.#state(text), clause, isKnown),
      );
    }
    const cover = this.#denied.find((other) => this.#covers(other, test));
    return cover && { other: [cover], isDenied: true, isCertain: true };
  }

  /** Whether the first is true of every text of which the second, a test of a value, is. */
  #covers(wide: Test, narrow: Test): boolean {
    if (wide.kind === "exists") {
      return !isAbsence(wide);
    }
    if (wide.kind !== "wildcard") {
      return false;
    }
    const pattern = patternOf(wide);
    if (pattern.every((part) => part === ANY)) {
      return true;
    }
    if (
      narrow.kind !== "wildcard" ||
      (isCaseSensitive(wide) && !isCaseSensitive(narrow)) ||
      pattern.includes(ONE)
    ) {
      // A pattern with `?` is left out: it needs a character where the `*` of the other may stand for none.
      return false;
    }
    const sample = patternOf(narrow)
      .map((part) => (typeof part === "string" ? part : STAND_IN))
      .join("");
    return sample.length <= LONGEST_ASKED && this.#ask(wide, this.#state(sample)) === true;
  }

  /** What is not satisfied when the field is in this state. Only tests that are known there are asked. */
  #exclusionAt(state: FieldState, clause: Clause, isKnown: (other: Test) => boolean): Exclusion | undefined {
    const denied = this.#denied.find((test) => isKnown(test) && this.#ask(test, state) === true);
    if (denied !== undefined) {
      return { other: [denied], isDenied: true, isCertain: true };
    }
    const other = this.#clauses.find(
      (candidate) =>
        candidate !== clause && candidate.every((test) => isKnown(test) && this.#ask(test, state) === false),
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
  #ask(test: Test, state: FieldState): boolean | undefined {
    return this.#left-- > 0 ? test.matches(state, undefined) : undefined;
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

const isAbsence = (test: Test): boolean => test.present === false;

const patternOf = ({ pattern }: Test): WildcardString => pattern?.parts ?? [];

function isCaseSensitive(test: Test): boolean {
  switch (test.kind) {
    case "equals":
      return test.exact?.cased ?? true;
    case "wildcard":
      return test.pattern?.cased ?? true;
    case "regex":
      return true;
    default:
      return false;
  }
}

const isCaseless = (text: string): boolean => text.toLowerCase() === text.toUpperCase();

/** An object is compared as JSON, and some tests look inside it. */
const looksLikeJson = (text: string): boolean => text.startsWith("{") || text.startsWith("[");
