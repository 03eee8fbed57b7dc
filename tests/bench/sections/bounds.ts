import { fileURLToPath } from "node:url";
import { decode, derivedFields, type JsonObject } from "@streamwarden/cloudtrail";
import { loadConfig } from "@streamwarden/config";
import { loadPolicies } from "@streamwarden/policies";
import {
  advance,
  correlationEntries,
  link,
  loadRuleset,
  parse,
  type Ruleset,
  type WindowDocument,
} from "@streamwarden/sigma";
import { trailRecords } from "../records.ts";
import { aligned, print, whole } from "../report.ts";
import { median } from "../rounds.ts";
import { syntheticRules } from "../rules.ts";
import type { Effort, Section } from "../section.ts";

export const bounds: Section = {
  name: "bounds",
  title: "time and memory when records or rules are hostile",
  run,
};

/** Each of these keeps a backtracking engine busy for longer than the universe has existed. */
const explosive = [
  "(a+)+$",
  "(a|aa)+$",
  "(a*)*b",
  "^(([a-z])+.)+[A-Z]([a-z])+$",
  "(.*a){12}$",
  "(x+x+)+y",
] as const;

async function run({ items }: Effort): Promise<void> {
  const rows: string[][] = [["", "ms/record", "slowest", "x JSON.parse", "heap, MB"]];
  const add = (name: string, records: readonly JsonObject[], work: (record: JsonObject) => unknown): void => {
    rows.push([name, ...measure(records, work)]);
  };

  const { ruleset: shipped } = loadPolicies(
    "configured",
    loadConfig(fileURLToPath(new URL("../../../streamwarden.yml", import.meta.url))),
  );
  const synthetic = linked(syntheticRules(items(10_000)));
  // Each text differs from the others, so that nothing remembered of one helps with the next.
  const long = Array.from({ length: 5 }, (_, index) => ({ userAgent: `${"a".repeat(100_000)}!${index}` }));

  const usual = trailRecords(items(2_000));
  add("usual records, the shipped policies", usual, (record) => shipped.match(record));
  add(`usual records, ${whole(synthetic.rules.length)} rules`, usual, (record) => synthetic.match(record));
  for (const pattern of explosive) {
    const ruleset = rulesetOf(`userAgent|re: '${pattern}'`);
    add(`${pattern} on 100 KB`, long, (record) => ruleset.match(record));
  }
  const wildcards = rulesetOf(`userAgent: '${"*a".repeat(30)}*b'`);
  add("thirty wildcards on 100 KB", long, (record) => wildcards.match(record));

  const huge = trailRecords(5).map((record) => swollen(record, 1_000_000));
  add("1 MB in every string, the shipped policies", huge, (record) => shipped.match(record));
  add(`1 MB in every string, ${whole(synthetic.rules.length)} rules`, huge, (record) =>
    synthetic.match(record),
  );
  print(aligned(rows));

  const [first] = huge;
  const decoded = decode(JSON.stringify(first));
  print(
    `\nThe consumer never sees such a record: decode answers ${decoded.outcome === "rejected" ? decoded.rejection.reason : decoded.outcome}.`,
  );
  print(`\nWindows of a correlation, ${whole(items(100_000))} groups, one record each:`);
  print(
    aligned([
      ["group value", "us/record", "heap, bytes/group"],
      ...[20, 1_000, 100_000].map((length) => windows(items(100_000), length)),
    ]),
  );
}

function linked(files: Parameters<typeof parse>[0]): Ruleset {
  return link(parse(files).documents, { derived: derivedFields }).ruleset;
}

function rulesetOf(item: string): Ruleset {
  return linked([
    {
      path: "hostile.yml",
      text: `title: Hostile\nlogsource: { product: aws, service: cloudtrail }\ndetection:\n  selection:\n    ${item}\n  condition: selection\n`,
    },
  ]);
}

/** Times each record by itself, because a bound is about the worst one. */
function measure(records: readonly JsonObject[], work: (record: JsonObject) => unknown): string[] {
  const texts = records.map((record) => JSON.stringify(record));
  const parsed: JsonObject[] = [];
  const parsing = texts.map((text) => milliseconds(() => parsed.push(JSON.parse(text))));
  work(records[0] ?? {});
  const before = heapBytes();
  const took = parsed.map((record) => milliseconds(() => work(record)));
  const grown = heapBytes() - before;
  const middle = median(took);
  return [
    middle < 1 ? middle.toFixed(3) : middle.toFixed(1),
    Math.max(...took).toFixed(1),
    (middle / median(parsing)).toFixed(1),
    (grown / 1e6).toFixed(1),
  ];
}

function milliseconds(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** The record with every string in it lengthened, but those by which rules are found. */
function swollen(record: JsonObject, length: number): JsonObject {
  const kept = new Set(["eventSource", "eventName", "eventTime", "eventID"]);
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [
      key,
      typeof value === "string" && !kept.has(key) ? value.padEnd(length, `${key} `) : value,
    ]),
  );
}

function windows(count: number, valueLength: number): string[] {
  const ruleset = loadRuleset([
    {
      path: "groups.yml",
      text: `title: Any call
name: any-call
logsource: { product: aws, service: cloudtrail }
detection:
  any: { eventID|exists: true }
  condition: any
---
title: Many calls
correlation:
  type: event_count
  rules: [any-call]
  group-by: [userAgent]
  timespan: 5m
  condition: { gte: 10 }
`,
    },
  ]);
  const kept = new Map<string, WindowDocument>();
  const filler = "x".repeat(valueLength);
  const before = heapBytes();
  const took = milliseconds(() => {
    for (let index = 0; index < count; index++) {
      const event = { eventID: `e${index}`, userAgent: `${index}${filler}` };
      const id = { id: event.eventID, time: index * 1000 };
      for (const grouped of correlationEntries(ruleset, ruleset.match(event), event, id)) {
        kept.set(grouped.groupKey, advance(grouped, kept.get(grouped.groupKey), [grouped.entry]).document);
      }
    }
  });
  const grown = heapBytes() - before;
  if (kept.size !== count) throw new Error(`${count} groups became ${kept.size}.`);
  return [`${whole(valueLength)} characters`, ((took * 1000) / count).toFixed(1), whole(grown / count)];
}
