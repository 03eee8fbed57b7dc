import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import type { ReplayProblem, ReplayReason } from "./problem.ts";
import { isReadable, notReadable, standardInputFault } from "./readable.ts";

/** A file to read. */
export interface Source {
  /** As it was named, or found below a folder that was. `-` is standard input. */
  readonly path: string;
  /** Bytes, 0 where nobody knows. */
  readonly size: number;
  /** Whether its name, or the person who named it, says that it holds records: then anything else is damage. */
  readonly isExpected: boolean;
}

export interface Sources {
  readonly sources: readonly Source[];
  /** What was found and is not read, in the order of the sources. */
  readonly problems: readonly ReplayProblem[];
}

export const standardInput = "-";

/** What CloudTrail stores beside its trail files in the same bucket, told by folder or file name. */
const otherFiles: readonly (readonly [RegExp, ReplayReason, string])[] = [
  [
    /[/\\_]CloudTrail-Digest[/\\_]/,
    "digest-file",
    "This is a CloudTrail digest: it lists log files and holds no records.",
  ],
  [
    /[/\\_]CloudTrail-Insight[/\\_]/,
    "insight-file",
    "These are events of CloudTrail Insights: they report rates, not calls.",
  ],
];
const trailNames = /\.(?:json|jsonl|ndjson)(?:\.gz)?$|_CloudTrail_/i;

/**
 * Lists the files under paths, folders to the bottom, sorted by name in each folder so that the order is the same on
 * every machine. Every file is listed once, however many ways lead to it.
 */
export function findSources(paths: readonly string[], standardInputStream?: NodeJS.ReadableStream): Sources {
  const finder = new Finder(standardInputStream);
  for (const path of paths) finder.add(path);
  return finder;
}

class Finder implements Sources {
  readonly sources: Source[] = [];
  readonly problems: ReplayProblem[] = [];
  readonly #seen = new Map<string, string>();
  readonly #standardInput: NodeJS.ReadableStream | undefined;

  constructor(standardInput: NodeJS.ReadableStream | undefined) {
    this.#standardInput = standardInput;
  }

  add(path: string): void {
    if (path === standardInput) {
      const message = this.#standardInput && standardInputFault(this.#standardInput);
      if (message !== undefined) {
        const problem = { path, outcome: "unreadable", reason: "not-a-file", message, count: 1 } as const;
        this.problems.push({ ...problem, records: [] });
        return;
      }
      this.sources.push({ path, size: 0, isExpected: true });
      return;
    }
    const before = this.sources.length + this.problems.length;
    this.#visit(path, true, new Set());
    // A wrong name must not look like a folder in which nothing was found.
    if (this.sources.length + this.problems.length === before) {
      const message = "There is no file in this folder.";
      this.problems.push({ path, outcome: "unreadable", reason: "no-files", message, count: 1, records: [] });
    }
  }

  #visit(path: string, isNamed: boolean, above: ReadonlySet<string>): void {
    let real: string;
    let stats: Stats;
    try {
      stats = statSync(path);
      real = realpathSync(path);
    } catch (error) {
      this.#failed(path, error);
      return;
    }
    if (above.has(real)) {
      this.#skip(path, "symlink-loop", "The link leads back to a folder above it.");
      return;
    }
    const known = this.#seen.get(real);
    if (known !== undefined) {
      this.#skip(path, "already-read", `The same is read as ${known}.`);
      return;
    }
    this.#seen.set(real, path);
    if (stats.isDirectory()) this.#list(path, new Set(above).add(real));
    else this.#file(path, stats, isNamed);
  }

  #list(path: string, above: ReadonlySet<string>): void {
    let names: string[];
    try {
      names = readdirSync(path);
    } catch (error) {
      this.#failed(path, error);
      return;
    }
    for (const name of names.sort()) this.#visit(join(path, name), false, above);
  }

  #file(path: string, stats: Stats, isNamed: boolean): void {
    const other = otherFiles.find(([pattern]) => pattern.test(path));
    if (other !== undefined) {
      this.#skip(path, other[1], other[2]);
      return;
    }
    if (!isReadable(path, stats)) {
      const outcome = isNamed ? "unreadable" : "skipped";
      const message = notReadable(stats);
      this.problems.push({ path, outcome, reason: "not-a-file", message, count: 1, records: [] });
      return;
    }
    this.sources.push({ path, size: stats.size, isExpected: isNamed || trailNames.test(path) });
  }

  #skip(path: string, reason: ReplayReason, message: string): void {
    this.problems.push({ path, outcome: "skipped", reason, message, count: 1, records: [] });
  }

  #failed(path: string, error: unknown): void {
    this.problems.push(unreadable(path, error));
  }
}

/** The problem of a file that the system does not give. */
export function unreadable(path: string, error: unknown): ReplayProblem {
  const { code = "", message } = error as NodeJS.ErrnoException;
  const common = { path, outcome: "unreadable", count: 1, records: [] } as const;
  if (code === "ELOOP") return { ...common, reason: "symlink-loop", message: "The link leads to itself." };
  if (code === "ENOENT") {
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    const text = isLink
      ? "The link leads to a file that does not exist."
      : "There is no such file or folder.";
    return { ...common, reason: "not-found", message: text };
  }
  const text =
    code === "EACCES" || code === "EPERM" ? "This user may not read it." : `It cannot be read: ${message}.`;
  return { ...common, reason: "unreadable", message: text };
}
