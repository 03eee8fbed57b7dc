import { type CloudTrailRecord, decode, type JsonObject } from "@streamwarden/cloudtrail";
import { loadConfig } from "@streamwarden/config";
import { createDetector, createPipeline, MemoryStateStore } from "@streamwarden/detection";
import { type LoadedPolicies, loadPolicies } from "@streamwarden/policies";
import { realRecords } from "../corpora.ts";
import { envelopeOf, ivsRecords, trailRecords } from "../records.ts";
import { print, table, whole } from "../report.ts";
import { race } from "../rounds.ts";
import type { Effort, Section } from "../section.ts";

export const pipeline: Section = {
  name: "pipeline",
  title: "a message from text to alert, with the shipped policies",
  run,
};

async function run(effort: Effort): Promise<void> {
  const config = loadConfig(new URL("../../../streamwarden.yml", import.meta.url).pathname);
  const loaded = loadPolicies({ config });
  const count = effort.items(10_000);
  await measure(
    "A trail of a whole account, synthetic, one record in 20 of IVS",
    trailRecords(count),
    loaded,
    effort,
  );
  await measure(
    "IVS records only, synthetic: the worst case, every policy is about them",
    ivsRecords(count),
    loaded,
    effort,
  );
  const real = realRecords();
  if (real === undefined) {
    print("Real records: skipped, ../shared/corpora/invictus-aws is not there.");
  } else {
    await measure("Real records of another account (Invictus, no IVS among them)", real, loaded, effort);
  }
}

async function measure(
  title: string,
  records: readonly JsonObject[],
  loaded: LoadedPolicies,
  { rounds }: Effort,
): Promise<void> {
  const envelopes = records.map(envelopeOf);
  const bytes = envelopes.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const detector = createDetector(loaded);
  const { ruleset } = loaded;
  let matches = 0;
  const contestant = (name: string, each: (text: string) => unknown) => ({
    name,
    run: () => {
      for (const text of envelopes) each(text);
      return envelopes.length;
    },
  });
  const results = await race(
    [
      contestant("JSON.parse", (text) => JSON.parse(text)),
      contestant("decode", recordsOf),
      {
        name: "decode + match",
        run: () => {
          matches = 0;
          for (const text of envelopes)
            for (const record of recordsOf(text)) matches += ruleset.match(record).length;
          return envelopes.length;
        },
      },
      {
        name: "whole pipeline, state in memory",
        run: async () => {
          const { process } = createPipeline({
            detector,
            store: new MemoryStateStore(),
            publisher: { publish: async () => undefined, publishDigest: async () => undefined },
            quarantine: async () => undefined,
            scheduleWakeUp: async () => undefined,
          });
          for (let start = 0; start < envelopes.length; start += 10) {
            const bodies = envelopes.slice(start, start + 10);
            await process(bodies.map((body, index) => ({ id: `${start + index}`, body, receivedAt: 0 })));
          }
          return envelopes.length;
        },
      },
    ],
    rounds,
  );
  print(
    `${title}:\n${whole(records.length)} envelopes of ${whole(bytes / records.length)} bytes, ${ruleset.rules.length} rules and ${ruleset.correlations.length} correlations, ${whole(matches)} matches.`,
  );
  print(`${table(results, "records", results.slice(0, 1))}\n`);
}

function recordsOf(text: string): readonly CloudTrailRecord[] {
  const decoded = decode(text);
  return decoded.outcome === "records" ? decoded.records : [];
}
