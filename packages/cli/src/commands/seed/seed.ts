import { type Config, loadConfig } from "@streamwarden/config";
import { createStateClient } from "@streamwarden/consumer";
import { DynamoDbStateStore, defaultAllowedLatenessSeconds } from "@streamwarden/detection";
import { loadPolicies, type Policy, type PolicySet } from "@streamwarden/policies";
import { type FirstSeenLearnt, learnFirstSeen, rejectedOf } from "@streamwarden/replay";
import { CliError, exitCodes } from "../../errors.ts";
import { listenForInterruption } from "../../ui/interruption.ts";
import { ProgressBar } from "../../ui/progress-bar.ts";
import { rejectedLine } from "../../ui/rejected-line.ts";
import type { Terminal } from "../../ui/terminal.ts";
import { progressLine } from "../replay/progress.ts";
import { seedPlan } from "./plan.ts";
import { type SeedReport, seedJson, seedText } from "./report.ts";
import { probeTable, type SeededPolicy, type SeedTableOptions, seedTable } from "./table.ts";

export interface SeedOptions {
  readonly config?: string;
  readonly table?: string;
  /** An ISO 8601 time: records from then on are left to the consumers. */
  readonly before?: string;
  readonly dryRun?: boolean;
  readonly format: string;
  readonly jobs?: number;
  readonly progress?: boolean;
}

/**
 * Teaches first-seen policies what CloudTrail files say of the past, by adding to the documents of a state table.
 *
 * @param signal stops it like Ctrl-C, for hosts that have no terminal.
 * @throws CliError for wrong usage, rejected policies, and a table that cannot be used; ConfigError for the configuration.
 */
export async function seed(
  paths: readonly string[],
  options: SeedOptions,
  terminal: Terminal,
  signal?: AbortSignal,
): Promise<number> {
  const now = Date.now();
  const tableName = required(
    options.table ?? terminal.env.STREAMWARDEN_STATE_TABLE,
    "The state table is not named: give --table, or set STREAMWARDEN_STATE_TABLE to the name of the DynamoDB table.",
  );
  const region = required(
    terminal.env.AWS_REGION,
    "AWS_REGION is missing: set it to the region of the state table, such as us-east-1.",
  );
  const before = beforeOf(options.before, now);
  const policies = loadAll(loadConfig(options.config ?? terminal.defaultConfig));
  const interruption = listenForInterruption(terminal.out.closed, signal);
  const client = createStateClient(region);
  try {
    const table = {
      store: new DynamoDbStateStore({ client, tableName }),
      tableName,
      dryRun: options.dryRun === true,
      signal: interruption.signal,
    };
    await probeTable(table);
    const taught = firstSeenPolicies(policies);
    const learnt = await read(taught.length === 0 ? [] : paths, policies, options, terminal, table.signal);
    // What was read in part is no history to teach from: a principal that is missing from it would seem to be new.
    const plans = learnt.result.interrupted ? [] : seedPlan(taught, learnt, before);
    const seeded = await write(plans, table, options, terminal);
    const interrupted = table.signal.aborted;
    const reading = {
      ...learnt.result,
      interrupted,
      inactive: inactiveOf(policies),
      disabled: [],
      elsewhere: 0,
    };
    const report: SeedReport = {
      table: tableName,
      dryRun: table.dryRun,
      before,
      now,
      policies: seeded,
      interrupted,
      reading,
    };
    if (options.format === "json") terminal.out.json(seedJson(report));
    else terminal.out.print(...seedText(report));
    if (interrupted) return exitCodes.interrupted;
    return reading.files.damaged + reading.files.unreadable > 0 ? exitCodes.failed : exitCodes.ok;
  } finally {
    interruption.release();
    client.destroy();
  }
}

function required(value: string | undefined, sentence: string): string {
  const text = value?.trim();
  if (text === undefined || text === "")
    throw new CliError("cli-usage", sentence, { exitCode: exitCodes.usage });
  return text;
}

function beforeOf(text: string | undefined, now: number): number {
  const latest = now - defaultAllowedLatenessSeconds * 1000;
  if (text === undefined) return latest;
  const time = /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new CliError("cli-usage", `--before is "${text}": give a UTC time such as 2026-01-31T08:00:00Z.`, {
      exitCode: exitCodes.usage,
    });
  if (time > latest)
    throw new CliError(
      "cli-usage",
      `--before must lie at least ${defaultAllowedLatenessSeconds / 60} minutes in the past: until then consumers may still get earlier records.`,
      { exitCode: exitCodes.usage },
    );
  return time;
}

/** The consumer does not start with a policy that cannot work, so nothing is taught either. */
function loadAll(config: Config): PolicySet {
  const policies = loadPolicies("configured", config);
  const rejected = rejectedOf(policies);
  if (rejected.length === 0) return policies;
  throw new CliError(
    "cli-rejected",
    "The policies have errors, and the consumer would not start with them:",
    {
      exitCode: exitCodes.rejected,
      details: rejected.map(rejectedLine),
    },
  );
}

function firstSeenPolicies({ ruleset, policyOf }: PolicySet): Policy[] {
  return ruleset.rules
    .flatMap((rule) => policyOf(rule) ?? [])
    .filter(({ firstSeen }) => firstSeen !== undefined);
}

function inactiveOf({ ruleset, inactive }: PolicySet): PolicySet["inactive"] {
  const places = new Set(
    ruleset.inactive
      .filter(({ rule }) => "streamwarden.first_seen" in rule.customAttributes)
      .map(({ rule }) => `${rule.path}:${rule.line}`),
  );
  return inactive.filter(({ path, line }) => places.has(`${path}:${line}`));
}

async function read(
  paths: readonly string[],
  policies: PolicySet,
  options: SeedOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<FirstSeenLearnt> {
  let bar: ProgressBar | undefined;
  try {
    return await learnFirstSeen({
      paths,
      policies,
      signal,
      standardInput: terminal.stdin,
      ...(options.jobs === undefined ? {} : { jobs: options.jobs }),
      onStart: (progress) => {
        if (showsBar(options, terminal))
          bar = new ProgressBar(terminal.err, (seconds) => progressLine(progress, seconds));
      },
    });
  } finally {
    bar?.stop();
  }
}

async function write(
  plans: Parameters<typeof seedTable>[0],
  table: SeedTableOptions,
  options: SeedOptions,
  terminal: Terminal,
): Promise<SeededPolicy[]> {
  const total = plans.reduce((sum, { terms, groups }) => sum + terms.length + groups.length, 0);
  const verb = table.dryRun ? "compared" : "written";
  let done = 0;
  const line = (): string =>
    `${done.toLocaleString("en-US")} of ${total.toLocaleString("en-US")} documents ${verb}`;
  const bar = showsBar(options, terminal) ? new ProgressBar(terminal.err, line) : undefined;
  try {
    return await seedTable(plans, {
      ...table,
      onDocument: () => {
        done++;
      },
    });
  } finally {
    bar?.stop();
  }
}

function showsBar({ progress }: SeedOptions, { err }: Terminal): boolean {
  return progress !== false && err.isTerminal;
}
