import type { FileOutcome, PartProblem, ReplayProblem } from "../read/problem.ts";
import { ProblemCounts } from "../read/problem.ts";
import type { Ending } from "../read/source-bytes.ts";
import { type Source, unreadable } from "../read/sources.ts";

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

/** What a part of a file gave: the whole of it, or a chunk. Plain data: it crosses threads. */
export interface FilePart {
  /** Records that could be decoded, the unwanted ones among them. */
  readonly records: number;
  /** What should have been a record and could not be decoded, and places of damage. */
  readonly quarantined: number;
  readonly otherEvents: number;
  /** Values of any kind. */
  readonly values: number;
  /** Whether damage of the file itself was found, beside records that are merely wrong. */
  readonly isDamaged: boolean;
  /** Whether any JSON object was found. */
  readonly hasObjects: boolean;
  readonly matches: FileResult["matches"];
  readonly problems: readonly PartProblem[];
}

/** Puts the parts of one file together, in their order. */
export class FileSummary {
  /** Values in the parts so far: the records of the next part are numbered behind them. */
  values = 0;
  #records = 0;
  #quarantined = 0;
  #otherEvents = 0;
  #isDamaged = false;
  #hasObjects = false;
  readonly #problems = new ProblemCounts();
  readonly #matches = new Map<number, number>();

  add(part: FilePart): void {
    this.#problems.merge(part.problems, this.values);
    this.values += part.values;
    this.#records += part.records;
    this.#quarantined += part.quarantined;
    this.#otherEvents += part.otherEvents;
    this.#isDamaged ||= part.isDamaged;
    this.#hasObjects ||= part.hasObjects;
    for (const [rule, count] of part.matches) this.#matches.set(rule, (this.#matches.get(rule) ?? 0) + count);
  }

  result({ path }: Source, { kind, error, bytes }: Ending): FileResult {
    const result = (outcome: FileOutcome, problems: readonly ReplayProblem[]): FileResult => ({
      outcome,
      records: this.#records,
      quarantined: this.#quarantined,
      otherEvents: this.#otherEvents,
      bytes,
      matches: [...this.#matches],
      problems,
    });
    const whole = (
      outcome: "skipped" | "damaged" | "interrupted",
      reason: ReplayProblem["reason"],
      message: string,
      others: readonly ReplayProblem[] = [],
    ): FileResult => result(outcome, [...others, { path, outcome, reason, message, count: 1, records: [] }]);

    if (kind === "damaged") {
      this.#quarantined++;
      this.#isDamaged = true;
      this.#problems.add("damaged", "damaged-gzip", `${error.message} What came before was read.`);
    }
    const problems = this.#problems.of(path);
    if (kind === "unreadable") return result("unreadable", [...problems, unreadable(path, error)]);
    if (kind === "interrupted") {
      return whole("interrupted", "interrupted", "Only its beginning was read.", problems);
    }
    if (kind === "foreign") {
      return whole("skipped", "foreign-file", "This is no trail file: neither its name nor its content is.");
    }
    if (kind === "empty") return whole("skipped", "empty", "The file is empty.");
    if (!this.#hasObjects && this.#isDamaged && this.#problems.has("not-json")) {
      // However many lines it has: a file that is no JSON at all is one damage.
      this.#quarantined = 1;
      return whole("damaged", "not-json", "The file is not JSON.");
    }
    if (this.#isDamaged || (this.#records === 0 && this.#quarantined > 0)) return result("damaged", problems);
    return result(this.#records === 0 && this.#otherEvents > 0 ? "skipped" : "read", problems);
  }
}
