import { existsSync } from "node:fs";
import { parseConfig } from "@streamwarden/config";
import { loadPolicies, type PolicySet } from "@streamwarden/policies";
import {
  type PolicyMatch,
  type ReplayResult,
  rejectedOf,
  replay as run,
  visibleJson,
} from "@streamwarden/replay";
import { defaultConfig } from "../../defaults.ts";
import { CliError, exitCodes } from "../../errors.ts";
import { type PolicyOptions, policiesOf } from "../../policies.ts";
import { print, type Terminal } from "../../ui/terminal.ts";
import { ProgressBar, progressLine } from "./progress.ts";
import { noteLines, replayTable } from "./table.ts";

export interface ReplayCommandOptions extends PolicyOptions {
  readonly format: string;
  readonly allowRefused?: boolean;
  readonly jobs?: number;
  readonly progress?: boolean;
  readonly preFilter?: boolean;
}

/**
 * Runs policies over CloudTrail files and prints what they match.
 *
 * @param signal stops it like Ctrl-C, for hosts that have no terminal.
 * @throws CliError when no policy is left to evaluate; ConfigError for a configuration that cannot be used.
 */
export async function replay(
  paths: readonly string[],
  options: ReplayCommandOptions,
  terminal: Terminal,
  signal?: AbortSignal,
): Promise<number> {
  const policies = load(options);
  const { ruleset, inactive } = policies;
  const elsewhere = ruleset.elsewhere.length + ruleset.elsewhereCorrelations.length;
  if (ruleset.rules.length + rejectedOf(policies).length + inactive.length + elsewhere === 0) {
    throw new CliError("cli-input", "There is no policy, so there is nothing to look for.");
  }
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  const lines = new LineWriter(terminal.stdout, interrupt);
  let bar: ProgressBar | undefined;
  const showsBar = options.progress !== false && terminal.stderr.isTTY === true;
  const isBarUndisturbed = options.format !== "ndjson" || terminal.stdout.isTTY !== true;
  process.once("SIGINT", interrupt);
  let result: ReplayResult;
  try {
    result = await run({
      paths,
      policies,
      standardInput: terminal.stdin,
      signal: AbortSignal.any([interruption.signal, ...(signal === undefined ? [] : [signal])]),
      ...(options.jobs === undefined ? {} : { jobs: options.jobs }),
      preFilter: options.preFilter !== false,
      ...(options.format === "ndjson" ? { onMatches: (matches) => lines.write(matches.map(matchLine)) } : {}),
      onStart: (progress) => {
        if (!showsBar || !isBarUndisturbed) return;
        bar = new ProgressBar(terminal.stderr, (seconds) => progressLine(progress, seconds));
      },
    });
  } finally {
    bar?.stop();
    lines.release();
    process.removeListener("SIGINT", interrupt);
  }
  if (lines.isClosed) return exitCodes.ok;
  printResult(result, options, terminal);
  return exitCodeOf(result, options);
}

/** The pack can be tried without a configuration: then every default holds. */
function load(options: ReplayCommandOptions): PolicySet {
  const { policies, config } = options;
  const isBare = policies === undefined && config === undefined && !existsSync(defaultConfig);
  return isBare ? loadPolicies("configured", parseConfig("", defaultConfig)) : policiesOf(options);
}

function printResult(result: ReplayResult, options: ReplayCommandOptions, terminal: Terminal): void {
  switch (options.format) {
    case "json":
      print(terminal, visibleJson(result, 2));
      break;
    case "ndjson": {
      const notes = noteLines(result, {
        ...terminal,
        env: { ...terminal.env, NO_COLOR: "1", FORCE_COLOR: "" },
      });
      if (notes.length > 0) terminal.stderr.write(`${notes.join("\n")}\n`);
      break;
    }
    default:
      print(terminal, ...replayTable(result, terminal));
  }
}

function exitCodeOf({ interrupted, refused, files }: ReplayResult, options: ReplayCommandOptions): number {
  if (interrupted) return exitCodes.interrupted;
  if (refused.length > 0 && options.allowRefused !== true) return exitCodes.refused;
  return files.damaged + files.unreadable > 0 ? exitCodes.failed : exitCodes.ok;
}

function matchLine(match: PolicyMatch): string {
  const { name, id, title, level, kind, ...rest } = match;
  return visibleJson({ policy: name, id, title, level, kind, ...rest });
}

/** Writes lines as fast as the reader takes them. A reader that goes away (`| head`) ends the replay. */
class LineWriter {
  isClosed = false;
  readonly #stream: NodeJS.WritableStream;
  readonly #whenClosed: () => void;
  #resume = (): void => {};

  constructor(stream: NodeJS.WritableStream, whenClosed: () => void) {
    this.#stream = stream;
    this.#whenClosed = whenClosed;
    stream.on("error", this.#fail);
    stream.on("drain", this.#drained);
  }

  async write(lines: readonly string[]): Promise<void> {
    if (this.isClosed || this.#stream.write(`${lines.join("\n")}\n`)) return;
    await new Promise<void>((resolve) => {
      this.#resume = resolve;
    });
  }

  release(): void {
    this.#stream.removeListener("drain", this.#drained);
    // A closed pipe goes on failing after the last write; nobody is left to be told.
    if (!this.isClosed) this.#stream.removeListener("error", this.#fail);
  }

  readonly #drained = (): void => this.#resume();

  readonly #fail = (error: Error): void => {
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
    this.isClosed = true;
    this.#whenClosed();
    this.#resume();
  };
}
