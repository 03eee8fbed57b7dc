import { fileURLToPath } from "node:url";
import { loadConfig } from "@streamwarden/config";
import { createDetector, createPipeline, MemoryStateStore } from "@streamwarden/detection";
import { loadPolicies } from "@streamwarden/policies";
import {
  advance,
  correlationEntries,
  loadRuleset,
  referenceOf,
  type SourceFile,
  type WindowDocument,
} from "@streamwarden/sigma";
import { print, table, whole } from "../report.ts";
import { type Contestant, race } from "../rounds.ts";
import type { Effort, Section } from "../section.ts";

export const correlations: Section = {
  name: "correlations",
  title: "counting events in 1, 100 and 100,000 groups",
  run,
};

/** The threshold is what decides whether records fire: nobody reaches the high one. */
function policy(atLeast: number): SourceFile {
  return {
    path: "reads.yml",
    text: `title: Stream key read
name: stream-key-read
id: 1f0e4a52-6a0c-4a0e-9a58-0d4d2c9c7a01
logsource: { product: aws, service: cloudtrail }
detection:
  read: { eventSource: ivs.amazonaws.com, eventName: GetStreamKey }
  condition: read
level: informational
---
title: Many stream keys read
name: many-stream-keys-read
id: 1f0e4a52-6a0c-4a0e-9a58-0d4d2c9c7a02
correlation:
  type: event_count
  rules: [stream-key-read]
  group-by: [userIdentity.arn]
  timespan: 5m
  condition: { gte: ${atLeast} }
level: high
`,
  };
}
const quiet = policy(2_000);
const firing = policy(10);

async function run({ rounds, items }: Effort): Promise<void> {
  const count = items(120_000);
  const manyGroups = items(100_000);
  const oneGroup = recordTexts(count, 1);
  const hundredGroups = recordTexts(count, 100);
  const everyGroup = recordTexts(count, manyGroups);
  print(
    `${whole(count)} reads of stream keys, one a second of event time, groups in turn; a window of 5 minutes and 15 of lateness. Only the last rows of each table ever fire.\n`,
  );
  const yardstick: Contestant = {
    name: "JSON.parse",
    run: () => {
      for (const text of oneGroup) JSON.parse(text);
      return oneGroup.length;
    },
  };
  const groups = `${whole(manyGroups)} groups`;
  const fewRounds = Math.min(rounds, 3);

  print("The engine alone (parse, match, advance), windows in a Map:");
  const engine = await race(
    [
      yardstick,
      advancing("1 group", oneGroup, quiet),
      advancing("100 groups", hundredGroups, quiet),
      advancing(groups, everyGroup, quiet),
      advancing("1 group, every record fires", oneGroup.slice(0, items(10_000)), firing),
    ],
    fewRounds,
  );
  print(table(engine, "records", engine.slice(0, 1)));

  print("\nThe whole pipeline, state in memory, batches of ten messages:");
  const throughPipeline = await race(
    [
      yardstick,
      piping("1 group", oneGroup.slice(0, items(40_000)), quiet),
      piping("100 groups", hundredGroups.slice(0, items(40_000)), quiet),
      piping(groups, everyGroup, quiet),
      piping("1 group, every record fires", oneGroup.slice(0, items(10_000)), firing),
    ],
    fewRounds,
  );
  print(table(throughPipeline, "records", throughPipeline.slice(0, 1)));
}

const firstSecond = Date.UTC(2026, 0, 1) / 1000;

function recordTexts(count: number, groups: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const caller = `${index % groups}`.padStart(6, "0");
    return JSON.stringify({
      eventVersion: "1.11",
      userIdentity: {
        type: "AssumedRole",
        principalId: `AROAEXAMPLE:session-${caller}`,
        arn: `arn:aws:sts::123456789012:assumed-role/backend/session-${caller}`,
        accountId: "123456789012",
      },
      eventTime: new Date((firstSecond + index) * 1000).toISOString().replace(/\.\d+/, ""),
      eventSource: "ivs.amazonaws.com",
      eventName: "GetStreamKey",
      awsRegion: "us-east-1",
      sourceIPAddress: "198.51.100.7",
      userAgent: "aws-sdk-js/3.1136.0",
      requestParameters: { arn: "arn:aws:ivs:us-east-1:123456789012:stream-key/abcdefghijkl" },
      responseElements: null,
      eventID: `${index}`.padStart(36, "e"),
      eventType: "AwsApiCall",
      recipientAccountId: "123456789012",
    });
  });
}

function advancing(name: string, texts: readonly string[], file: SourceFile): Contestant {
  const ruleset = loadRuleset([file]);
  return {
    name,
    run: () => {
      const windows = new Map<string, WindowDocument>();
      for (const text of texts) {
        const event = JSON.parse(text);
        const id = { id: event.eventID, time: Date.parse(event.eventTime) };
        for (const grouped of correlationEntries(ruleset, ruleset.match(event), event, id)) {
          const key = `${referenceOf(grouped.correlation)} ${grouped.groupKey}`;
          windows.set(key, advance(grouped, windows.get(key), [grouped.entry]).document);
        }
      }
      return texts.length;
    },
  };
}

function piping(name: string, texts: readonly string[], file: SourceFile): Contestant {
  const config = loadConfig(fileURLToPath(new URL("../../../streamwarden.yml", import.meta.url)));
  const detector = createDetector(loadPolicies({ files: [file] }, config));
  return {
    name,
    run: async () => {
      let now = firstSecond * 1000;
      const clock = { now: () => now };
      const { process } = createPipeline({
        detector,
        clock,
        store: new MemoryStateStore({ clock }),
        publisher: { publish: async () => undefined, publishDigest: async () => undefined },
        quarantine: async () => undefined,
        scheduleTimer: async () => undefined,
      });
      for (let start = 0; start < texts.length; start += 10) {
        now = (firstSecond + start + 10) * 1000;
        const bodies = texts.slice(start, start + 10);
        await process(bodies.map((body, index) => ({ id: `${start + index}`, body, receivedAt: now })));
      }
      return texts.length;
    },
  };
}
