import type { RejectionReason } from "@streamwarden/cloudtrail";
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
}

/** The same of a part of a file. */
export type PartProblem = Omit<ReplayProblem, "path">;

/** How many places are given for one reason in one file. */
const mostPlaces = 10;

interface Entry {
  readonly outcome: ReplayProblem["outcome"];
  readonly message: string;
  readonly records: number[];
  count: number;
}

/** Collects the problems of one file: one entry for each reason, however many records it concerns. */
export class ProblemCounts {
  readonly #entries = new Map<ReplayReason, Entry>();

  add(outcome: ReplayProblem["outcome"], reason: ReplayReason, message: string, record?: number): void {
    const records = record === undefined ? [] : [record];
    this.#merge({ outcome, reason, message, count: 1, records }, 0);
  }

  /**
   * Adds the problems of a further part of the file.
   *
   * @param before how many values stand before the part: its records are numbered from its own beginning.
   */
  merge(problems: readonly PartProblem[], before: number): void {
    for (const problem of problems) this.#merge(problem, before);
  }

  has(reason: ReplayReason): boolean {
    return this.#entries.has(reason);
  }

  of(path: string): ReplayProblem[] {
    return this.ofPart().map((problem) => ({ path, ...problem }));
  }

  ofPart(): PartProblem[] {
    return [...this.#entries].map(([reason, entry]) => ({ reason, ...entry }));
  }

  #merge({ outcome, reason, message, count, records }: PartProblem, before: number): void {
    const entry = this.#entries.get(reason) ?? { outcome, message, records: [], count: 0 };
    this.#entries.set(reason, entry);
    entry.count += count;
    for (const record of records.slice(0, mostPlaces - entry.records.length)) {
      entry.records.push(before + record);
    }
  }
}
