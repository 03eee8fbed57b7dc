import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { JsonObject } from "@streamwarden/cloudtrail";
import { loadRuleset } from "@streamwarden/sigma";
import { asCel, asFunctions, asJsonRules, asSigma, type JsonRule, peerRules } from "../peer-rules.ts";
import { ivsRecords } from "../records.ts";
import { print, table, whole } from "../report.ts";
import { type Contestant, race } from "../rounds.ts";
import type { Effort, Section } from "../section.ts";

export const peers: Section = {
  name: "peers",
  title: "rule engines on npm, the same rules over the same records",
  run,
};

const folder = join(import.meta.dirname, "../peers");

/** How many matches an engine finds in records that are already parsed. */
type Count = (records: readonly JsonObject[]) => number | Promise<number>;

interface Engine {
  readonly name: string;
  /** Slow engines take fewer records; the time for one record is what is compared. */
  readonly share: number;
  readonly count: Count;
}

async function run({ rounds, items }: Effort): Promise<void> {
  const records = ivsRecords(items(10_000));
  const texts = records.map((record) => JSON.stringify(record));
  const ruleset = loadRuleset(asSigma());
  const ours: Count = (given) => given.reduce((sum, record) => sum + ruleset.match(record).length, 0);
  const functions = asFunctions();
  const engines: Engine[] = [
    {
      name: "plain functions, one by one",
      share: 1,
      count: (given) =>
        given.reduce((sum, record) => sum + functions.filter((isTrue) => isTrue(record)).length, 0),
    },
    ...(await installedEngines()),
  ];

  for (const { name, count, share } of engines) {
    const some = records.slice(0, records.length * share);
    const [expected, found] = [await ours(some), await count(some)];
    if (expected !== found)
      throw new Error(`Of ${some.length} records we match ${expected} and ${name} ${found}.`);
  }
  print(
    `${peerRules.length} rules, ${whole(records.length)} IVS records, ${whole(await ours(records))} matches; every engine finds the same.`,
  );
  const contestants: Contestant[] = [
    { name: "JSON.parse", run: () => texts.map((text) => JSON.parse(text)).length },
    {
      name: "streamwarden",
      run: async () => {
        await ours(records);
        return records.length;
      },
    },
    {
      name: "streamwarden, parse included",
      run: () => {
        for (const text of texts) ruleset.match(JSON.parse(text));
        return texts.length;
      },
    },
    ...engines.map(({ name, count, share }): Contestant => {
      const some = records.slice(0, records.length * share);
      return {
        name,
        run: async () => {
          await count(some);
          return some.length;
        },
      };
    }),
  ];
  const results = await race(contestants, rounds);
  print(
    `Matching alone, on records that are already parsed, unless said otherwise:\n${table(results, "records", results.slice(0, 2))}`,
  );
}

async function installedEngines(): Promise<Engine[]> {
  try {
    if (!existsSync(join(folder, "node_modules"))) {
      print("Installing the engines into tests/bench/peers/node_modules ...");
      execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
        cwd: folder,
        stdio: "pipe",
      });
    }
    return [await marcBachmannCel(), await bufbuildCel(), await jsonRulesEngine()];
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
    print(`Engines on npm: skipped, they could not be installed (${reason}).`);
    return [];
  }
}

/** Loads what only the benchmark has, so that neither the types nor the dependencies of the product know it. */
async function load<T>(name: string): Promise<T> {
  const path = createRequire(join(folder, "package.json")).resolve(name);
  return (await import(pathToFileURL(path).href)) as T;
}

type Evaluate = (variables: { readonly record: JsonObject }) => unknown;

function counting(rules: readonly Evaluate[]): Count {
  return (records) =>
    records.reduce(
      (sum, record) => sum + rules.filter((evaluate) => evaluate({ record }) === true).length,
      0,
    );
}

async function marcBachmannCel(): Promise<Engine> {
  const { Environment } = await load<{
    readonly Environment: new (options: object) => { parse(text: string): Evaluate };
  }>("@marcbachmann/cel-js");
  const environment = new Environment({ unlistedVariablesAreDyn: true });
  const rules = asCel().map((text) => environment.parse(text));
  return { name: "@marcbachmann/cel-js", share: 1 / 4, count: counting(rules) };
}

async function bufbuildCel(): Promise<Engine> {
  const { celEnv, parse, plan } = await load<{
    readonly celEnv: () => unknown;
    readonly parse: (text: string) => unknown;
    readonly plan: (environment: unknown, parsed: unknown) => Evaluate;
  }>("@bufbuild/cel");
  const environment = celEnv();
  const rules = asCel().map((text) => plan(environment, parse(text)));
  return { name: "@bufbuild/cel", share: 1 / 20, count: counting(rules) };
}

interface JsonRulesEngine {
  addRule(rule: JsonRule): void;
  addOperator(name: string, test: (value: unknown, expected: unknown) => boolean): void;
  run(facts: { readonly record: JsonObject }): Promise<{ readonly events: readonly unknown[] }>;
}

async function jsonRulesEngine(): Promise<Engine> {
  const { Engine } = await load<{
    readonly Engine: new (rules: readonly JsonRule[], options: object) => JsonRulesEngine;
  }>("json-rules-engine");
  const engine = new Engine([], { allowUndefinedFacts: true });
  engine.addOperator("isPresent", (value, expected) => (value !== undefined) === expected);
  engine.addOperator(
    "textStartsWith",
    (value, expected) => typeof value === "string" && value.startsWith(`${expected}`),
  );
  engine.addOperator(
    "textContains",
    (value, expected) => typeof value === "string" && value.includes(`${expected}`),
  );
  for (const rule of asJsonRules()) engine.addRule(rule);
  return {
    name: "json-rules-engine",
    share: 1 / 20,
    count: async (records) => {
      let matches = 0;
      for (const record of records) matches += (await engine.run({ record })).events.length;
      return matches;
    },
  };
}
