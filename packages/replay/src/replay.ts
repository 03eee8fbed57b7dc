import { availableParallelism } from "node:os";
import type { Firing, Level, Metadata } from "@streamwarden/sigma";
import { Correlator } from "./correlate.ts";
import { FileReplay, type FileResult, type Found } from "./file-replay.ts";
import { type Match, shown } from "./match.ts";
import type { RefusedPolicy } from "./policy-files.ts";
import { type InactivePolicy, identityOf, type PolicySet } from "./policy-set.ts";
import type { FileOutcome, ReplayProblem } from "./problem.ts";
import { findSources, type Source, standardInput } from "./sources.ts";
import { Tally } from "./tally.ts";
import { ThreadPool } from "./thread-pool.ts";

export interface ReplayOptions {
  /** Files and folders; `-` is standard input. */
  readonly paths: readonly string[];
  readonly policies: PolicySet;
  /** Most threads that read files. Default: one for each processor. The results do not depend on it. */
  readonly jobs?: number;
  /** Whether records that no policy could want are left unparsed (the default). The results do not depend on it. */
  readonly preFilter?: boolean;
  readonly standardInput?: NodeJS.ReadableStream;
  /** Gets every match in the order of files, records and policies; reading waits for it. Firings come last. */
  readonly onMatches?: (matches: readonly PolicyMatch[]) => Promise<void> | void;
  /** Is told once what there is to read, with counts that go on changing while it is read. */
  readonly onStart?: (progress: Progress) => void;
  /** Stops reading; what was done so far is the result. */
  readonly signal?: AbortSignal;
}

/** Counts to look at while a replay runs. */
export interface Progress {
  readonly files: number;
  /** Of all files together, as far as it is known. */
  readonly totalBytes: number;
  readonly filesDone: number;
  readonly bytes: number;
  readonly records: number;
  readonly matches: number;
}

export interface PolicyCount {
  /** The policy's id, else its name. */
  readonly id: string;
  /** The policy's name, else its id, else its title in lower case with dashes. */
  readonly name: string;
  readonly title: string;
  readonly level: Level;
  readonly kind: "rule" | "correlation";
  /** Records of which a rule is true, or firings of a correlation. */
  readonly matches: number;
}

/** A match of a rule, or a firing of a correlation, for a person or a machine to read. Its texts may be hostile. */
export type PolicyMatch = Omit<PolicyCount, "matches"> &
  (
    | ({ readonly kind: "rule" } & Omit<Match, "policy">)
    | ({ readonly kind: "correlation" } & {
        /** The event at which it fired. */
        readonly eventID: string;
        readonly eventTime: string;
        readonly group: Readonly<Record<string, string | null>>;
        /** What was compared: a count, a sum ... */
        readonly value: number;
        /** The events of its window, oldest first; at most 50. */
        readonly eventIDs: readonly string[];
      })
  );

export interface ReplayResult {
  /** Every record in the files, each time that it is there. */
  readonly records: number;
  /** What should have been a record and could not be decoded; damage counts one for each place. */
  readonly quarantined: number;
  readonly seconds: number;
  /** Every policy that was evaluated: most matches first, then by title. */
  readonly policies: readonly PolicyCount[];
  readonly refused: readonly RefusedPolicy[];
  readonly inactive: readonly InactivePolicy[];
  /** Titles of the policies that the configuration switches off. */
  readonly disabled: readonly string[];
  /** Rules about other logs than CloudTrail's. */
  readonly elsewhere: number;
  /** Events in the files that are not API calls: Insights, an IVS stream's own events, test events. */
  readonly otherEvents: number;
  readonly files: Readonly<Record<FileOutcome, number>>;
  /** As stored, and after unpacking. */
  readonly bytes: { readonly read: number; readonly unpacked: number };
  /** What was not read as a record, in the order of the files. */
  readonly problems: readonly ReplayProblem[];
  /** Correlations whose windows were too full to count everything. Their matches are lower bounds. */
  readonly fullWindows: readonly { readonly policy: string; readonly dropped: number }[];
  readonly interrupted: boolean;
}

/** Below this much unpacked, a second thread costs more time to start than it saves. */
const bytesWorthThreads = 64 * 1024 * 1024;
/** How much CloudTrail's files shrink by packing, roughly. */
const packingRatio = 10;

/** Runs policies over CloudTrail files. Whatever is wrong with a file is part of the result. */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  return await new Replay(options).run();
}

class Replay {
  readonly #options: ReplayOptions;
  readonly #tally = new Tally();
  readonly #correlator: Correlator;
  readonly #described: readonly Omit<PolicyCount, "matches">[];
  readonly #isReported: readonly boolean[];
  readonly #counts: number[];
  readonly #problems: ReplayProblem[] = [];
  readonly #files: Record<FileOutcome, number> = {
    read: 0,
    damaged: 0,
    skipped: 0,
    unreadable: 0,
    interrupted: 0,
  };
  #records = 0;
  #quarantined = 0;
  #otherEvents = 0;
  #unpacked = 0;
  #filesDone = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
    const { ruleset, isReported } = options.policies;
    this.#correlator = new Correlator(ruleset);
    this.#described = [
      ...ruleset.rules.map((rule) => describe(rule, "rule")),
      ...ruleset.correlations.map((correlation) => describe(correlation, "correlation")),
    ];
    this.#isReported = [...ruleset.rules.map(isReported), ...ruleset.correlations.map(() => true)];
    this.#counts = this.#described.map(() => 0);
  }

  async run(): Promise<ReplayResult> {
    const start = performance.now();
    const { signal, paths, onStart } = this.#options;
    const stop = (): void => this.#tally.stop();
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      const { sources, problems } = findSources(paths);
      for (const problem of problems) {
        this.#problems.push(problem);
        this.#files[problem.outcome === "unreadable" ? "unreadable" : "skipped"]++;
      }
      onStart?.(this.#progress(sources));
      await this.#readAll(sources);
      this.#files.interrupted += sources.length - this.#filesDone;
      const fullWindows = await this.#correlate();
      return this.#result((performance.now() - start) / 1000, fullWindows);
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  async #readAll(sources: readonly Source[]): Promise<void> {
    const { policies, onMatches, preFilter = true, standardInput: stream } = this.#options;
    const collectsMatches = onMatches !== undefined;
    const threads = this.#threads(sources);
    if (threads > 1) {
      const start = { plan: policies.plan, collectsMatches, preFilter, tally: this.#tally.shared };
      const handler = {
        found: (found: Found) => this.#found(found),
        file: (result: FileResult) => this.#file(result),
      };
      await new ThreadPool(sources, threads, start, () => this.#tally.isStopped, handler).run();
      return;
    }
    const files = new FileReplay({
      ruleset: policies.ruleset,
      collectsMatches,
      preFilter,
      tally: this.#tally,
      ...(stream === undefined ? {} : { standardInput: stream }),
    });
    for (const [index, source] of sources.entries()) {
      // Reading small files never waits for anything slower than a promise: let signals and timers in.
      if (index % 16 === 0) await new Promise(setImmediate);
      if (this.#tally.isStopped) return;
      this.#file(await files.run(source, (found) => this.#found(found)));
    }
  }

  #threads(sources: readonly Source[]): number {
    const { jobs } = this.#options;
    // Standard input cannot be handed to another thread.
    if (sources.some(({ path }) => path === standardInput)) return 1;
    const unpacked = ({ path, size }: Source): number => (path.endsWith(".gz") ? size * packingRatio : size);
    const bytes = sources.reduce((sum, source) => sum + unpacked(source), 0);
    const wanted = jobs ?? (bytes < bytesWorthThreads ? 1 : availableParallelism());
    return Math.min(wanted, sources.length);
  }

  async #found({ matches, entries }: Found): Promise<void> {
    this.#correlator.add(entries);
    const reported = matches.filter(({ policy }) => this.#isReported[policy]);
    if (reported.length > 0) await this.#options.onMatches?.(reported.map((match) => this.#matchOf(match)));
  }

  #file(result: FileResult): void {
    this.#filesDone++;
    this.#files[result.outcome]++;
    this.#records += result.records;
    this.#quarantined += result.quarantined;
    this.#otherEvents += result.otherEvents;
    this.#unpacked += result.bytes;
    this.#problems.push(...result.problems);
    for (const [rule, count] of result.matches) this.#counts[rule] = (this.#counts[rule] ?? 0) + count;
  }

  async #correlate(): Promise<ReplayResult["fullWindows"]> {
    const { ruleset } = this.#options.policies;
    const { firings, dropped } = this.#correlator.finish();
    const positions = new Map(ruleset.correlations.map((one, index) => [one, ruleset.rules.length + index]));
    const matches: PolicyMatch[] = [];
    for (const firing of firings) {
      const position = positions.get(firing.correlation) ?? 0;
      this.#counts[position] = (this.#counts[position] ?? 0) + 1;
      if (this.#options.onMatches !== undefined) matches.push(this.#firingOf(position, firing));
    }
    if (matches.length > 0) await this.#options.onMatches?.(matches);
    return [...dropped].map(([index, count]) => ({
      policy: this.#described[ruleset.rules.length + index]?.name ?? "",
      dropped: count,
    }));
  }

  #matchOf({ policy, ...match }: Match): PolicyMatch {
    return { ...this.#describedAt(policy), ...match, kind: "rule" };
  }

  #firingOf(position: number, { id, time, fields, value, ids }: Firing): PolicyMatch {
    const group = Object.entries(fields).map(([field, text]) => [field, text === null ? null : shown(text)]);
    return {
      ...this.#describedAt(position),
      kind: "correlation",
      eventID: shown(id),
      eventTime: new Date(time).toISOString(),
      group: Object.fromEntries(group),
      value,
      eventIDs: ids.map(shown),
    };
  }

  #describedAt(position: number): Omit<PolicyCount, "matches"> {
    const described = this.#described[position];
    if (described === undefined) throw new RangeError(`There is no policy ${position}.`);
    return described;
  }

  #progress(sources: readonly Source[]): Progress {
    const totalBytes = sources.reduce((sum, { size }) => sum + size, 0);
    const tally = this.#tally;
    const filesDone = (): number => this.#filesDone;
    return {
      files: sources.length,
      totalBytes,
      get filesDone() {
        return filesDone();
      },
      get bytes() {
        return tally.bytes;
      },
      get records() {
        return tally.records;
      },
      get matches() {
        return tally.matches;
      },
    };
  }

  #result(seconds: number, fullWindows: ReplayResult["fullWindows"]): ReplayResult {
    const { refused, inactive, disabled, elsewhere } = this.#options.policies;
    const policies = this.#described.flatMap((described, index) =>
      this.#isReported[index] ? [{ ...described, matches: this.#counts[index] ?? 0 }] : [],
    );
    return {
      records: this.#records,
      quarantined: this.#quarantined,
      seconds: Math.round(seconds * 1000) / 1000,
      policies: policies.sort(
        (left, right) =>
          right.matches - left.matches ||
          compareTexts(left.title, right.title) ||
          compareTexts(left.id, right.id),
      ),
      refused,
      inactive,
      disabled,
      elsewhere,
      otherEvents: this.#otherEvents,
      files: this.#files,
      bytes: { read: this.#tally.bytes, unpacked: this.#unpacked },
      problems: this.#problems,
      fullWindows,
      interrupted: this.#tally.isStopped,
    };
  }
}

function describe(policy: Metadata, kind: PolicyCount["kind"]): Omit<PolicyCount, "matches"> {
  const { id, name, title } = identityOf(policy);
  return { id, name, title, level: policy.level, kind };
}

const compareTexts = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
