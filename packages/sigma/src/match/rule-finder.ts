import type { FieldState } from "../event/field-state.ts";
import type { JsonObject } from "../event/json.ts";
import type { Expression } from "../matchers/expression.ts";
import { type Plan, type PlannedRule, Plans } from "./plans.ts";
import type { Predicate } from "./predicate.ts";
import type { Program } from "./program.ts";
import { requirementsOf, type TextsByField } from "./requirements.ts";
import { buildIndex, type IndexedRule, type IndexNode, visitCandidates } from "./rule-index.ts";

/** What finding needs of a rule. */
export interface FindableRule {
  readonly expression: Expression;
  /** The same, compiled by the program. */
  readonly predicate: Predicate;
}

/**
 * Finds the rules that are true of an event.
 *
 * Asking every rule about every event costs rules × events, and a rule usually fails on `eventName` alone. So rules are
 * found by a plan where the same combination of event source and name came before, else through an index over the values
 * they require. Both only leave out rules that cannot be true and both may be switched off without changing what is found.
 * An event that no rule matches allocates nothing: results are numbers in one array that is as long as there are rules.
 */
export class RuleFinder {
  /** Places in load order of the rules that are true of the current event: the first `count` of them, ascending. */
  readonly found: Int32Array;
  count = 0;
  readonly #program: Program;
  readonly #rules: readonly FindableRule[];
  readonly #index: IndexNode;
  readonly #plans: Plans | undefined;
  /** For each rule, the number of the event it was last evaluated for: the index may lead to a rule twice. */
  readonly #seenIn: Float64Array;
  readonly #look: (field: FieldState) => FieldState;
  readonly #visit: (ordinal: number) => void;

  /** @param useIndex Without it every rule is evaluated for every event. */
  constructor(program: Program, rules: readonly FindableRule[], useIndex: boolean) {
    this.#program = program;
    this.#rules = rules;
    const indexed = indexedRules(program, rules);
    this.#index = useIndex
      ? buildIndex(indexed, (name) => program.view.field(name))
      : { always: [...rules.keys()], branches: [], searches: [] };
    const expressions = rules.map(({ expression }) => expression);
    this.#plans = useIndex ? Plans.of(program, expressions, indexed, this.#index) : undefined;
    this.found = new Int32Array(rules.length);
    this.#seenIn = new Float64Array(rules.length);
    this.#look = (field) => program.view.look(field);
    this.#visit = (ordinal) => this.#try(ordinal);
  }

  /** Makes the event the program's current one and finds its rules. Returns how many there are. */
  find(event: JsonObject): number {
    this.#program.view.begin(event);
    this.count = 0;
    const plan = this.#plans?.find(event);
    if (plan === undefined) {
      visitCandidates(this.#index, this.#look, this.#visit);
    } else {
      this.#follow(plan);
    }
    if (this.count > 1) {
      this.#sort();
    }
    return this.count;
  }

  #follow({ rules, others }: Plan): void {
    for (let index = 0; index < rules.length; index++) {
      const { ordinal, predicate } = rules[index] as PlannedRule;
      if (predicate === undefined || predicate.isTrue()) {
        this.found[this.count++] = ordinal;
      }
    }
    for (let index = 0; index < others.length; index++) {
      visitCandidates(others[index] as IndexNode, this.#look, this.#visit);
    }
  }

  #try(ordinal: number): void {
    const { epoch } = this.#program.view;
    if (this.#seenIn[ordinal] !== epoch) {
      this.#seenIn[ordinal] = epoch;
      if ((this.#rules[ordinal] as FindableRule).predicate.isTrue()) {
        this.found[this.count++] = ordinal;
      }
    }
  }

  /** What a plan finds is in order already. */
  #sort(): void {
    for (let index = 1; index < this.count; index++) {
      if ((this.found[index - 1] as number) > (this.found[index] as number)) {
        this.found.subarray(0, this.count).sort();
        return;
      }
    }
  }
}

function indexedRules({ view }: Program, rules: readonly FindableRule[]): IndexedRule[] {
  // Derived fields are left out: reading them for the index would compute them for every event.
  const readable = (texts: TextsByField): TextsByField =>
    new Map([...texts].filter(([field]) => view.field(field).derived === undefined));
  return rules.map(({ expression }, ordinal) => {
    const { equal, contain } = requirementsOf(expression, view.impliedBy);
    return { ordinal, requirements: { equal: readable(equal), contain: readable(contain) } };
  });
}
