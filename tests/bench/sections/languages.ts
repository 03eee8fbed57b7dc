import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { derivedFields } from "@streamwarden/cloudtrail";
import { link, parse } from "@streamwarden/sigma";
import { publicRules, publicRulesFolder, realRecords } from "../corpora.ts";
import { aligned, print, whole } from "../report.ts";
import { median } from "../rounds.ts";
import type { Effort, Section } from "../section.ts";

export const languages: Section = {
  name: "languages",
  title: "Sigma engines in other languages, SigmaHQ's CloudTrail rules over real records",
  run,
};

/** What every program says of its work. */
interface Report {
  readonly records: number;
  readonly refused: number;
  readonly loadSeconds: number;
  /** From text to matches, by pass. */
  readonly seconds: readonly number[];
  /** Matches by the id of the rule. */
  readonly matches: Readonly<Record<string, number>>;
}

interface Peer {
  readonly name: string;
  /** Makes the program ready, in a folder of its own; throws where its tool or registry is out of reach. */
  readonly prepare: (folder: string) => (passes: string, records: string) => Report;
}

const sources = join(import.meta.dirname, "../languages");
const passes = 3;

/** The last line of the error output says most. */
function execute(command: string, given: readonly string[], folder: string): string {
  return execFileSync(command, given, {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1e9,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, GOFLAGS: "-mod=mod" },
  });
}

function program(command: string, before: readonly string[], folder: string) {
  return (count: string, records: string): Report =>
    JSON.parse(execute(command, [...before, publicRulesFolder, records, count], folder));
}

const peers: readonly Peer[] = [
  {
    name: "rsigma 0.23.0 (Rust)",
    prepare: (folder) => {
      // A dependency of rsigma asks for a newer compiler than rsigma does, and builds with this one all the same.
      execute("cargo", ["build", "--release", "--quiet", "--ignore-rust-version"], folder);
      return program(join(folder, "target/release/bench-rsigma"), [], folder);
    },
  },
  {
    name: "sigmalite (Go)",
    prepare: (folder) => {
      execute("go", ["mod", "init", "bench-sigmalite"], folder);
      execute("go", ["get", "github.com/runreveal/sigmalite@latest"], folder);
      execute("go", ["build", "-o", "bench-sigmalite", "."], folder);
      return program(join(folder, "bench-sigmalite"), [], folder);
    },
  },
  {
    name: "pySigma + SQLite (Python)",
    prepare: (folder) => {
      execute("python3", ["-m", "venv", "environment"], folder);
      const python = join(folder, "environment/bin/python");
      execute(
        python,
        ["-m", "pip", "install", "--quiet", "pysigma==2.0.1", "pysigma-backend-sqlite==2.1.1"],
        folder,
      );
      return program(python, ["main.py"], folder);
    },
  },
];

async function run({ rounds }: Effort): Promise<void> {
  const records = realRecords();
  const rules = publicRules();
  if (records === undefined || rules === undefined) {
    print("Skipped: ../shared/corpora is not there, with the rules and records that this needs.");
    return;
  }
  const folder = mkdtempSync(join(os.tmpdir(), "streamwarden-languages-"));
  try {
    const lines = records.map((record) => JSON.stringify(record));
    const recordsPath = join(folder, "records.ndjson");
    writeFileSync(recordsPath, lines.join("\n"));
    const contestants = [
      { name: "JSON.parse", measure: () => parsing(lines) },
      { name: "streamwarden", measure: () => own(lines) },
    ];
    for (const { name, prepare } of peers) {
      const place = join(folder, name.split(" ")[0] ?? name);
      mkdirSync(place);
      cpSync(join(sources, (name.split(" ")[0] ?? name).toLowerCase()), place, { recursive: true });
      try {
        print(`Preparing ${name} ...`);
        const measure = prepare(place);
        contestants.push({ name, measure: () => measure(`${passes}`, recordsPath) });
      } catch (error) {
        print(`${name}: skipped, ${reasonOf(error)}`);
      }
    }
    compare(contestants, rounds, lines.length);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function compare(
  contestants: readonly { readonly name: string; readonly measure: () => Report }[],
  rounds: number,
  count: number,
): void {
  const reports = contestants.map((): Report[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { measure }] of contestants.entries()) reports[index]?.push(measure());
  }
  const [yardstick = [], ours = []] = reports;
  const passSeconds = ({ seconds }: Report): number => median(seconds);
  const ratio = (own: readonly Report[], other: readonly Report[]): string =>
    `${median(own.map((report, round) => passSeconds(report) / passSeconds(other[round] ?? report))).toFixed(2)} x`;
  const [expected] = ours;
  print(
    `\n${whole(count)} records; from the text of a record to its matches, each engine in its own language:`,
  );
  print(
    aligned([
      ["", "refused", "rules true", "matches", "load, ms", "records/s", "x JSON.parse", "x streamwarden"],
      ...contestants.map(({ name }, index) => {
        const all = reports[index] ?? [];
        const [first] = all;
        const counts = Object.values(first?.matches ?? {});
        return [
          name,
          `${first?.refused ?? 0}`,
          `${counts.length}`,
          whole(counts.reduce((sum, matches) => sum + matches, 0)),
          whole(median(all.map(({ loadSeconds }) => loadSeconds * 1000))),
          whole(count / median(all.map(passSeconds))),
          ratio(all, yardstick),
          ratio(all, ours),
        ];
      }),
    ]),
  );
  for (const [index, { name }] of contestants.entries()) {
    const matches = reports[index]?.[0]?.matches ?? {};
    const ids = new Set([...Object.keys(matches), ...Object.keys(expected?.matches ?? {})]);
    const differing = [...ids].filter((id) => matches[id] !== expected?.matches[id]);
    if (index < 2) continue;
    print(
      differing.length === 0
        ? `${name} finds the same as we do, rule by rule.`
        : `${name} differs: ${differing.map((id) => `${id} ${matches[id] ?? 0} (we: ${expected?.matches[id] ?? 0})`).join(", ")}`,
    );
  }
}

function parsing(lines: readonly string[]): Report {
  const seconds = passTimes(() => {
    for (const line of lines) JSON.parse(line);
  });
  return { records: lines.length, refused: 0, loadSeconds: 0, seconds, matches: {} };
}

function own(lines: readonly string[]): Report {
  const start = performance.now();
  const parsed = parse(publicRules() ?? []);
  const { ruleset, problems } = link(parsed.documents, {
    derived: derivedFields,
    logsource: { product: "aws", service: "cloudtrail" },
  });
  const loadSeconds = (performance.now() - start) / 1000;
  const refused = [...parsed.problems, ...problems].filter(({ severity }) => severity === "error").length;
  let matches: Record<string, number> = {};
  const seconds = passTimes(() => {
    matches = {};
    for (const line of lines)
      for (const { id, title } of ruleset.match(JSON.parse(line)))
        matches[id ?? title] = (matches[id ?? title] ?? 0) + 1;
  });
  return { records: lines.length, refused, loadSeconds, seconds, matches };
}

function passTimes(pass: () => void): number[] {
  return Array.from({ length: passes }, () => {
    const start = performance.now();
    pass();
    return (performance.now() - start) / 1000;
  });
}

/** The line of a tool's output that says why: its first with a reason in it. */
function reasonOf(error: unknown): string {
  const output = error instanceof Error && "stderr" in error ? `${error.stderr}` : "";
  const lines = (output.trim() === "" ? `${error instanceof Error ? error.message : error}` : output)
    .trim()
    .split("\n");
  return (
    lines.find((line) => /error|forbidden|denied|not found|ENOENT/i.test(line)) ??
    lines.at(-1) ??
    "no reason given"
  );
}
