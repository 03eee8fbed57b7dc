import type { CloudTrailRecord } from "@streamwarden/cloudtrail";
import type { Rule, Ruleset } from "@streamwarden/sigma";
import { RecordReader } from "../read/record-reader.ts";
import type { Tally } from "../read/tally.ts";
import type { FilePart } from "./file-part.ts";
import { FirstSeenCollector, type FirstSeenPart, type FirstSeenRules } from "./first-seen.ts";
import { type Match, matchOf } from "./match.ts";
import { type PlainEntry, plainEntries } from "./plain-entry.ts";
import { PreFilter } from "./pre-filter.ts";

/** What is handed over while a file is read. Plain data: it crosses threads. */
export interface Found {
  readonly matches: readonly Match[];
  /** What the records add to the windows of correlations. */
  readonly entries: readonly PlainEntry[];
  /** What first-seen rules were true of. */
  readonly firstSeen: readonly FirstSeenPart[];
}

/** What is handed over beside the counts. */
export interface FoundKinds {
  /** Single matches, and what is new of first sightings. */
  readonly matches: boolean;
  readonly entries: boolean;
}

export interface EvaluationOptions {
  readonly ruleset: Ruleset;
  /** Those of the rules that alert on first sightings only. */
  readonly firstSeen: FirstSeenRules;
  readonly wanted: FoundKinds;
  /** Whether records that no rule can want are left unparsed. Changes no result. */
  readonly preFilter: boolean;
  readonly tally: Tally;
}

const mostInBatch = 256;
/** Terms of first-seen rules that are put together before they are handed over. */
const mostTermsInBatch = 4096;

/** A ruleset, ready to be evaluated over parts of files. */
export class Evaluation {
  readonly options: EvaluationOptions;
  readonly preFilter: PreFilter | undefined;
  readonly ordinals: ReadonlyMap<Rule, number>;

  constructor(options: EvaluationOptions) {
    this.options = options;
    this.preFilter = options.preFilter ? PreFilter.of(options.ruleset) : undefined;
    this.ordinals = new Map(options.ruleset.rules.map((rule, ordinal) => [rule, ordinal]));
  }
}

/** Evaluates a ruleset over a part of a file. Records are numbered from the part's beginning. */
export class PartReplay {
  readonly #path: string;
  readonly #evaluation: Evaluation;
  readonly #reader: RecordReader;
  readonly #counts = new Map<number, number>();
  #matches: Match[] = [];
  #entries: PlainEntry[] = [];
  #firstSeen: FirstSeenCollector;
  #counted = 0;

  constructor(path: string, evaluation: Evaluation) {
    const { ruleset, firstSeen } = evaluation.options;
    this.#path = path;
    this.#evaluation = evaluation;
    this.#firstSeen = new FirstSeenCollector(ruleset, firstSeen);
    this.#reader = new RecordReader(evaluation.preFilter, {
      record: (record, number) => this.#evaluate(record, number),
    });
  }

  push(bytes: Buffer): void {
    this.#reader.push(bytes);
    const counted = this.#reader.records + this.#reader.quarantined;
    this.#evaluation.options.tally.addRecords(counted - this.#counted);
    this.#counted = counted;
  }

  /** Nothing follows. `isWhole` is false when the bytes are known to stop early. */
  end(isWhole: boolean): void {
    this.#reader.end(isWhole);
  }

  /** Whether what follows can be read without knowing what came before. */
  get isBetweenValues(): boolean {
    return this.#reader.isBetweenValues;
  }

  /** Whether so much was found that it should be taken. */
  get isFull(): boolean {
    return this.#hasManyTerms || this.#matches.length + this.#entries.length >= mostInBatch;
  }

  get #hasManyTerms(): boolean {
    return this.#firstSeen.terms >= mostTermsInBatch;
  }

  /** What was found since the last time; first sightings are kept back until they are many, or all are asked for. */
  take(all: boolean): Found {
    const { ruleset, firstSeen: rules } = this.#evaluation.options;
    const withTerms = all || this.#hasManyTerms;
    const firstSeen = withTerms ? this.#firstSeen.parts() : [];
    const found = { matches: this.#matches, entries: this.#entries, firstSeen };
    this.#matches = [];
    this.#entries = [];
    if (withTerms) this.#firstSeen = new FirstSeenCollector(ruleset, rules);
    return found;
  }

  part(): FilePart {
    return { ...this.#reader.part(), matches: [...this.#counts] };
  }

  /** As the ruleset sees it, which knows what the configuration says of roles. */
  #actorOf(record: CloudTrailRecord): string {
    const [id] = this.#evaluation.options.ruleset.read(record, "actor.id");
    return String(id);
  }

  #evaluate(record: CloudTrailRecord, number: number): void {
    const { ruleset, tally, wanted } = this.#evaluation.options;
    const matched = ruleset.match(record);
    if (matched.length === 0) return;
    for (const rule of matched) {
      const ordinal = this.#evaluation.ordinals.get(rule) ?? 0;
      this.#counts.set(ordinal, (this.#counts.get(ordinal) ?? 0) + 1);
      const describe = (): Match => matchOf(ordinal, record, this.#actorOf(record), this.#path, number);
      if (this.#firstSeen.add(ordinal, record, wanted.matches ? describe : undefined)) continue;
      tally.addMatch();
      if (wanted.matches) this.#matches.push(describe());
    }
    if (wanted.entries && ruleset.correlations.length > 0)
      this.#entries.push(...plainEntries(ruleset, matched, record));
  }
}

export function isNothing({ matches, entries, firstSeen }: Found): boolean {
  return matches.length + entries.length + firstSeen.length === 0;
}

/** The same with the records numbered from further up: `before` values stand before the part. */
export function numberedFrom({ matches, entries, firstSeen }: Found, before: number): Found {
  const moved = <T extends Match>(match: T): T => ({ ...match, record: match.record + before });
  return {
    matches: matches.map(moved),
    entries,
    firstSeen: firstSeen.map(({ rule, part }) => ({
      rule,
      part: {
        ...part,
        terms: part.terms.map((term) => ({
          ...term,
          details: term.details.map(([sighting, detail]) => [sighting, moved(detail)] as const),
        })),
      },
    })),
  };
}
