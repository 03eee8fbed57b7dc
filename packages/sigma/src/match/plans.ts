import type { JsonObject } from "../event/json.ts";
import { type Expression, treeSize } from "../matchers/expression.ts";
import type { Matcher } from "../matchers/matcher.ts";
import { partOf } from "./partial.ts";
import { type PlanFields, planFields } from "./plan-fields.ts";
import type { Predicate } from "./predicate.ts";
import type { Program } from "./program.ts";
import { followKnown, type IndexedRule, type IndexNode, type KnownPart } from "./rule-index.ts";

/** What is left to ask of an event whose plan fields are known. */
export interface Plan {
  /** The rules that may still be true, in load order. */
  readonly rules: readonly PlannedRule[];
  /** What the index asks of the other fields. */
  readonly others: readonly IndexNode[];
  readonly size: number;
}

export interface PlannedRule {
  /** Its place in load order. */
  readonly ordinal: number;
  /** The part of the condition that is still open. Undefined: the rule is true, whatever else the event holds. */
  readonly predicate: Predicate | undefined;
}

const longestText = 128;
/** The texts come from events: forgetting everything now and then bounds the memory whatever is sent. */
const mostEntries = 4096;
const largestSize = 65_536;
/** A plan that leaves more open than this is not worth its memory. */
const largestSizeOfOne = 2048;
/** A plan that is used less often than this costs more than it saves. */
const fewestUses = 16;
/** How many events pass without learning after much was learnt that proved of little use. */
const pause = 65_536;

/** Most texts that an attacker sends never recur, so a plan is made at the second meeting. */
const metOnce = Symbol("met once");
const notWorthIt = Symbol("not worth it");
/** No rule is about the text of the first key, whatever else the event holds. */
const noRule = Symbol("no rule");

type Entry = Plan | typeof metOnce | typeof notWorthIt;
/** Entries by the absent fields, by the text of the second key. */
type BySecond = Map<string, Map<number, Entry>>;

const nothingLeft: Plan = { rules: [], others: [], size: 0 };

/**
 * Rules partly evaluated, once for each combination of plan fields that recurs.
 *
 * An account calls a few hundred operations over and over. What event source and event name decide of a rule, derived
 * fields that depend on nothing else included, is decided at the second event of a combination and only read afterwards.
 * The combinations come from events, and an attacker may send new ones without end; so a plan is made only for what came
 * before, plans that are too large or too seldom used are not kept, and all of it is forgotten at a bound. Losing a plan
 * costs time and changes no verdict.
 */
export class Plans {
  readonly #program: Program;
  readonly #expressions: readonly Expression[];
  readonly #index: IndexNode;
  readonly #firstKey: string;
  readonly #secondKey: string | undefined;
  readonly #optional: readonly string[];
  readonly #byFirst = new Map<string, BySecond | typeof noRule>();
  /** Counted since everything was last forgotten: entries, plans, their size, and how often plans were used. */
  #entries = 0;
  #made = 0;
  #size = 0;
  #uses = 0;
  /** How many more events pass before anything is learnt. */
  #pause = 0;

  private constructor(
    program: Program,
    expressions: readonly Expression[],
    index: IndexNode,
    { keys: [firstKey, secondKey], optional }: PlanFields,
  ) {
    this.#program = program;
    this.#expressions = expressions;
    this.#index = index;
    this.#firstKey = firstKey;
    this.#secondKey = secondKey;
    this.#optional = optional;
  }

  /** Undefined where no field of the event is required by enough rules. */
  static of(
    program: Program,
    expressions: readonly Expression[],
    rules: readonly IndexedRule[],
    index: IndexNode,
  ): Plans | undefined {
    const fields = planFields(rules, expressions, program.view);
    return fields === undefined ? undefined : new Plans(program, expressions, index, fields);
  }

  /** The plan for the current event, if its combination came before. */
  find(event: JsonObject): Plan | undefined {
    // A line of JSON may also be `null`, which no rule is true of.
    const first = (event as JsonObject | null)?.[this.#firstKey];
    if (typeof first !== "string") {
      return undefined;
    }
    const bySecond = this.#byFirst.get(first);
    if (bySecond === noRule) {
      return nothingLeft;
    }
    const second = this.#secondKey === undefined ? "" : event[this.#secondKey];
    if (typeof second !== "string") {
      return undefined;
    }
    const absent = this.#absentFrom(event);
    const entry = bySecond?.get(second)?.get(absent);
    if (typeof entry === "object") {
      this.#uses++;
      return entry;
    }
    return entry === notWorthIt ? undefined : this.#meet(first, second, absent, entry === metOnce);
  }

  /** A bit for each optional field that the event does not have. */
  #absentFrom(event: JsonObject): number {
    let absent = 0;
    for (let index = 0; index < this.#optional.length; index++) {
      if (event[this.#optional[index] as string] === undefined) {
        absent |= 1 << index;
      }
    }
    return absent;
  }

  #meet(first: string, second: string, absent: number, isAgain: boolean): Plan | undefined {
    if (this.#pause > 0) {
      this.#pause--;
      return undefined;
    }
    if (first.length > longestText || second.length > longestText) {
      return undefined;
    }
    if (this.#entries >= mostEntries || this.#size >= largestSize) {
      this.#forget();
    }
    if (!isAgain) {
      this.#remember(first, second, absent, metOnce);
      return undefined;
    }
    const plan = this.#make(absent);
    this.#remember(first, second, absent, plan ?? notWorthIt);
    return plan;
  }

  #forget(): void {
    this.#pause = this.#uses < this.#entries + this.#made * fewestUses ? pause : 0;
    this.#byFirst.clear();
    this.#entries = 0;
    this.#made = 0;
    this.#size = 0;
    this.#uses = 0;
  }

  #remember(first: string, second: string, absent: number, entry: Entry): void {
    const bySecond = this.#byFirst.get(first) ?? this.#addFirst(first);
    if (bySecond === noRule) {
      return;
    }
    const byAbsent = bySecond.get(second) ?? new Map<number, Entry>();
    bySecond.set(second, byAbsent);
    this.#entries += byAbsent.has(absent) ? 0 : 1;
    byAbsent.set(absent, entry);
    if (typeof entry === "object") {
      this.#made++;
      this.#size += entry.size;
    }
  }

  #addFirst(first: string): BySecond | typeof noRule {
    const { candidates, others } = this.#follow(new Set([this.#firstKey]));
    const bySecond = candidates.length + others.length === 0 ? noRule : new Map();
    this.#byFirst.set(first, bySecond);
    this.#entries++;
    return bySecond;
  }

  /** The plan for the combination of the current event. */
  #make(absent: number): Plan | undefined {
    const known = new Set(this.#optional.filter((_name, index) => (absent & (1 << index)) !== 0));
    known.add(this.#firstKey);
    if (this.#secondKey !== undefined) {
      known.add(this.#secondKey);
    }
    const { candidates, others } = this.#follow(known);
    const rules: PlannedRule[] = [];
    let size = others.length;
    for (const ordinal of candidates.toSorted((left, right) => left - right)) {
      const part = this.#partOf(ordinal, known);
      if (part === undefined || size > largestSizeOfOne) {
        return undefined;
      }
      if (part !== false) {
        size += part === true ? 1 : treeSize(part);
        rules.push({ ordinal, predicate: part === true ? undefined : this.#program.compilePart(part) });
      }
    }
    return { rules, others, size };
  }

  #follow(known: ReadonlySet<string>): KnownPart {
    return followKnown(this.#index, known, (field) => this.#program.view.look(field));
  }

  /** What known fields leave of a rule; undefined where they do not decide all that they should. */
  #partOf(ordinal: number, known: ReadonlySet<string>): Expression | boolean | undefined {
    try {
      return partOf(this.#expressions[ordinal] as Expression, (matcher) => this.#decide(matcher, known));
    } catch {
      // A derived field that throws although it may not: matching asks it only where the rule needs it.
      return undefined;
    }
  }

  #decide(matcher: Matcher, known: ReadonlySet<string>): boolean | undefined {
    const { view } = this.#program;
    const fields = matcher.other === undefined ? [matcher.field] : [matcher.field, matcher.other];
    const isDecided = fields.every((field) => field !== undefined && view.dependsOnlyOn(field, known));
    return isDecided ? this.#program.question(matcher).isTrue() : undefined;
  }
}
