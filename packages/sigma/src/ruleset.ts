import type { CorrelatedRule, Correlation } from "./correlation/correlation.ts";
import type { CorrelationSet, Membership } from "./correlation/correlation-set.ts";
import type { InactiveCorrelation } from "./correlation/link/link-correlations.ts";
import { SigmaError } from "./errors.ts";
import type { JsonObject } from "./event/json.ts";
import { type Explanation, explainRule } from "./explain/explain.ts";
import { type ReasonOptions, reasonsOf } from "./explain/reasons.ts";
import type { LinkedRule } from "./linked-rule.ts";
import type { Predicate } from "./match/predicate.ts";
import type { Program } from "./match/program.ts";
import { requirementsOf } from "./match/requirements.ts";
import { RuleFinder } from "./match/rule-finder.ts";
import type { Filter, Rule } from "./rule.ts";

/** A rule or filter that waits for configuration: its placeholders are defined, but their lists are empty. */
export interface Inactive<T> {
  readonly document: T;
  readonly placeholders: readonly string[];
}

/** A rule that would have matched, and the filter that suppressed it. */
export interface Excepted {
  readonly rule: Rule;
  readonly filter: Filter;
}

export interface Evaluation {
  /** The rules that are true, in load order. */
  readonly matched: readonly Rule[];
  /** The rules that filters suppressed, one entry for each filter that did. */
  readonly excepted: readonly Excepted[];
}

/** What the linker passes to a ruleset. */
export interface RulesetParts {
  readonly program: Program;
  readonly rules: readonly LinkedRule[];
  readonly filters: readonly Filter[];
  readonly inactive: readonly Inactive<Rule>[];
  readonly inactiveFilters: readonly Inactive<Filter>[];
  readonly elsewhere: readonly Rule[];
  readonly correlations: CorrelationSet;
  readonly useIndex: boolean;
  readonly filterApplies: (filter: Filter, event: JsonObject) => boolean;
}

interface CompiledRule extends LinkedRule {
  /** The expression, compiled. */
  readonly predicate: Predicate;
  /** The result for an event that only this rule matches: the usual case, so it is made once. */
  readonly alone: Evaluation;
  readonly compiledFilters: readonly { readonly filter: Filter; readonly predicate: Predicate }[];
}

const noRules: readonly Rule[] = Object.freeze([]);
const noExceptions: readonly Excepted[] = Object.freeze([]);
const nothing: Evaluation = Object.freeze({ matched: noRules, excepted: noExceptions });

/**
 * Linked rules, ready to be matched against one event after another.
 *
 * Matching is the hot path of the whole product, so everything that rules share is shared here: one view of the current
 * event, one answer to each distinct question, one index over all rules. That makes a ruleset stateful: it works on one
 * event at a time. JavaScript runs one call to its end before the next, so nothing needs a lock, but a ruleset is not
 * re-entrant: a derived field or `filterApplies` must not call back into the ruleset that called it. Use one ruleset per
 * thread.
 *
 * `match` and `evaluate` read the event anew every time. `reasons`, `explain` and `read` reuse what is known of the last
 * event if they are given the same object, so do not change an event between these calls.
 *
 * What a ruleset answers depends on rules and event alone: the index, the plans and the order of earlier events change
 * only how fast it answers (`laws.test.ts` holds this).
 */
export class Ruleset {
  /** The rules that are evaluated, in load order. */
  readonly rules: readonly Rule[];
  readonly filters: readonly Filter[];
  /** Rules that wait for configuration, with the names of the empty placeholder lists. Never evaluated. */
  readonly inactive: readonly { readonly rule: Rule; readonly placeholders: readonly string[] }[];
  readonly inactiveFilters: readonly { readonly filter: Filter; readonly placeholders: readonly string[] }[];
  /** Rules about logs other than those this ruleset is for. Never evaluated. */
  readonly elsewhere: readonly Rule[];
  /** The correlations that are evaluated, in load order. */
  readonly correlations: readonly Correlation[];
  /** Correlations over rules that wait for configuration. Never evaluated. */
  readonly inactiveCorrelations: readonly InactiveCorrelation[];
  /** Correlations over rules about other logs. Never evaluated. */
  readonly elsewhereCorrelations: readonly Correlation[];
  readonly #correlations: CorrelationSet;
  readonly #program: Program;
  readonly #compiled: readonly CompiledRule[];
  readonly #ordinals: ReadonlyMap<Rule, number>;
  readonly #byReference = new Map<string, Rule>();
  readonly #finder: RuleFinder;
  readonly #filterApplies: (filter: Filter, event: JsonObject) => boolean;

  constructor(parts: RulesetParts) {
    const { program } = parts;
    this.#program = program;
    this.rules = Object.freeze(parts.rules.map(({ rule }) => rule));
    this.filters = Object.freeze([...parts.filters]);
    this.inactive = parts.inactive.map(({ document, placeholders }) => ({ rule: document, placeholders }));
    this.inactiveFilters = parts.inactiveFilters.map(({ document, placeholders }) => ({
      filter: document,
      placeholders,
    }));
    this.elsewhere = Object.freeze([...parts.elsewhere]);
    this.#correlations = parts.correlations;
    this.correlations = parts.correlations.linked.active;
    this.inactiveCorrelations = parts.correlations.linked.inactive;
    this.elsewhereCorrelations = parts.correlations.linked.elsewhere;
    this.#filterApplies = parts.filterApplies;
    this.#compiled = parts.rules.map((linked) => ({
      ...linked,
      predicate: program.compile(linked.expression),
      alone: Object.freeze({ matched: Object.freeze([linked.rule]), excepted: noExceptions }),
      compiledFilters: linked.filters.map(({ filter, expression }) => ({
        filter,
        predicate: program.compile(expression),
      })),
    }));
    this.#ordinals = new Map(this.rules.map((rule, ordinal) => [rule, ordinal]));
    for (const rule of this.rules) {
      for (const reference of [rule.id, rule.name]) {
        if (reference !== undefined) {
          this.#byReference.set(reference.toLowerCase(), rule);
        }
      }
    }
    this.#finder = new RuleFinder(program, this.#compiled, parts.useIndex);
  }

  /** The rules that are true of the event, in load order. */
  match(event: JsonObject): readonly Rule[] {
    return this.#finder.find(event) === 0 ? noRules : this.#evaluateFound(event).matched;
  }

  /** Like `match`, and also which filters suppressed which rules. */
  evaluate(event: JsonObject): Evaluation {
    return this.#finder.find(event) === 0 ? nothing : this.#evaluateFound(event);
  }

  /** The active rule with this id or name. A title is not a reference. */
  find(reference: string): Rule | undefined {
    return this.#byReference.get(reference.toLowerCase());
  }

  /** The active correlation with this id or name. */
  findCorrelation(reference: string): Correlation | undefined {
    return this.#correlations.find(reference);
  }

  /** The active correlations that count this rule, with its position among their rules. */
  correlationsOver(rule: CorrelatedRule): readonly Membership[] {
    return this.#correlations.over(rule);
  }

  /** Whether the rule raises no alert of its own: a correlation counts it, and none says `generate: true`. */
  isSilenced(rule: CorrelatedRule): boolean {
    return this.#correlations.isSilenced(rule);
  }

  /**
   * Why the rule is true of the event, one short line for each matcher that decided it: `eventName = CreateChannel`, and
   * where a condition denies, `not own_account: recipientAccountId is not "111122223333" (it is "444455556666")`. What did
   * not decide is left out, and so are filters, which only take matches away. Lines quote the event and the rule, cut and
   * with control characters escaped; `redact` keeps secrets of the event out of them.
   *
   * @throws SigmaError `foreign-rule` when the rule is not among `rules`.
   */
  reasons(rule: Rule, event: JsonObject, options: ReasonOptions = {}): readonly string[] {
    const { expression } = this.#compiledOf(rule);
    this.#turnTo(event);
    return reasonsOf(expression, this.#program, options);
  }

  /**
   * Why the rule is true of the event or not: its condition as a tree, with what each matcher saw. The verdict is that of
   * `match`, filters included. Meant for people; it evaluates everything and is slow beside `match`.
   *
   * @throws SigmaError `foreign-rule` when the rule is not among `rules`.
   */
  explain(rule: Rule, event: JsonObject): Explanation {
    const linked = this.#compiledOf(rule);
    this.#turnTo(event);
    return explainRule(linked, this.#program, (filter) => this.#filterApplies(filter, event));
  }

  /** The values a field has in an event, as groups see it: dots, lists and derived fields included. */
  read(event: JsonObject, field: string): readonly unknown[] {
    this.#turnTo(event);
    const state = this.#program.view.look(this.#program.view.ownField(field));
    return state.leaves.slice(0, state.count).map((leaf) => leaf.value);
  }

  /**
   * The texts (case-folded) of which an event must have one in `field` for the rule to be true. Undefined where the
   * rule requires none of that field by equality.
   *
   * @throws SigmaError `foreign-rule` when the rule is not among `rules`.
   */
  requiredValues(rule: Rule, field: string): ReadonlySet<string> | undefined {
    return requirementsOf(this.#compiledOf(rule).expression, this.#program.view.impliedBy).equal.get(field);
  }

  /** Makes the event the current one; if it already is, what is known of it is kept. */
  #turnTo(event: JsonObject): void {
    if (this.#program.view.event !== event) {
      this.#program.view.begin(event);
    }
  }

  #evaluateFound(event: JsonObject): Evaluation {
    const { found, count } = this.#finder;
    const first = this.#compiled[found[0] as number] as CompiledRule;
    if (count === 1 && first.compiledFilters.length === 0) {
      return first.alone;
    }
    const matched: Rule[] = [];
    let excepted: Excepted[] | undefined;
    for (let index = 0; index < count; index++) {
      const { rule, compiledFilters } = this.#compiled[found[index] as number] as CompiledRule;
      let isExcepted = false;
      for (const { filter, predicate } of compiledFilters) {
        if (!predicate.isTrue() && this.#filterApplies(filter, event)) {
          isExcepted = true;
          excepted ??= [];
          excepted.push({ rule, filter });
        }
      }
      if (!isExcepted) {
        matched.push(rule);
      }
    }
    return { matched, excepted: excepted ?? noExceptions };
  }

  #compiledOf(rule: Rule): CompiledRule {
    const compiled = this.#compiled[this.#ordinals.get(rule) ?? -1];
    if (compiled === undefined) {
      throw new SigmaError("foreign-rule", `The rule "${rule.title}" is not an active rule of this ruleset.`);
    }
    return compiled;
  }
}
