import type { EventView } from "../event/event-view.ts";
import type { FieldState } from "../event/field-state.ts";
import type { Expression } from "../matchers/expression.ts";
import type { Matcher } from "../matchers/matcher.ts";
import { containedText } from "../matchers/text-matchers.ts";
import { ContainsAny } from "./contains-any.ts";
import type { Predicate } from "./predicate.ts";
import { shortestLiteral } from "./requirements.ts";

/**
 * A matcher bound to its field, with its verdict on the current event. The verdict carries the event's number, so a
 * thousand rules that ask the same question pay for one answer, and the next event needs no clearing.
 */
export class Question implements Predicate {
  readonly matcher: Matcher;
  readonly #view: EventView;
  readonly #field: FieldState;
  readonly #other: FieldState | undefined;
  #epoch = 0;
  #verdict = false;

  constructor(matcher: Matcher, view: EventView) {
    this.matcher = matcher;
    this.#view = view;
    this.#field = matcher.field === undefined ? view.keywords : view.field(matcher.field);
    this.#other = matcher.other === undefined ? undefined : view.field(matcher.other);
  }

  isTrue(): boolean {
    const { epoch } = this.#view;
    if (this.#epoch !== epoch) {
      const other = this.#other === undefined ? undefined : this.#view.look(this.#other);
      this.#verdict = this.matcher.matches(this.#view.look(this.#field), other);
      this.#epoch = epoch;
    }
    return this.#verdict;
  }

  /** What the matcher sees of the current event. */
  look(): FieldState {
    return this.#view.look(this.#field);
  }

  /** The other side of a `fieldref`. */
  lookAtOther(): FieldState | undefined {
    return this.#other === undefined ? undefined : this.#view.look(this.#other);
  }
}

class Every implements Predicate {
  readonly #parts: readonly Predicate[];

  constructor(parts: readonly Predicate[]) {
    this.#parts = parts;
  }

  isTrue(): boolean {
    for (let index = 0; index < this.#parts.length; index++) {
      if (!(this.#parts[index] as Predicate).isTrue()) {
        return false;
      }
    }
    return true;
  }
}

class Some implements Predicate {
  readonly #parts: readonly Predicate[];

  constructor(parts: readonly Predicate[]) {
    this.#parts = parts;
  }

  isTrue(): boolean {
    for (let index = 0; index < this.#parts.length; index++) {
      if ((this.#parts[index] as Predicate).isTrue()) {
        return true;
      }
    }
    return false;
  }
}

class Not implements Predicate {
  readonly #part: Predicate;

  constructor(part: Predicate) {
    this.#part = part;
  }

  isTrue(): boolean {
    return !this.#part.isTrue();
  }
}

const equalityCost = 1;
const otherCost = 3;
const keywordCost = 1000;
/** What a rule excludes is seldom present, so it is asked after what the rule looks for. */
const negationCost = 4;
/** Below this many searches in one field, one at a time is cheaper. */
const fewestSearchedTogether = 4;

/**
 * All questions of all rules, each distinct one once, over one view of the current event.
 *
 * Rules of one product ask the same questions again and again. Here each becomes one object, found by the matcher's key,
 * whose verdict every predicate reads. It only grows while rules
 * are compiled, never by events: what depends on events goes through `compilePart`, so that no sequence of events can fill
 * the memory.
 */
export class Program {
  readonly view: EventView;
  readonly #questions = new Map<string, Question>();
  readonly #searches = new Map<string, ContainsAny>();

  constructor(view: EventView) {
    this.view = view;
  }

  /** The question a matcher asks; matchers that ask the same share it. */
  question(matcher: Matcher): Question {
    let question = this.#questions.get(matcher.key);
    if (question === undefined) {
      question = new Question(matcher, this.view);
      this.#questions.set(matcher.key, question);
    }
    return question;
  }

  /** The expression of a rule as a predicate over the current event. Cheap questions are asked first. */
  compile(expression: Expression): Predicate {
    return this.#compile(expression, (key, make) => {
      const search = this.#searches.get(key) ?? make();
      this.#searches.set(key, search);
      return search;
    });
  }

  /**
   * The same for what is left of a rule's expression. The program keeps nothing of it: what is left depends on events, and
   * there is no end of them.
   */
  compilePart(expression: Expression): Predicate {
    return this.#compile(expression, (key) => this.#searches.get(key));
  }

  #compile(expression: Expression, searchFor: SearchFor): Predicate {
    switch (expression.type) {
      case "matcher":
        return this.question(expression.matcher);
      case "not":
        return new Not(this.#compile(expression.child, searchFor));
      case "and":
        return new Every(this.#compileAll(expression.children, searchFor));
      case "or":
        return this.#compileAlternatives(expression.children, searchFor);
      case "pending":
        throw new TypeError("A detection item with placeholders must be linked before it is compiled.");
    }
  }

  /** Searches for texts in one field are put together where they are many: lists of tools and names are common. */
  #compileAlternatives(children: readonly Expression[], searchFor: SearchFor): Predicate {
    const searched = Map.groupBy(children, searchedField);
    const alone = [...(searched.get(undefined) ?? [])];
    const together: Predicate[] = [];
    for (const [field, group] of searched) {
      if (field === undefined) {
        continue;
      }
      const texts = new Set(group.flatMap((child) => searchedText(child) ?? []));
      const key = JSON.stringify([field, [...texts].sort()]);
      const search =
        texts.size < fewestSearchedTogether
          ? undefined
          : searchFor(key, () => new ContainsAny(this.view, field, texts));
      if (search === undefined) {
        alone.push(...group);
      } else {
        together.push(search);
      }
    }
    const [only] = together;
    return only !== undefined && together.length === 1 && alone.length === 0
      ? only
      : new Some([...this.#compileAll(alone, searchFor), ...together]);
  }

  #compileAll(children: readonly Expression[], searchFor: SearchFor): Predicate[] {
    return children
      .map((child) => ({ child, cost: costOf(child) }))
      .sort((left, right) => left.cost - right.cost)
      .map(({ child }) => this.#compile(child, searchFor));
  }
}

/** The search for many texts in one field, by its key; undefined where they are to be looked for one by one. */
type SearchFor = (key: string, make: () => ContainsAny) => ContainsAny | undefined;

function searchedText(expression: Expression): string | undefined {
  return expression.type === "matcher" ? containedText(expression.matcher) : undefined;
}

/** The field of a matcher that can be one of many searches. */
function searchedField(expression: Expression): string | undefined {
  const text = searchedText(expression) ?? "";
  return expression.type === "matcher" && text.length >= shortestLiteral
    ? expression.matcher.field
    : undefined;
}

function costOf(expression: Expression): number {
  switch (expression.type) {
    case "matcher":
      return expression.matcher.field === undefined
        ? keywordCost
        : expression.matcher.exact === undefined
          ? otherCost
          : equalityCost;
    case "not":
      return costOf(expression.child) + negationCost;
    case "and":
    case "or":
      return expression.children.reduce((sum, child) => sum + costOf(child), 0);
    case "pending":
      return 0;
  }
}
