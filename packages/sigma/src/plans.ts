import { type Expression, treeSize } from "./expression.ts";
import type { JsonObject } from "./json.ts";
import { partOf } from "./partial.ts";
import { type PlanFields, planFields } from "./plan-fields.ts";
import type { Predicate, Program } from "./program.ts";
import { followKnown, type IndexedRule, type IndexNode } from "./rule-index.ts";
import type { Test } from "./test.ts";

/** What is left to ask of an event whose plan fields are known. */
export interface Plan {
  /** Rules that are true whatever else the event holds, by their place in load order. */
  readonly certain: readonly number[];
  /** Rules that the rest of the event decides: only the part of the condition that is still open. */
  readonly open: readonly OpenRule[];
  /** What the index asks of the other fields. */
  readonly others: readonly IndexNode[];
  /** The size of all that is open. */
  readonly openNodes: number;
}

export interface OpenRule {
  readonly ordinal: number;
  readonly predicate: Predicate;
}

const LONGEST_TEXT = 128;
/** The texts come from events: forgetting everything now and then bounds the memory whatever is sent. */
const MOST_ENTRIES = 4096;
const MOST_OPEN_NODES = 65_536;
/** A plan that leaves more open than this is not worth its memory. */
const MOST_OPEN_NODES_OF_ONE = 2048;
/** A plan that is used less often costs more than it saves. */
const FEWEST_USES = 16;
/** For how many events no plan is made after many that were of little use. */
const PAUSE = 65_536;

/** Most texts that come from an attacker never come again, so that a plan is made at the second meeting. */
const MET_ONCE = Symbol("met once");
const NOT_WORTH_IT = Symbol("not worth it");
type Entry = Plan | typeof MET_ONCE | typeof NOT_WORTH_IT;

/** By the text of the second key and the absent fields. Null: no rule is about the text of the first key, whatever the rest. */
type Entries = Map<string, Map<number, Entry>> | null;

const NOTHING_OPEN: Plan = { certain: [], open: [], others: [], openNodes: 0 };

/**
 * The rules partly evaluated for each combination of plan fields that comes again: an account calls a few hundred
 * operations, and what their names decide is decided once for each, derived fields that depend on nothing else included.
 */
export class Plans {
  readonly #program: Program;
  readonly #expressions: readonly Expression[];
  readonly #index: IndexNode;
  readonly #firstKey: string;
  readonly #secondKey: string | undefined;
  readonly #optional: readonly string[];
  readonly #entries = new Map<string, Entries>();
  #count = 0;
  #openNodes = 0;
  #uses = 0;
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
    const first = event[this.#firstKey];
    if (typeof first !== "string") {
      return undefined;
    }
    const bySecond = this.#entries.get(first);
    if (bySecond === null) {
      this.#uses++;
      return NOTHING_OPEN;
    }
    const second = this.#secondKey === undefined ? "" : event[this.#secondKey];
    if (typeof second !== "string") {
      return undefined;
    }
    const absent = this.#absentIn(event);
    const entry = bySecond?.get(second)?.get(absent);
    if (typeof entry === "object") {
      this.#uses++;
      return entry;
    }
    if (entry === NOT_WORTH_IT || first.length > LONGEST_TEXT || second.length > LONGEST_TEXT) {
      return undefined;
    }
    if (this.#pause > 0) {
      this.#pause--;
      return undefined;
    }
    const plan = entry === MET_ONCE ? this.#make(event) : undefined;
    this.#remember(first, second, absent, plan ?? (entry === MET_ONCE ? NOT_WORTH_IT : MET_ONCE));
    return plan;
  }

  /** A bit for each optional field that the event does not have. */
  #absentIn(event: JsonObject): number {
    let absent = 0;
    for (let index = 0; index < this.#optional.length; index++) {
      if (event[this.#optional[index] as string] === undefined) {
        absent |= 1 << index;
      }
    }
    return absent;
  }

  #remember(first: string, second: string, absent: number, entry: Entry): void {
    if (this.#count >= MOST_ENTRIES || this.#openNodes >= MOST_OPEN_NODES) {
      this.#pause = this.#uses < this.#count * FEWEST_USES ? PAUSE : 0;
      this.#entries.clear();
      this.#count = 0;
      this.#openNodes = 0;
      this.#uses = 0;
    }
    const bySecond = this.#entries.get(first) ?? this.#entriesOf(first);
    if (bySecond === null) {
      return;
    }
    const byAbsent = bySecond.get(second) ?? new Map<number, Entry>();
    bySecond.set(second, byAbsent);
    this.#count += byAbsent.has(absent) ? 0 : 1;
    byAbsent.set(absent, entry);
    this.#openNodes += typeof entry === "object" ? entry.openNodes : 0;
  }

  #entriesOf(first: string): Entries {
    const { view } = this.#program;
    const { candidates, others } = followKnown(this.#index, new Set([this.#firstKey]), (field) =>
      view.look(field),
    );
    const entries: Entries = candidates.length + others.length === 0 ? null : new Map();
    this.#entries.set(first, entries);
    this.#count++;
    return entries;
  }

  /** The plan for the combination of the current event. */
  #make(event: JsonObject): Plan | undefined {
    const { view } = this.#program;
    const known = new Set(this.#optional.filter((name) => event[name] === undefined)).add(this.#firstKey);
    if (this.#secondKey !== undefined) {
      known.add(this.#secondKey);
    }
    const { candidates, others } = followKnown(this.#index, known, (field) => view.look(field));
    const certain: number[] = [];
    const open: OpenRule[] = [];
    let openNodes = 0;
    for (const ordinal of candidates) {
      const part = partOf(this.#expressions[ordinal] as Expression, (test) => this.#decide(test, known));
      if (part === true) {
        certain.push(ordinal);
      } else if (part !== false) {
        openNodes += treeSize(part);
        if (openNodes > MOST_OPEN_NODES_OF_ONE) {
          return undefined;
        }
        open.push({ ordinal, predicate: this.#program.compile(part) });
      }
    }
    return { certain, open, others, openNodes };
  }

  #decide(test: Test, known: ReadonlySet<string>): boolean | undefined {
    const { view } = this.#program;
    const fields = test.other === undefined ? [test.field] : [test.field, test.other];
    const isDecided = fields.every((field) => field !== undefined && view.dependsOnlyOn(field, known));
    return isDecided ? this.#program.question(test).isTrue() : undefined;
  }
}
