/**
 * How fast trail files are replayed when few of their records matter, against unpacking them with gunzip alone and
 * against jq: `node tests/bench/replay.ts`. Every contestant is a process of its own, so starting it counts.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { benchEnvelopes } from "./records.ts";
import { type Contestant, race, table } from "./rounds.ts";

const fileCount = Number(process.env.BENCH_FILES ?? 12);
const recordsPerFile = Number(process.env.BENCH_RECORDS ?? 20_000);
/** One of so many records is a call of Amazon IVS. */
const oneIn = 200;

const folder = mkdtempSync(join(os.tmpdir(), "streamwarden-bench-"));
const main = join(import.meta.dirname, "../../packages/cli/src/main.ts");
const print = (text: string): boolean => process.stdout.write(`${text}\n`);

try {
  await run();
} finally {
  rmSync(folder, { recursive: true });
}

async function run(): Promise<void> {
  const unpacked = writeTrail();
  const files = join(folder, "trail/*.json.gz");
  const policies = join(folder, "ivs.yml");
  writeFileSync(
    policies,
    "title: Any call of IVS\nlogsource: {product: aws, service: cloudtrail}\nlevel: low\ndetection:\n  ivs: {eventSource: [ivs.amazonaws.com, ivschat.amazonaws.com]}\n  condition: ivs\n",
  );
  const select =
    '.Records[] | select(.eventSource == "ivs.amazonaws.com" or .eventSource == "ivschat.amazonaws.com") | .eventID';
  const megabytes = unpacked / 1e6;
  const shell = (command: string): string => execFileSync("sh", ["-c", command], { encoding: "utf8" }).trim();
  const replay = (
    ...options: string[]
  ): { readonly records: number; readonly policies: { readonly matches: number }[] } =>
    JSON.parse(
      execFileSync(
        process.execPath,
        [main, "replay", join(folder, "trail"), "--format", "json", ...options],
        {
          encoding: "utf8",
          maxBuffer: 1e9,
          stdio: "pipe",
        },
      ),
    );
  const contestant = (name: string, work: () => unknown): Contestant => ({
    name,
    run: () => {
      work();
      return megabytes;
    },
  });

  const hasJq = spawnSync("sh", ["-c", "jq --version"]).status === 0;
  const expected = replay("--policies", policies).policies[0]?.matches ?? 0;
  if (hasJq) {
    const found = Number(shell(`gunzip -c ${files} | jq -c '${select}' | wc -l`));
    if (found !== expected) throw new Error(`jq finds ${found} records, the replay ${expected}.`);
  } else {
    print("jq is not installed, so it is left out.");
  }

  const records = fileCount * recordsPerFile;
  print(
    `Node ${process.version}, ${os.cpus()[0]?.model ?? "unknown CPU"}, ${os.availableParallelism()} CPUs`,
  );
  print(
    `${fileCount} synthetic trail files, ${Math.round(megabytes)} MB unpacked, ${records.toLocaleString("en-US")} records, ${expected.toLocaleString("en-US")} of them IVS calls`,
  );
  print("Time as a multiple of gunzip on the same files, median of 5 rounds (smallest to largest):\n");
  const results = await race(
    [
      contestant("gunzip -c | wc -c", () => shell(`gunzip -c ${files} | wc -c`)),
      contestant("replay, one policy, all threads", () => replay("--policies", policies)),
      contestant("replay, shipped policies, all threads", () => replay("--allow-refused")),
      contestant("replay, one policy, one thread", () => replay("--policies", policies, "--jobs", "1")),
      contestant("the same, every record parsed", () =>
        replay("--policies", policies, "--jobs", "1", "--no-pre-filter"),
      ),
      ...(hasJq
        ? [contestant("gunzip -c | jq select", () => shell(`gunzip -c ${files} | jq -c '${select}' | wc -l`))]
        : []),
    ],
    5,
    1,
  );
  print(table(results, "MB"));
}

/** Writes trail files of calls of other services with a few of IVS among them; returns their unpacked size. */
function writeTrail(): number {
  const others = [
    "ec2.amazonaws.com",
    "s3.amazonaws.com",
    "sts.amazonaws.com",
    "kms.amazonaws.com",
    "logs.amazonaws.com",
  ];
  const names = ["DescribeInstances", "GetBucketAcl", "AssumeRole", "Decrypt", "DescribeLogStreams"];
  mkdirSync(join(folder, "trail"));
  const records = benchEnvelopes(recordsPerFile).map((text, index) => {
    const { detail } = JSON.parse(text);
    return index % oneIn === 0
      ? detail
      : { ...detail, eventSource: others[index % others.length], eventName: names[index % names.length] };
  });
  const bytes = Buffer.from(JSON.stringify({ Records: records }));
  const packed = gzipSync(bytes);
  for (let index = 0; index < fileCount; index++) {
    writeFileSync(
      join(folder, "trail", `${String(index).padStart(4, "0")}_CloudTrail_bench.json.gz`),
      packed,
    );
  }
  return fileCount * bytes.length;
}
