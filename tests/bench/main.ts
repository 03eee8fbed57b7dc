import { readFileSync } from "node:fs";
import os from "node:os";
import { type CloudTrailRecord, decode } from "@streamwarden/cloudtrail";
import { loadConfig } from "@streamwarden/config";
import { createDetector, createPipeline, MemoryStateStore } from "@streamwarden/detection";
import { loadPolicies } from "@streamwarden/policies";
import { benchEnvelopes } from "./records.ts";
import { race, table } from "./rounds.ts";

const count = Number(process.env.BENCH_RECORDS ?? 10_000);
const envelopes = benchEnvelopes(count);
const bytes = envelopes.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
const config = loadConfig(new URL("../../streamwarden.yml", import.meta.url).pathname);
const loaded = loadPolicies({ config });
const detector = createDetector(loaded);
const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

const recordsOf = (text: string): readonly CloudTrailRecord[] => {
  const decoded = decode(text);
  return decoded.outcome === "records" ? decoded.records : [];
};

let matches = 0;
const pipeline = async (): Promise<number> => {
  const store = new MemoryStateStore();
  const { process } = createPipeline({
    detector,
    store,
    publisher: { publish: async () => undefined, publishDigest: async () => undefined },
    quarantine: async () => undefined,
    scheduleWakeUp: async () => undefined,
  });
  for (let start = 0; start < envelopes.length; start += 10)
    await process(
      envelopes
        .slice(start, start + 10)
        .map((body, index) => ({ id: `${start + index}`, body, receivedAt: 0 })),
    );
  return envelopes.length;
};

const results = await race([
  {
    name: "JSON.parse alone",
    run: () => {
      for (const text of envelopes) JSON.parse(text);
      return envelopes.length;
    },
  },
  {
    name: "decode",
    run: () => {
      for (const text of envelopes) recordsOf(text);
      return envelopes.length;
    },
  },
  {
    name: "decode + match",
    run: () => {
      matches = 0;
      for (const text of envelopes)
        for (const record of recordsOf(text)) matches += loaded.ruleset.match(record).length;
      return envelopes.length;
    },
  },
  { name: "whole pipeline, memory state", run: pipeline },
]);

const print = (text: string): boolean => process.stdout.write(`${text}\n`);
print(
  `streamwarden ${version}, Node ${process.version}, ${os.cpus()[0]?.model ?? "unknown CPU"}, ${os.cpus().length} CPUs`,
);
print(
  `${count.toLocaleString("en-US")} synthetic envelopes, ${Math.round(bytes / count)} bytes each, ${loaded.policies.length} policies, ${matches.toLocaleString("en-US")} matches`,
);
print("Time as a multiple of JSON.parse on the same bytes, median of 9 rounds (smallest to largest):\n");
print(table(results, "records"));
