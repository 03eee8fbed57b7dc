import type { EventView } from "./event-view.ts";
import type { Expression } from "./expression.ts";
import { type FieldPath, fieldPath } from "./field-path.ts";
import type { FieldState } from "./field-state.ts";
import type { Test } from "./test.ts";

interface BoundTest {
  readonly test: Test;
  /** The field's slot in the view, or undefined for keywords. */
  readonly slot: number | undefined;
  readonly otherSlot: number | undefined;
}

const EQUALITY_COST = 0;
const OTHER_COST = 1;
const KEYWORD_COST = 1000;

/**
 * All tests of all rules, each distinct one once, and their verdicts for the current event.
 *
 * A verdict is remembered as the event's number (true) or its negative (false), so that the next event needs no
 * clearing and a thousand rules that ask the same question pay for one answer.
 */
export class Program {
  readonly view: EventView;
  readonly #tests: BoundTest[] = [];
  readonly #ids = new Map<string, number>();
  readonly #verdicts: number[] = [];

  constructor(view: EventView) {
    this.view = view;
  }

  /** The number of a test; the same question has the same number. */
  id(test: Test): number {
    let id = this.#ids.get(test.key);
    if (id === undefined) {
      id = this.#tests.length;
      this.#ids.set(test.key, id);
      this.#tests.push({
        test,
        slot: test.field === undefined ? undefined : this.slot(test.field),
        otherSlot: test.other === undefined ? undefined : this.slot(test.other),
      });
      this.#verdicts.push(0);
    }
    return id;
  }

  slot(field: string): number {
    return this.view.slot(this.path(field));
  }

  path(field: string): FieldPath {
    return fieldPath(field);
  }

  /** What a test looks at in the current event. */
  state(id: number): FieldState {
    const { slot } = this.#tests[id] as BoundTest;
    return slot === undefined ? this.view.keywords() : this.view.field(slot);
  }

  verdict(id: number): boolean {
    const { epoch } = this.view;
    const known = this.#verdicts[id];
    if (known === epoch) {
      return true;
    }
    if (known === -epoch) {
      return false;
    }
    const { test, otherSlot } = this.#tests[id] as BoundTest;
    const other = otherSlot === undefined ? undefined : this.view.field(otherSlot);
    const verdict = test.matches(this.state(id), other);
    this.#verdicts[id] = verdict ? epoch : -epoch;
    return verdict;
  }

  /** The expression as a function of the current event. Cheap questions are asked first. */
  compile(expression: Expression): () => boolean {
    switch (expression.type) {
      case "test": {
        const id = this.id(expression.test);
        return () => this.verdict(id);
      }
      case "not": {
        const child = this.compile(expression.child);
        return () => !child();
      }
      case "and": {
        const children = this.#compileAll(expression.children);
        return () => {
          for (const child of children) {
            if (!child()) {
              return false;
            }
          }
          return true;
        };
      }
      case "or": {
        const children = this.#compileAll(expression.children);
        return () => {
          for (const child of children) {
            if (child()) {
              return true;
            }
          }
          return false;
        };
      }
      case "pending":
        throw new TypeError("A detection item with placeholders must be linked before it is compiled.");
    }
  }

  #compileAll(children: readonly Expression[]): (() => boolean)[] {
    return children
      .map((child) => ({ child, cost: costOf(child) }))
      .sort((left, right) => left.cost - right.cost)
      .map(({ child }) => this.compile(child));
  }
}

function costOf(expression: Expression): number {
  switch (expression.type) {
    case "test":
      return expression.test.field === undefined
        ? KEYWORD_COST
        : expression.test.exact === undefined
          ? OTHER_COST
          : EQUALITY_COST;
    case "not":
      return costOf(expression.child);
    case "and":
    case "or":
      return expression.children.reduce((sum, child) => sum + costOf(child), 0);
    case "pending":
      return 0;
  }
}
