import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { trailRecords } from "../records.ts";
import { print, table, whole } from "../report.ts";
import { type Contestant, race } from "../rounds.ts";
import type { Effort, Section } from "../section.ts";

export const replay: Section = {
  name: "replay",
  title: "trail files in which few records matter, against gunzip and jq",
  run,
};

/** One of so many records is a call of Amazon IVS. */
const oneIn = 200;
const fileCount = 12;
const command = join(import.meta.dirname, "../../../packages/cli/src/main.ts");

const policy = `title: Any call of IVS
logsource: { product: aws, service: cloudtrail }
level: low
detection:
  ivs: { eventSource: [ivs.amazonaws.com, ivschat.amazonaws.com] }
  condition: ivs
`;
const query =
  '.Records[] | select(.eventSource == "ivs.amazonaws.com" or .eventSource == "ivschat.amazonaws.com") | .eventID';
/** What a script in Node would do, one file after the other. */
const script = `const { readdirSync, readFileSync } = require("node:fs"); const { gunzipSync } = require("node:zlib");
let count = 0; for (const name of readdirSync(".")) count += JSON.parse(gunzipSync(readFileSync(name)).toString()).Records.length;
console.log(count);`;

interface Counts {
  readonly records: number;
  readonly policies: readonly { readonly matches: number }[];
}

/** Every contestant is a process of its own, so that starting it counts. */
async function run(effort: Effort): Promise<void> {
  const folder = mkdtempSync(join(os.tmpdir(), "streamwarden-bench-"));
  try {
    await compare(folder, effort);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function compare(folder: string, { rounds, items }: Effort): Promise<void> {
  const trail = join(folder, "trail");
  const perFile = items(20_000);
  const megabytes = writeTrail(trail, perFile) / 1e6;
  const policies = join(folder, "ivs.yml");
  writeFileSync(policies, policy);

  const shell = (line: string): number =>
    Number(execFileSync("sh", ["-c", line], { cwd: trail, encoding: "utf8" }));
  const parsed = (): number =>
    Number(execFileSync(process.execPath, ["-e", script], { cwd: trail, encoding: "utf8" }));
  const replayed = (...options: readonly string[]): Counts =>
    JSON.parse(
      execFileSync(process.execPath, [command, "replay", trail, "--format", "json", ...options], {
        encoding: "utf8",
        maxBuffer: 1e9,
        stdio: "pipe",
      }),
    );
  const contestant = (name: string, work: () => unknown): Contestant => ({
    name,
    run: () => {
      work();
      return megabytes;
    },
  });

  const own = replayed("--policies", policies);
  const matches = own.policies[0]?.matches ?? 0;
  agree("records", own.records, parsed(), "JSON.parse");
  const hasJq = spawnSync("jq", ["--version"]).status === 0;
  if (hasJq) {
    agree(
      "records",
      own.records,
      shell("gunzip -c *.gz | jq '.Records | length' | awk '{ n += $1 } END { print n }'"),
      "jq",
    );
    agree("calls of IVS", matches, shell(`gunzip -c *.gz | jq '${query}' | wc -l`), "jq");
  }
  print(
    `${fileCount} files, ${whole(megabytes)} MB unpacked, ${whole(own.records)} records, ${whole(matches)} of them calls of IVS; all contestants count the same.`,
  );

  const results = await race(
    [
      contestant("gunzip -c", () => shell("gunzip -c *.gz | wc -c")),
      contestant("gunzip + JSON.parse in Node", parsed),
      contestant("replay, one policy", () => replayed("--policies", policies)),
      contestant("replay, the shipped policies", () => replayed("--allow-rejected")),
      contestant("replay, one policy, one thread", () => replayed("--policies", policies, "--jobs", "1")),
      contestant("the same, every record parsed", () =>
        replayed("--policies", policies, "--jobs", "1", "--no-pre-filter"),
      ),
      ...(hasJq
        ? [contestant("gunzip -c | jq select", () => shell(`gunzip -c *.gz | jq '${query}' | wc -l`))]
        : []),
    ],
    Math.min(rounds, 3),
  );
  print(table(results, "MB", results.slice(0, 2)));
  if (!hasJq) print("jq: skipped, it is not installed.");
}

/** Writes the same trail file under several names; returns the unpacked size of all. */
function writeTrail(folder: string, recordsPerFile: number): number {
  mkdirSync(folder);
  const bytes = Buffer.from(JSON.stringify({ Records: trailRecords(recordsPerFile, oneIn) }));
  const packed = gzipSync(bytes);
  for (let index = 0; index < fileCount; index++) {
    writeFileSync(join(folder, `${String(index).padStart(4, "0")}_CloudTrail_bench.json.gz`), packed);
  }
  return fileCount * bytes.length;
}

function agree(what: string, ours: number, theirs: number, name: string): void {
  if (ours !== theirs) throw new Error(`The replay finds ${ours} ${what} and ${name} ${theirs}.`);
}
