import { placeBehind, type TextPlace } from "../read/line-counter.ts";
import type { FileOutcome, ReplayProblem } from "../read/problem.ts";
import { ProblemCounts } from "../read/problem.ts";
import type { ReadPart } from "../read/record-reader.ts";
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

/** What a part of a file gave, and what the rules made of it. Plain data: it crosses threads. */
export interface FilePart extends ReadPart {
  readonly matches: FileResult["matches"];
}

/** Puts the parts of one file together, in their order. */
export class FileSummary {
  /** Values in the parts so far: the records of the next part are numbered behind them. */
  values = 0;
  #place: TextPlace = { line: 1, column: 1 };
  #records = 0;
  #quarantined = 0;
  #otherEvents = 0;
  #isDamaged = false;
  #hasObjects = false;
  readonly #problems = new ProblemCounts();
  readonly #matches = new Map<number, number>();

  add(part: FilePart): void {
    this.#problems.merge(part.problems, { values: this.values, place: this.#place });
    this.values += part.values;
    this.#place = placeBehind(this.#place, part.reached);
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
    if (kind === "unknown-format") return whole("damaged", "unknown-format", error.message, problems);
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
      const place = this.#problems.placeOf("not-json");
      const problem = {
        path,
        outcome: "damaged",
        reason: "not-json",
        message: "The file is not JSON.",
      } as const;
      return result("damaged", [{ ...problem, count: 1, records: [], ...(place && { place }) }]);
    }
    if (this.#isDamaged || (this.#records === 0 && this.#quarantined > 0)) return result("damaged", problems);
    return result(this.#records === 0 && this.#otherEvents > 0 ? "skipped" : "read", problems);
  }
}
