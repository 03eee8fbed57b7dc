import { existsSync } from "node:fs";
import { parseConfig } from "@streamwarden/config";
import { loadPolicies, type PolicySet } from "@streamwarden/policies";
import { type PolicyMatch, type ReplayResult, rejectedOf, replay as run } from "@streamwarden/replay";
import { CliError, exitCodes } from "../../errors.ts";
import { type PolicyOptions, policiesOf } from "../../policies.ts";
import { listenForInterruption } from "../../ui/interruption.ts";
import type { Output } from "../../ui/output.ts";
import { ProgressBar } from "../../ui/progress-bar.ts";
import type { Terminal } from "../../ui/terminal.ts";
import { progressLine } from "./progress.ts";
import { noteLines, replayTable } from "./table.ts";

export interface ReplayCommandOptions extends PolicyOptions {
  readonly format: string;
  readonly allowRejected?: boolean;
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
  const policies = load(options, terminal);
  const { ruleset, inactive } = policies;
  const elsewhere = ruleset.elsewhere.length + ruleset.elsewhereCorrelations.length;
  if (ruleset.rules.length + rejectedOf(policies).length + inactive.length + elsewhere === 0) {
    throw new CliError("cli-input", "There is no policy, so there is nothing to look for.");
  }
  const { out, err } = terminal;
  const interruption = listenForInterruption(out.closed, signal);
  let bar: ProgressBar | undefined;
  const showsBar = options.progress !== false && err.isTerminal;
  const isBarUndisturbed = options.format !== "ndjson" || !out.isTerminal;
  let result: ReplayResult;
  try {
    result = await run({
      paths,
      policies,
      standardInput: terminal.stdin,
      signal: interruption.signal,
      ...(options.jobs === undefined ? {} : { jobs: options.jobs }),
      preFilter: options.preFilter !== false,
      ...(options.format === "ndjson" ? { onMatches: (matches) => printMatches(matches, out) } : {}),
      onStart: (progress) => {
        if (!showsBar || !isBarUndisturbed) return;
        bar = new ProgressBar(err, (seconds) => progressLine(progress, seconds));
      },
    });
  } finally {
    bar?.stop();
    interruption.release();
  }
  if (out.closed.aborted) return exitCodes.ok;
  printResult(result, options, terminal);
  return exitCodeOf(result, options);
}

/** The pack can be tried without a configuration: then every default holds. */
function load(options: ReplayCommandOptions, { defaultConfig }: Terminal): PolicySet {
  const { policies, config } = options;
  const isBare = policies === undefined && config === undefined && !existsSync(defaultConfig);
  return isBare
    ? loadPolicies("configured", parseConfig("", defaultConfig))
    : policiesOf(options, defaultConfig);
}

function printResult(result: ReplayResult, options: ReplayCommandOptions, { out, err }: Terminal): void {
  switch (options.format) {
    case "json":
      out.json(result);
      break;
    case "ndjson":
      err.print(...noteLines(result));
      break;
    default:
      out.print(...replayTable(result));
      break;
  }
}

function exitCodeOf({ interrupted, rejected, files }: ReplayResult, options: ReplayCommandOptions): number {
  if (interrupted) return exitCodes.interrupted;
  if (rejected.length > 0 && options.allowRejected !== true) return exitCodes.rejected;
  return files.damaged + files.unreadable > 0 ? exitCodes.failed : exitCodes.ok;
}

/** As fast as the reader takes them, so that a slow one does not fill the memory. */
async function printMatches(matches: readonly PolicyMatch[], out: Output): Promise<void> {
  for (const { name, id, title, level, kind, ...rest } of matches)
    out.json({ policy: name, id, title, level, kind, ...rest }, 0);
  await out.drained();
}
