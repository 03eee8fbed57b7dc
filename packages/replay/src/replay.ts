import { availableParallelism } from "node:os";
import { Readable } from "node:stream";
import { redactValue } from "@streamwarden/cloudtrail";
import {
  type FirstSeenHistory,
  type FirstSighting,
  identityOf,
  type Policy,
  type PolicySet,
} from "@streamwarden/policies";
import type { Firing, Metadata } from "@streamwarden/sigma";
import { Correlator } from "./evaluate/correlate.ts";
import type { FileResult } from "./evaluate/file-part.ts";
import { type Emit, FileReplay } from "./evaluate/file-replay.ts";
import {
  FirstSeenCollector,
  type FirstSeenRules,
  firstSeenRulesOf,
  type NewMatch,
} from "./evaluate/first-seen.ts";
import { type Match, shown } from "./evaluate/match.ts";
import type { Found, FoundKinds } from "./evaluate/part-replay.ts";
import type { FileOutcome, ReplayProblem } from "./read/problem.ts";
import { findSources, type Source, standardInput } from "./read/sources.ts";
import { Tally } from "./read/tally.ts";
import { rejectedOf, waitingOf, warningsOf } from "./result/policy-findings.ts";
import type {
  PolicyCount,
  PolicyDescription,
  PolicyMatch,
  Progress,
  ReplayResult,
} from "./result/replay-result.ts";
import { defaultChunkBytes, SplitReplay } from "./threads/split-replay.ts";
import { ThreadPool } from "./threads/thread-pool.ts";
import { threadsMeter } from "./threads/threads-worth.ts";

export interface ReplayOptions {
  /** Files and folders; `-` is standard input. */
  readonly paths: readonly string[];
  readonly policies: PolicySet;
  /**
   * How many threads read files. Without it, one reads at first, and more are started where what is left would take it
   * seconds: at most one for each processor. The results do not depend on it.
   */
  readonly jobs?: number;
  /** Whether records that no policy could want are left unparsed (the default). The results do not depend on it. */
  readonly preFilter?: boolean;
  readonly standardInput?: NodeJS.ReadableStream;
  /**
   * Gets every match in the order of files, records and policies; reading waits for it. What only all records together
   * decide comes last: what was new to first-seen policies, then firings.
   */
  readonly onMatches?: (matches: readonly PolicyMatch[]) => Promise<void> | void;
  /** Gets, once, what there is to read, with counts that go on changing while it is read. */
  readonly onStart?: (progress: Progress) => void;
  /** Stops reading; what was done so far is the result. */
  readonly signal?: AbortSignal;
}

/** How much CloudTrail's files shrink by packing, roughly. */
const packingRatio = 10;

/** Runs policies over CloudTrail files. Whatever is wrong with a file is part of the result. */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const wanted = { matches: options.onMatches !== undefined, entries: true };
  return await new Replay(options, wanted).run();
}

/** What first-seen policies learn from records, and how the reading went. */
export interface FirstSeenLearnt {
  readonly result: ReplayResult;
  /** For each first-seen policy that was true of any record. */
  readonly histories: ReadonlyMap<Policy, FirstSeenHistory<unknown>>;
}

/** Reads CloudTrail files as `replay` does, for what first-seen policies learn from them. */
export async function learnFirstSeen(options: Omit<ReplayOptions, "onMatches">): Promise<FirstSeenLearnt> {
  const { policyOf, ruleset } = options.policies;
  const replay = new Replay(options, { matches: false, entries: false });
  const result = await replay.run();
  const histories = [...replay.firstSeen.histories].flatMap(([position, history]) => {
    const rule = ruleset.rules[position];
    const policy = rule === undefined ? undefined : policyOf(rule);
    return policy === undefined ? [] : [[policy, history] as const];
  });
  return { result, histories: new Map(histories) };
}

class Replay {
  readonly firstSeen: FirstSeenCollector;
  readonly #options: ReplayOptions;
  readonly #wanted: FoundKinds;
  readonly #tally = new Tally();
  readonly #correlator: Correlator;
  readonly #firstSeenRules: FirstSeenRules;
  readonly #described: readonly PolicyDescription[];
  readonly #isReported: readonly boolean[];
  readonly #isSilenced: readonly boolean[];
  /** Records of which rules are true, or firings, by position. */
  readonly #counts: number[];
  /** What was new, by position. */
  readonly #newCounts = new Map<number, number>();
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

  constructor(options: ReplayOptions, wanted: FoundKinds) {
    this.#options = options;
    this.#wanted = wanted;
    const { ruleset, isDisabled } = options.policies;
    const firstSeen = firstSeenRulesOf(options.policies);
    this.#firstSeenRules = firstSeen;
    this.firstSeen = new FirstSeenCollector(ruleset, firstSeen);
    this.#correlator = new Correlator(ruleset);
    this.#described = [
      ...ruleset.rules.map((rule, position) =>
        describe(rule, firstSeen.has(position) ? "first-seen" : "rule"),
      ),
      ...ruleset.correlations.map((correlation) => describe(correlation, "correlation")),
    ];
    this.#isReported = [...ruleset.rules, ...ruleset.correlations].map((rule) => !isDisabled(rule));
    this.#isSilenced = [...ruleset.rules, ...ruleset.correlations].map((rule) => ruleset.isSilenced(rule));
    this.#counts = this.#described.map(() => 0);
  }

  async run(): Promise<ReplayResult> {
    const start = performance.now();
    const { signal, paths, onStart, standardInput: stream } = this.#options;
    const stop = (): void => {
      this.#tally.stop();
      // Nothing else ends a wait for what may never come.
      if (stream instanceof Readable && paths.includes(standardInput)) stream.destroy();
    };
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      const { sources, problems } = findSources(paths, stream);
      for (const problem of problems) {
        this.#problems.push(problem);
        this.#files[problem.outcome === "unreadable" ? "unreadable" : "skipped"]++;
      }
      onStart?.(this.#progress(sources));
      await this.#readAll(sources);
      this.#files.interrupted += sources.length - this.#filesDone;
      await this.#reportNew();
      const fullWindows = await this.#correlate();
      return this.#result((performance.now() - start) / 1000, fullWindows);
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  async #readAll(sources: readonly Source[]): Promise<void> {
    const { policies, preFilter = true, standardInput: stream, jobs } = this.#options;
    const common = { firstSeen: this.#firstSeenRules, wanted: this.#wanted, preFilter };
    const evaluation = { ...common, ruleset: policies.ruleset, tally: this.#tally };
    const start = { ...common, plan: policies.plan, tally: this.#tally.shared };
    const most = mostThreads(sources, jobs ?? availableParallelism());
    const totalBytes = sources.reduce((sum, { size }) => sum + size, 0);
    const threads = jobs === undefined ? threadsMeter(this.#tally, totalBytes, most) : () => most;
    if (most > 1 && sources.length < most) {
      const files = new SplitReplay({ threads, evaluation, start });
      try {
        await this.#readEach(sources, files, () => true);
      } finally {
        await files.close();
      }
      return;
    }
    const files = new FileReplay({
      ...evaluation,
      ...(stream === undefined ? {} : { standardInput: stream }),
    });
    await this.#readEach(sources, files, () => threads() === 1);
    if (this.#filesDone === sources.length || this.#tally.isStopped) return;
    const handler = {
      found: (found: Found) => this.#found(found),
      file: (result: FileResult) => this.#file(result),
    };
    const rest = sources.slice(this.#filesDone);
    await new ThreadPool(rest, threads(), start, () => this.#tally.isStopped, handler).run();
  }

  /** Reads files in order, for as long as `goesOn` says so before a file. */
  async #readEach(
    sources: readonly Source[],
    files: { run(source: Source, emit: Emit): Promise<FileResult> },
    goesOn: () => boolean,
  ): Promise<void> {
    for (const [index, source] of sources.entries()) {
      // Reading small files never waits for anything slower than a promise: let signals and timers in.
      if (index % 16 === 0) await new Promise(setImmediate);
      if (this.#tally.isStopped || !goesOn()) return;
      this.#file(await files.run(source, (found) => this.#found(found)));
    }
  }

  async #found({ matches, entries, firstSeen }: Found): Promise<void> {
    this.#correlator.add(entries);
    this.firstSeen.merge(firstSeen);
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

  async #reportNew(): Promise<void> {
    for (const { rule, sightings } of this.firstSeen.found()) {
      this.#newCounts.set(rule, sightings.length);
      const matches = sightings.flatMap((sighting) => this.#newMatchOf(rule, sighting));
      if (matches.length > 0) await this.#options.onMatches?.(matches);
    }
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

  #newMatchOf(position: number, { ids, detail }: FirstSighting<NewMatch>): PolicyMatch[] {
    if (detail === undefined) return [];
    const { policy: _, ...match } = detail;
    return [{ ...this.#describedAt(position), ...match, kind: "first-seen", eventIDs: ids.map(shown) }];
  }

  #firingOf(position: number, { id, time, fields, value, ids }: Firing): PolicyMatch {
    const group = Object.entries(fields).map(([field, text]) => [
      field,
      text === null ? null : shown(redactValue(field, text)),
    ]);
    return {
      ...this.#describedAt(position),
      kind: "correlation",
      eventID: shown(id),
      // As CloudTrail writes it, whose clock has seconds.
      eventTime: new Date(time).toISOString().replace(".000Z", "Z"),
      group: Object.fromEntries(group),
      value,
      eventIDs: ids.map(shown),
    };
  }

  #describedAt(position: number): PolicyDescription {
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
    const { policies: set } = this.#options;
    const { elsewhere, elsewhereCorrelations } = set.ruleset;
    const policies = this.#described.flatMap((described, index): PolicyCount[] => {
      if (!this.#isReported[index]) return [];
      const count = this.#counts[index] ?? 0;
      if (described.kind === "first-seen")
        return [{ ...described, matches: this.#newCounts.get(index) ?? 0, seen: count }];
      return [{ ...described, matches: count, ...(this.#isSilenced[index] && { silenced: true }) }];
    });
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
      rejected: rejectedOf(set),
      warnings: warningsOf(set),
      inactive: waitingOf(set),
      disabled: set.disabled.map(({ title }) => title),
      elsewhere: elsewhere.length + elsewhereCorrelations.length,
      otherEvents: this.#otherEvents,
      files: this.#files,
      bytes: { read: this.#tally.bytes, unpacked: this.#unpacked },
      problems: this.#problems,
      fullWindows,
      interrupted: this.#tally.isStopped,
    };
  }
}

/** More threads than these would have nothing to do. */
function mostThreads(sources: readonly Source[], wanted: number): number {
  // Standard input cannot be handed to another thread.
  if (sources.some(({ path }) => path === standardInput)) return 1;
  const unpacked = ({ path, size }: Source): number => (path.endsWith(".gz") ? size * packingRatio : size);
  const bytes = sources.reduce((sum, source) => sum + unpacked(source), 0);
  return Math.max(1, Math.min(wanted, Math.max(sources.length, Math.ceil(bytes / defaultChunkBytes))));
}

function describe(policy: Metadata, kind: PolicyDescription["kind"]): PolicyDescription {
  return { ...identityOf(policy), title: policy.title, level: policy.level, kind };
}

function compareTexts(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
