import type { RejectionReason } from "@streamwarden/cloudtrail";
import { placeBehind, type TextPlace } from "./line-counter.ts";
import type { Damage } from "./value-stream.ts";

/** What became of a file. */
export type FileOutcome =
  /** Read to its end. Single records may be quarantined. */
  | "read"
  /** Read as far as possible: cut off, not JSON, damaged gzip, or without any record. */
  | "damaged"
  /** Left out on purpose: holds something else than records. */
  | "skipped"
  | "unreadable"
  /** Reading was stopped. */
  | "interrupted";

/** Stable words for what is wrong with a file or a record. */
export type ReplayReason =
  | RejectionReason
  | Damage
  | "insight-file"
  | "foreign-file"
  | "already-read"
  | "symlink-loop"
  | "not-a-file"
  | "unknown-format"
  | "not-found"
  | "no-files"
  | "unreadable"
  | "service-event"
  | "canary"
  | "interrupted";

/** What was not read as a record, by file and reason. */
export interface ReplayProblem {
  readonly path: string;
  readonly outcome: "quarantined" | "skipped" | "unreadable" | "damaged" | "interrupted";
  readonly reason: ReplayReason;
  readonly message: string;
  readonly count: number;
  /** Numbers of the first records concerned, from 1; empty when the file as a whole is. */
  readonly records: readonly number[];
  /** Of damage: the first place, in the file as text. */
  readonly place?: TextPlace;
}

/** The same of a part of a file. */
export type PartProblem = Omit<ReplayProblem, "path">;

/** How many places are given for one reason in one file. */
const mostPlaces = 10;

interface Entry {
  readonly outcome: ReplayProblem["outcome"];
  readonly message: string;
  readonly records: number[];
  place?: TextPlace;
  count: number;
}

/** What stands in a file before a part of it. */
export interface PartStart {
  /** Values: the records of the part are numbered behind them. */
  readonly values: number;
  /** Where the part begins in the file. */
  readonly place: TextPlace;
}

const beginning: PartStart = { values: 0, place: { line: 1, column: 1 } };

/** Collects the problems of one file: one entry for each reason, however many records it concerns. */
export class ProblemCounts {
  readonly #entries = new Map<ReplayReason, Entry>();

  add(
    outcome: ReplayProblem["outcome"],
    reason: ReplayReason,
    message: string,
    record?: number,
    place?: TextPlace,
  ): void {
    const records = record === undefined ? [] : [record];
    this.#merge({ outcome, reason, message, count: 1, records, ...(place && { place }) }, beginning);
  }

  /** Adds the problems of a further part of the file, which counts from its own beginning. */
  merge(problems: readonly PartProblem[], start: PartStart): void {
    for (const problem of problems) this.#merge(problem, start);
  }

  has(reason: ReplayReason): boolean {
    return this.#entries.has(reason);
  }

  placeOf(reason: ReplayReason): TextPlace | undefined {
    return this.#entries.get(reason)?.place;
  }

  of(path: string): ReplayProblem[] {
    return this.ofPart().map((problem) => ({ path, ...problem }));
  }

  ofPart(): PartProblem[] {
    return [...this.#entries].map(([reason, entry]) => ({ reason, ...entry }));
  }

  #merge({ outcome, reason, message, count, records, place }: PartProblem, start: PartStart): void {
    const entry: Entry = this.#entries.get(reason) ?? { outcome, message, records: [], count: 0 };
    if (place !== undefined) entry.place ??= placeBehind(start.place, place);
    this.#entries.set(reason, entry);
    entry.count += count;
    for (const record of records.slice(0, mostPlaces - entry.records.length)) {
      entry.records.push(start.values + record);
    }
  }
}
