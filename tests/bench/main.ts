/**
 * `npm run bench` runs every section but those that compile other people's programs; `npm run bench -- rules replay`
 * runs these; `--quick` only shows that all of it works. What each measures and leaves out: docs/benchmarks.md.
 */
import { readFileSync } from "node:fs";
import os from "node:os";
import { print } from "./report.ts";
import type { Effort, Section } from "./section.ts";
import { bounds } from "./sections/bounds.ts";
import { correlations } from "./sections/correlations.ts";
import { languages } from "./sections/languages.ts";
import { peers } from "./sections/peers.ts";
import { pipeline } from "./sections/pipeline.ts";
import { replay } from "./sections/replay.ts";
import { rules } from "./sections/rules.ts";

const sections: readonly Section[] = [pipeline, rules, correlations, replay, peers, bounds];
const onRequest: readonly Section[] = [languages];

const wanted = process.argv.slice(2).filter((argument) => argument !== "--quick");
const known = [...sections, ...onRequest];
const unknown = wanted.filter((name) => !known.some((section) => section.name === name));
if (unknown.length > 0) {
  const names = known.map(({ name }) => name).join(", ");
  process.stderr.write(`There is no section "${unknown.join('", "')}". The sections are ${names}.\n`);
  process.exit(2);
}

const isQuick = process.argv.includes("--quick");
const effort: Effort = isQuick
  ? { rounds: 1, items: (full) => Math.ceil(full / 20) }
  : { rounds: 9, items: (full) => full };
const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const [load = 0] = os.loadavg();
print(
  [
    `streamwarden ${version}`,
    `Node ${process.version}`,
    `${os.cpus()[0]?.model ?? "unknown CPU"}, ${os.availableParallelism()} CPUs`,
    `load ${load.toFixed(1)} at the start`,
    new Date().toISOString().slice(0, 10),
  ].join("; "),
);
print(
  "Ratios are times for the same work: medians of interleaved rounds, (smallest to largest). Rates are medians.",
);
for (const { name, title, run } of wanted.length === 0
  ? sections
  : known.filter((section) => wanted.includes(section.name))) {
  print(`\n## ${name}: ${title}\n`);
  await run(effort);
}
