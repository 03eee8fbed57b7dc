import { fileURLToPath } from "node:url";
import { type CloudTrailRecord, decode, type JsonObject } from "@streamwarden/cloudtrail";
import { loadConfig } from "@streamwarden/config";
import { createDetector, createPipeline, type Detector, MemoryStateStore } from "@streamwarden/detection";
import { loadPolicies, type PolicySet } from "@streamwarden/policies";
import { realRecords } from "../corpora.ts";
import { envelopeOf, ivsRecords, trailRecords } from "../records.ts";
import { print, table, whole } from "../report.ts";
import { inSteps, raceInSteps, type SteppingContestant } from "../rounds.ts";
import type { Effort, Section } from "../section.ts";

export const pipeline: Section = {
  name: "pipeline",
  title: "a message from text to alert, with the shipped policies",
  run,
};

async function run(effort: Effort): Promise<void> {
  const config = loadConfig(fileURLToPath(new URL("../../../streamwarden.yml", import.meta.url)));
  const loaded = loadPolicies("configured", config);
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
  loaded: PolicySet,
  { rounds }: Effort,
): Promise<void> {
  const envelopes = records.map(envelopeOf);
  const bytes = envelopes.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const detector = createDetector(loaded);
  const { ruleset } = loaded;
  const matchesIn = (text: string): number => {
    let matches = 0;
    for (const record of recordsOf(text)) matches += ruleset.match(record).length;
    return matches;
  };
  const contestant = (name: string, each: (text: string) => unknown): SteppingContestant => ({
    name,
    steps: () => inSteps(envelopes, each),
  });
  const yardstick = contestant("JSON.parse", (text) => JSON.parse(text));
  const results = await raceInSteps(
    [yardstick, contestant("decode", recordsOf), contestant("decode + match", matchesIn)],
    rounds,
  );
  // Apart from the others, because what it leaves on the heap would slow them.
  const toTheAlert = await raceInSteps(
    [yardstick, { name: "whole pipeline, state in memory", steps: () => pipelineSteps(envelopes, detector) }],
    rounds,
  );
  const matches = envelopes.reduce((sum, text) => sum + matchesIn(text), 0);
  print(
    `${title}:\n${whole(records.length)} envelopes of ${whole(bytes / records.length)} bytes, ${ruleset.rules.length} rules and ${ruleset.correlations.length} correlations, ${whole(matches)} matches.`,
  );
  print(`${table(results, "records", results.slice(0, 1))}\n`);
  print(`${table(toTheAlert, "records", toTheAlert.slice(0, 1))}\n`);
}

function recordsOf(text: string): readonly CloudTrailRecord[] {
  const decoded = decode(text);
  return decoded.outcome === "records" ? decoded.records : [];
}

/** A new pipeline, fed with ten messages at a time as a queue would. */
async function* pipelineSteps(envelopes: readonly string[], detector: Detector): AsyncGenerator<number> {
  const { process } = createPipeline({
    detector,
    store: new MemoryStateStore(),
    publisher: { publish: async () => undefined, publishDigest: async () => undefined },
    quarantine: async () => undefined,
    scheduleTimer: async () => undefined,
  });
  for (let start = 0; start < envelopes.length; start += 10) {
    const bodies = envelopes.slice(start, start + 10);
    await process(bodies.map((body, index) => ({ id: `${start + index}`, body, receivedAt: 0 })));
    yield bodies.length;
  }
}
