import { type CloudTrailRecord, eventTimeOf } from "@streamwarden/cloudtrail";
import type { Policy } from "../policy.ts";
import type { PolicySet } from "../policy-set.ts";
import { type FirstSeen, type FirstSeenKeys, firstSeenKeys } from "./first-seen.ts";
import {
  addSightings,
  decideTerm,
  type LearningDocument,
  learn,
  mergeLearning,
  mergeTerms,
  type Sighting,
  type TermDocument,
} from "./first-seen-document.ts";

/** Documents of first-seen policies by state key. */
export interface FirstSeenDocuments {
  readonly terms: ReadonlyMap<string, TermDocument>;
  readonly learning: ReadonlyMap<string, LearningDocument>;
}

/** The records at which one term was new: those of one moment. */
export interface FirstSighting<Detail> {
  /** State key of the term. */
  readonly term: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Sorted, at most 20. */
  readonly ids: readonly string[];
  /** What was described of the first of the ids. */
  readonly detail: Detail | undefined;
}

/** What some records leave behind of one policy. Plain data: it crosses threads. */
export interface HistoryPart<Detail> {
  readonly terms: readonly {
    readonly key: string;
    readonly learning: string;
    readonly document: TermDocument;
    readonly details: readonly (readonly [sighting: string, detail: Detail])[];
  }[];
  readonly learning: readonly (readonly [key: string, document: LearningDocument])[];
}

interface OpenTerm<Detail> {
  readonly learning: string;
  document: TermDocument;
  readonly waiting: Sighting[];
  /** Of sightings that may be the first of a run, by time and id. */
  details: Map<string, Detail>;
}

/** So many sightings at least are added to a document at once: adding costs as much as it has runs. */
const fewestAtOnce = 32;

/**
 * What one first-seen policy knows after records of the past, by the reducers of production. The order and repetition
 * of records, and the parts that they come in, cannot show. It holds runs of sightings, not sightings: its size grows
 * with the terms and their pauses, not with the records.
 */
export class FirstSeenHistory<Detail = never> {
  readonly #firstSeen: FirstSeen;
  readonly #terms = new Map<string, OpenTerm<Detail>>();
  readonly #learning = new Map<string, LearningDocument>();

  constructor(firstSeen: FirstSeen) {
    this.#firstSeen = firstSeen;
  }

  /** How many different sets of `of` values were seen for their `by` values. */
  get terms(): number {
    return this.#terms.size;
  }

  /** @param describe is asked for those sightings only that may turn out to be new. */
  add(keys: FirstSeenKeys, sighting: Sighting, describe?: () => Detail): void {
    this.#learning.set(keys.learning, learn(this.#learning.get(keys.learning), [sighting.time]));
    const term = this.#term(keys.term, keys.learning);
    term.waiting.push(sighting);
    if (describe !== undefined && this.#mayBeNew(term.document, sighting.time)) {
      const name = nameOf(sighting.time, sighting.id);
      if (!term.details.has(name)) term.details.set(name, describe());
    }
    if (term.waiting.length >= Math.max(fewestAtOnce, term.document.runs.length)) this.#settle(term);
  }

  /** Adds what other records left behind. Of a sighting that both describe, the description that was there stays. */
  merge({ terms, learning }: HistoryPart<Detail>): void {
    for (const [key, document] of learning)
      this.#learning.set(key, mergeLearning(this.#learning.get(key), document));
    for (const part of terms) {
      const term = this.#term(part.key, part.learning);
      term.document = mergeTerms(term.document, part.document, this.#firstSeen.withinSeconds);
      for (const [name, detail] of part.details) {
        if (!term.details.has(name)) term.details.set(name, detail);
      }
      this.#settle(term);
    }
  }

  part(): HistoryPart<Detail> {
    const terms = [...this.#terms].map(([key, term]) => {
      this.#settle(term);
      return { key, learning: term.learning, document: term.document, details: [...term.details] };
    });
    return { terms, learning: [...this.#learning] };
  }

  /** Everything that was new, as production would have reported it at the time, by time and term. */
  found(): FirstSighting<Detail>[] {
    const options = {
      ...this.#firstSeen,
      completeBefore: Number.MAX_SAFE_INTEGER,
      tellFrom: Number.NEGATIVE_INFINITY,
    };
    const found = [...this.#terms].flatMap(([key, term]) => {
      this.#settle(term);
      const reported = decideTerm(term.document, this.#learning.get(term.learning), options).found;
      return [...Map.groupBy(reported, ({ time }) => time)].map(([time, sightings]) => {
        const ids = sightings.map(({ id }) => id);
        return { term: key, time, ids, detail: term.details.get(nameOf(time, ids[0] ?? "")) };
      });
    });
    return found.sort((left, right) => left.time - right.time || (left.term < right.term ? -1 : 1));
  }

  /** The documents for the state store, with everything from before `completeBefore` decided as history. */
  documents(completeBefore: number): FirstSeenDocuments {
    const options = { ...this.#firstSeen, completeBefore, tellFrom: completeBefore };
    const terms = [...this.#terms].map(([key, term]): [string, TermDocument] => {
      this.#settle(term);
      return [key, decideTerm(term.document, undefined, options).document];
    });
    return { terms: new Map(terms), learning: this.#learning };
  }

  #term(key: string, learning: string): OpenTerm<Detail> {
    const known = this.#terms.get(key);
    if (known !== undefined) return known;
    const made = { learning, document: { runs: [] }, waiting: [], details: new Map<string, Detail>() };
    this.#terms.set(key, made);
    return made;
  }

  /** Whether no sighting that is known by now comes before it within `within`. */
  #mayBeNew({ runs }: TermDocument, time: number): boolean {
    const before = runs.findLast(({ first }) => first < time);
    return before === undefined || time - before.last > this.#firstSeen.withinSeconds * 1000;
  }

  #settle(term: OpenTerm<Detail>): void {
    if (term.waiting.length > 0) {
      const added = addSightings(term.document, term.waiting, this.#firstSeen.withinSeconds);
      term.document = added.document;
      term.waiting.length = 0;
    }
    if (term.details.size === 0) return;
    const kept = new Map<string, Detail>();
    for (const { first, ids } of term.document.runs) {
      for (const id of ids) {
        const name = nameOf(first, id);
        const detail = term.details.get(name);
        if (detail !== undefined) kept.set(name, detail);
      }
    }
    term.details = kept;
  }
}

function nameOf(time: number, id: string): string {
  return `${time} ${id}`;
}

/**
 * What first-seen policies know after records of the past, in any order: written to the state store, a policy need not
 * learn anew. Nothing of the past is reported.
 *
 * @param completeBefore Records from before this time are history; later ones stay to be decided. Milliseconds since
 * the epoch: the current time minus the allowed lateness.
 */
export function seedFirstSeen(
  { ruleset, policyOf }: PolicySet,
  records: Iterable<CloudTrailRecord>,
  completeBefore: number,
): FirstSeenDocuments {
  const histories = new Map<Policy, FirstSeenHistory>();
  for (const record of records) {
    for (const rule of ruleset.match(record)) {
      const policy = policyOf(rule);
      if (policy?.firstSeen === undefined) continue;
      const history = histories.get(policy) ?? new FirstSeenHistory(policy.firstSeen);
      histories.set(policy, history);
      const keys = firstSeenKeys(ruleset, policy, policy.firstSeen, record);
      history.add(keys, { id: record.eventID, time: eventTimeOf(record) });
    }
  }
  const documents = [...histories.values()].map((history) => history.documents(completeBefore));
  return {
    terms: new Map(documents.flatMap(({ terms }) => [...terms])),
    learning: new Map(documents.flatMap(({ learning }) => [...learning])),
  };
}
