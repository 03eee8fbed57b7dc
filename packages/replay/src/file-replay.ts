import type { CloudTrailRecord } from "@streamwarden/cloudtrail";
import type { Rule, Ruleset } from "@streamwarden/sigma";
import { DamagedGzipError, readFileBytes, readStreamBytes } from "./file-bytes.ts";
import { FirstSeenCollector, type FirstSeenPart, type FirstSeenRules } from "./first-seen.ts";
import { type Match, matchOf } from "./match.ts";
import { type PlainEntry, plainEntries } from "./plain-entry.ts";
import { PreFilter } from "./pre-filter.ts";
import type { FileOutcome, ReplayProblem } from "./problem.ts";
import { RecordReader } from "./record-reader.ts";
import { type Source, standardInput, unreadable } from "./sources.ts";
import type { Tally } from "./tally.ts";

/** What one file gave. Plain data: it crosses threads. */
export interface FileResult {
  readonly outcome: FileOutcome;
  readonly records: number;
  readonly quarantined: number;
  readonly otherEvents: number;
  /** Bytes after unpacking. */
  readonly bytes: number;
  /** Records that a rule is true of, by position of the rule in the ruleset; rules without any are left out. */
  readonly matches: readonly (readonly [rule: number, count: number])[];
  readonly problems: readonly ReplayProblem[];
}

/** What is handed over beside the counts. */
export interface FoundKinds {
  /** Single matches, and what is new of first sightings. */
  readonly matches: boolean;
  readonly entries: boolean;
}

export interface FileReplayOptions {
  readonly ruleset: Ruleset;
  /** Those of the rules that alert on first sightings only. */
  readonly firstSeen: FirstSeenRules;
  readonly wanted: FoundKinds;
  /** Whether records that no rule can want are left unparsed. Changes no result. */
  readonly preFilter: boolean;
  readonly tally: Tally;
  readonly standardInput?: NodeJS.ReadableStream;
}

/** What is handed over while a file is read. Plain data: it crosses threads. */
export interface Found {
  readonly matches: readonly Match[];
  /** What the records add to the windows of correlations. */
  readonly entries: readonly PlainEntry[];
  /** What first-seen rules were true of. */
  readonly firstSeen: readonly FirstSeenPart[];
}

/** Takes what was found, in order; the file goes on when the promise settles. */
export type Emit = (found: Found) => Promise<void>;

const mostInBatch = 256;
/** Terms of first-seen rules that are put together before they are handed over. */
const mostTermsInBatch = 4096;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Evaluates a ruleset over files, one after the other. */
export class FileReplay {
  readonly #options: FileReplayOptions;
  readonly #preFilter: PreFilter | undefined;
  readonly #ordinals: ReadonlyMap<Rule, number>;

  constructor(options: FileReplayOptions) {
    this.#options = options;
    this.#preFilter = options.preFilter ? PreFilter.of(options.ruleset) : undefined;
    this.#ordinals = new Map(options.ruleset.rules.map((rule, ordinal) => [rule, ordinal]));
  }

  /** Never throws for what is wrong with a file: that is part of the result. */
  async run(source: Source, emit: Emit): Promise<FileResult> {
    return await new OneFile(source, this.#options, this.#preFilter, this.#ordinals, emit).run();
  }
}

class OneFile {
  readonly #source: Source;
  readonly #options: FileReplayOptions;
  readonly #ordinals: ReadonlyMap<Rule, number>;
  readonly #emit: Emit;
  readonly #reader: RecordReader;
  readonly #counts = new Map<number, number>();
  #matches: Match[] = [];
  #entries: PlainEntry[] = [];
  #firstSeen: FirstSeenCollector;
  #bytes = 0;
  #isBeginning = true;
  #isForeign = false;
  #isInterrupted = false;
  #counted = 0;

  constructor(
    source: Source,
    options: FileReplayOptions,
    preFilter: PreFilter | undefined,
    ordinals: ReadonlyMap<Rule, number>,
    emit: Emit,
  ) {
    this.#source = source;
    this.#options = options;
    this.#ordinals = ordinals;
    this.#emit = emit;
    this.#firstSeen = new FirstSeenCollector(options.ruleset, options.firstSeen);
    this.#reader = new RecordReader(preFilter, (record, number) => this.#evaluate(record, number));
  }

  async run(): Promise<FileResult> {
    const { path, size } = this.#source;
    const handler = {
      chunk: (bytes: Buffer) => this.#chunk(bytes),
      progress: (bytes: number) => this.#options.tally.addBytes(bytes),
    };
    try {
      const { standardInput: stream } = this.#options;
      await (path === standardInput && stream !== undefined
        ? readStreamBytes(stream, handler)
        : readFileBytes(path, size, handler));
      this.#reader.end(!this.#isForeign && !this.#isInterrupted);
    } catch (error) {
      if (!(error instanceof DamagedGzipError)) {
        if (isDefect(error)) throw error;
        return this.#result("unreadable", [...this.#reader.problems.of(path), unreadable(path, error)]);
      }
      this.#reader.end(false);
      this.#reader.quarantined++;
      this.#reader.isDamaged = true;
      this.#reader.problems.add("damaged", "damaged-gzip", `${error.message} What came before was read.`);
    }
    await this.#flush(true);
    return this.#finish();
  }

  async #chunk(chunk: Buffer): Promise<boolean> {
    this.#bytes += chunk.length;
    let bytes = chunk;
    if (this.#isBeginning) {
      bytes = withoutMark(chunk);
      const first = firstByte(bytes);
      if (first !== undefined) {
        this.#isBeginning = false;
        this.#isForeign = !this.#source.isExpected && first !== 0x7b && first !== 0x5b;
      }
      if (this.#isForeign) return false;
    }
    this.#reader.push(bytes);
    const { tally } = this.#options;
    tally.addRecords(this.#reader.records + this.#reader.quarantined - this.#counted);
    this.#counted = this.#reader.records + this.#reader.quarantined;
    const hasManyTerms = this.#firstSeen.terms >= mostTermsInBatch;
    if (hasManyTerms || this.#matches.length + this.#entries.length >= mostInBatch)
      await this.#flush(hasManyTerms);
    this.#isInterrupted = tally.isStopped;
    return !this.#isInterrupted;
  }

  #evaluate(record: CloudTrailRecord, number: number): void {
    const { ruleset, tally, wanted } = this.#options;
    const matched = ruleset.match(record);
    if (matched.length === 0) return;
    for (const rule of matched) {
      const ordinal = this.#ordinals.get(rule) ?? 0;
      this.#counts.set(ordinal, (this.#counts.get(ordinal) ?? 0) + 1);
      const describe = (): Match => matchOf(ordinal, record, this.#source.path, number);
      if (this.#firstSeen.add(ordinal, record, wanted.matches ? describe : undefined)) continue;
      tally.addMatch();
      if (wanted.matches) this.#matches.push(describe());
    }
    if (wanted.entries && ruleset.correlations.length > 0)
      this.#entries.push(...plainEntries(ruleset, matched, record));
  }

  async #flush(withTerms: boolean): Promise<void> {
    const { ruleset, firstSeen: rules } = this.#options;
    const firstSeen = withTerms ? this.#firstSeen.parts() : [];
    const found = { matches: this.#matches, entries: this.#entries, firstSeen };
    this.#matches = [];
    this.#entries = [];
    if (withTerms) this.#firstSeen = new FirstSeenCollector(ruleset, rules);
    if (found.matches.length + found.entries.length + firstSeen.length > 0) await this.#emit(found);
  }

  #finish(): FileResult {
    const { path } = this.#source;
    const { problems, records, quarantined, others, isDamaged, hasObjects } = this.#reader;
    const whole = (
      outcome: "skipped" | "damaged" | "interrupted",
      reason: ReplayProblem["reason"],
      message: string,
    ) => this.#result(outcome, [{ path, outcome, reason, message, count: 1, records: [] }]);
    if (this.#isInterrupted) {
      return this.#result("interrupted", [
        ...problems.of(path),
        {
          path,
          outcome: "interrupted",
          reason: "interrupted",
          message: "Only its beginning was read.",
          count: 1,
          records: [],
        },
      ]);
    }
    if (this.#isForeign) {
      return whole("skipped", "foreign-file", "This is no trail file: neither its name nor its content is.");
    }
    if (this.#isBeginning && !isDamaged) return whole("skipped", "empty", "The file is empty.");
    if (!hasObjects && isDamaged && problems.has("not-json")) {
      // However many lines it has: a file that is no JSON at all is one damage.
      this.#reader.quarantined = 1;
      return whole("damaged", "not-json", "The file is not JSON.");
    }
    if (isDamaged || (records === 0 && quarantined > 0)) return this.#result("damaged", problems.of(path));
    return this.#result(records === 0 && others > 0 ? "skipped" : "read", problems.of(path));
  }

  #result(outcome: FileOutcome, problems: readonly ReplayProblem[]): FileResult {
    return {
      outcome,
      records: this.#reader.records,
      quarantined: this.#reader.quarantined,
      otherEvents: this.#reader.others,
      bytes: this.#bytes,
      matches: [...this.#counts],
      problems,
    };
  }
}

/** Errors of the file system carry a code and a system call; anything else is a mistake of ours. */
const isDefect = (error: unknown): boolean => (error as NodeJS.ErrnoException).syscall === undefined;

const withoutMark = (bytes: Buffer): Buffer =>
  bytes.subarray(0, 3).equals(byteOrderMark) ? bytes.subarray(3) : bytes;

/** The first byte that is not white space. */
function firstByte(bytes: Buffer): number | undefined {
  for (const byte of bytes) {
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
  }
  return undefined;
}
