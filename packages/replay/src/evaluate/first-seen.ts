import { type CloudTrailRecord, eventTimeOf, redactValue } from "@streamwarden/cloudtrail";
import {
  type FirstSeen,
  FirstSeenHistory,
  type FirstSighting,
  firstSeenKeys,
  type HistoryPart,
  type PolicySet,
} from "@streamwarden/policies";
import type { Ruleset } from "@streamwarden/sigma";
import { type Match, shown } from "./match.ts";

/** The rules that alert on first sightings, by position in the ruleset. Plain data: it crosses threads. */
export type FirstSeenRules = ReadonlyMap<number, { readonly id: string; readonly firstSeen: FirstSeen }>;

/** Values by field, as text; null for a field that the record does not have. */
type FieldTexts = Readonly<Record<string, string | null>>;

/** A record at which something may be new. */
export interface NewMatch extends Match {
  /** What is new ... */
  readonly of: FieldTexts;
  /** ... and for whom. */
  readonly by: FieldTexts;
}

/** What some records leave behind of one first-seen rule. Plain data: it crosses threads. */
export interface FirstSeenPart {
  readonly rule: number;
  readonly part: HistoryPart<NewMatch>;
}

const mostValues = 20;

export function firstSeenRulesOf({ ruleset, policyOf }: PolicySet): FirstSeenRules {
  return new Map(
    ruleset.rules.flatMap((rule, position) => {
      const policy = policyOf(rule);
      if (policy?.firstSeen === undefined) return [];
      return [[position, { id: policy.id, firstSeen: policy.firstSeen }] as const];
    }),
  );
}

/**
 * Takes the matches of first-seen rules and tells at the end which were new. Nothing is too old to be reported here: all
 * that a replay reads is of the past.
 */
export class FirstSeenCollector {
  readonly #ruleset: Ruleset;
  readonly #rules: FirstSeenRules;
  readonly #histories = new Map<number, FirstSeenHistory<NewMatch>>();

  constructor(ruleset: Ruleset, rules: FirstSeenRules) {
    this.#ruleset = ruleset;
    this.#rules = rules;
  }

  get terms(): number {
    let terms = 0;
    for (const history of this.#histories.values()) terms += history.terms;
    return terms;
  }

  /**
   * @param describe makes what is reported of the record, where it is wanted.
   * @returns false for a rule that is not a first-seen rule.
   */
  add(position: number, record: CloudTrailRecord, describe: (() => Match) | undefined): boolean {
    const rule = this.#rules.get(position);
    if (rule === undefined) return false;
    const { firstSeen } = rule;
    const texts = (fields: readonly string[]): FieldTexts =>
      Object.fromEntries(fields.map((field) => [field, textOf(field, this.#ruleset.read(record, field))]));
    this.#history(position, firstSeen).add(
      firstSeenKeys(this.#ruleset, rule, firstSeen, record),
      { id: record.eventID, time: eventTimeOf(record) },
      describe && (() => ({ ...describe(), of: texts(firstSeen.of), by: texts(firstSeen.by) })),
    );
    return true;
  }

  merge(parts: readonly FirstSeenPart[]): void {
    for (const { rule, part } of parts) {
      const firstSeen = this.#rules.get(rule)?.firstSeen;
      if (firstSeen !== undefined) this.#history(rule, firstSeen).merge(part);
    }
  }

  parts(): FirstSeenPart[] {
    return [...this.#histories].map(([rule, history]) => ({ rule, part: history.part() }));
  }

  /** The histories by position of their rules, for those that were true of any record. */
  get histories(): ReadonlyMap<number, FirstSeenHistory<NewMatch>> {
    return this.#histories;
  }

  /** What was new, by position of the rule, time and term. */
  found(): { readonly rule: number; readonly sightings: readonly FirstSighting<NewMatch>[] }[] {
    const histories = [...this.#histories].sort(([left], [right]) => left - right);
    return histories.map(([rule, history]) => ({ rule, sightings: history.found() }));
  }

  #history(position: number, firstSeen: FirstSeen): FirstSeenHistory<NewMatch> {
    const known = this.#histories.get(position);
    if (known !== undefined) return known;
    const made = new FirstSeenHistory<NewMatch>(firstSeen);
    this.#histories.set(position, made);
    return made;
  }
}

function textOf(field: string, values: readonly unknown[]): string | null {
  const texts = values
    .filter((value) => value !== null && value !== undefined)
    .slice(0, mostValues)
    .map((value) => (typeof value === "object" ? JSON.stringify(value) : String(value)));
  return texts.length === 0 ? null : shown(redactValue(field, [...new Set(texts)].toSorted().join(", ")));
}
