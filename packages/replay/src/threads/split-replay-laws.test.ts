import { statSync } from "node:fs";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FileReplay } from "../evaluate/file-replay.ts";
import { FirstSeenCollector, firstSeenRulesOf } from "../evaluate/first-seen.ts";
import type { Match } from "../evaluate/match.ts";
import type { Found } from "../evaluate/part-replay.ts";
import type { PlainEntry } from "../evaluate/plain-entry.ts";
import { Tally } from "../read/tally.ts";
import { policyText } from "../testing/first-seen.ts";
import { policiesAt } from "../testing/policies.ts";
import { makeFolder, record, removeFolder, write } from "../testing/trail-folder.ts";
import { SplitReplay } from "./split-replay.ts";

const chunkBytes = 300;

/** What stands in files: records of one line and of many, lists and containers, damage, other events, and nothing. */
const piece = fc.oneof(
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("CreateChannel", "DeleteChannel", "GetChannel")
      .map((name) => JSON.stringify(record(name))),
  },
  fc.constantFrom(
    JSON.stringify(record("CreateChannel"), undefined, 2),
    JSON.stringify([record("CreateChannel"), record("DeleteChannel")], undefined, 1),
    JSON.stringify({ Records: [record("CreateChannel"), record("CreateChannel")] }),
    JSON.stringify({ Records: [record("DeleteChannel"), record("GetChannel")] }, undefined, 1),
    JSON.stringify(record("CreateChannel", { userAgent: "x".repeat(2 * chunkBytes) })),
    JSON.stringify({ eventName: "CreateChannel", eventSource: "ivs.amazonaws.com", eventTime: "never" }),
    JSON.stringify({ "detail-type": "IVS Stream State Change", source: "aws.ivs", detail: {} }),
    '{"Records":[',
    '{"eventName":',
    "no JSON",
    "]}",
    ",",
    "17",
    "",
  ),
);
const content = fc
  .array(fc.tuple(piece, fc.constantFrom("\n", "\n", "\n", "\r\n", "\n\n", " ", "")), { maxLength: 25 })
  .map((pieces) => pieces.flat().join(""));

/** How many threads are asked for, whenever it is asked. */
let asked: () => number = () => 2;
const growth = fc.constantFrom<() => () => number>(
  () => () => 1,
  () => () => 2,
  // In the middle of the file, at any chunk.
  () => {
    let left = 3;
    return () => (left-- > 0 ? 1 : 2);
  },
  () => {
    let left = 9;
    return () => (left-- > 0 ? 1 : 2);
  },
);

describe("law: a file that is split for several threads gives what it gives on one", () => {
  let split: SplitReplay;
  let whole: FileReplay;
  let collector: () => FirstSeenCollector;

  beforeAll(() => {
    const folder = makeFolder();
    write("policies/new.yml", policyText("{ of: [actor.id, sourceIPAddress], within: 100h, learn: 0s }"));
    write(
      "policies/burst.yml",
      "title: Many deleted\nname: many\nlevel: high\ncorrelation:\n  type: event_count\n  rules: [delete]\n  timespan: 10m\n  condition: {gte: 3}\n",
    );
    const policies = policiesAt(`${folder}/policies`);
    const firstSeen = firstSeenRulesOf(policies);
    const common = { firstSeen, wanted: { matches: true, entries: true }, preFilter: true };
    const tally = new Tally();
    const evaluation = { ...common, ruleset: policies.ruleset, tally };
    const start = { ...common, plan: policies.plan, tally: tally.shared };
    split = new SplitReplay({ threads: () => asked(), evaluation, start }, chunkBytes);
    whole = new FileReplay({ ...common, ruleset: policies.ruleset, tally });
    collector = () => new FirstSeenCollector(policies.ruleset, firstSeen);
  });
  afterAll(async () => {
    await split.close();
    removeFolder();
  });

  test.each([
    ["plain", (text: string) => Buffer.from(text)],
    ["gzip", (text: string) => gzipSync(text)],
    ["gzip that is cut off", (text: string) => gzipSync(text).subarray(0, -12)],
  ])("%s", async (_, packed) => {
    await fc.assert(
      fc.asyncProperty(content, growth, async (text, grow) => {
        asked = grow();
        const path = write("file.json", packed(text));
        const source = { path, size: statSync(path).size, isExpected: true };
        const run = async (replay: Pick<FileReplay, "run">) => {
          const matches: Match[] = [];
          const entries: PlainEntry[] = [];
          const seen = collector();
          const result = await replay.run(source, async (found: Found) => {
            matches.push(...found.matches);
            entries.push(...found.entries);
            seen.merge(found.firstSeen);
          });
          return { result, matches, entries, seen: seen.found() };
        };
        expect(await run(split)).toEqual(await run(whole));
      }),
      { numRuns: 300 },
    );
  });
});
