import { type CloudTrailRecord, decodeRecord, isObject, type JsonObject } from "@streamwarden/cloudtrail";
import { durationPattern } from "@streamwarden/config";
import { nearest, type SourceFile } from "@streamwarden/sigma";
import { LineCounter, parseDocument } from "yaml";
import * as z from "zod";
import type { PolicyProblem } from "../problem.ts";
import { fixtureActors, fixtureRecords } from "./fixture-records.ts";
import { buildSequence } from "./sequence.ts";

const jsonObject = z.record(z.string(), z.unknown());
const recordParts = {
  extends: z
    .enum(Object.keys(fixtureRecords))
    .optional()
    .describe("The record to begin with. Default: call."),
  actor: z.enum(Object.keys(fixtureActors)).optional().describe("Who makes the call."),
  set: jsonObject.optional().describe("Fields to set, by dotted path."),
  remove: z.array(z.string()).optional().describe("Fields to remove, by dotted path."),
};

const durationOrNone = new RegExp(`${durationPattern.source}|^0s$`);
const duration = z.string().regex(durationOrNone, "must be a duration such as 0s, 90s, 15m or 1h");
const stepParts = {
  ...recordParts,
  after: duration.optional().describe("Time since the record before it. Default: 1s."),
  at: duration.optional().describe("Time since the first record, instead of `after`."),
  repeat: z
    .int()
    .min(1)
    .max(2000)
    .optional()
    .describe("How many such records there are, `after` apart. `{n}` in a text is their number, from 1."),
};

/** The shape of a test file, for validation and for editors. */
const testFileSchema = z
  .strictObject({
    policy: z
      .string()
      .optional()
      .describe("Name or id of the policy under test, where its file has several."),
    lists: z
      .record(z.string(), z.array(z.string()))
      .optional()
      .describe("Values of lists, instead of the configuration's."),
    base: z.strictObject(recordParts).optional().describe("What all records of this file have in common."),
    tests: z
      .array(
        z.strictObject({
          name: z.string().min(1).describe("What the record is, in a few words."),
          ...recordParts,
          record: jsonObject.optional().describe("The whole record, instead of one made from parts."),
          records: z
            .array(z.strictObject(stepParts))
            .min(1)
            .optional()
            .describe("Several records, for policies that look at more than one."),
          policy: z.string().optional().describe("Name or id of the policy under test."),
          expect: z.enum(["match", "no-match"]),
        }),
      )
      .min(1, "must hold at least one test"),
  })
  .meta({ title: "Streamwarden policy test", description: "Tests of one policy file." });

/** One test of a policy: a record or several, and whether the policy must be true of them. */
export interface PolicyTest {
  readonly name: string;
  readonly policy: string | undefined;
  readonly expect: "match" | "no-match";
  /** At least one, in the order of their times. */
  readonly records: readonly CloudTrailRecord[];
  readonly line: number;
}

export interface PolicyTestFile {
  readonly path: string;
  readonly lists: Readonly<Record<string, readonly string[]>>;
  readonly tests: readonly PolicyTest[];
}

type RecordParts = z.infer<z.ZodObject<typeof recordParts>>;
type StepParts = z.infer<z.ZodObject<typeof stepParts>>;

/** The JSON Schema of a test file, for editors. */
export function testFileJsonSchema(): object {
  return z.toJSONSchema(testFileSchema, { io: "input", target: "draft-7" });
}

/** Reads a test file. Undefined, with the problems reported, when it does not fit. */
export function readTestFile(
  { path, text }: SourceFile,
  problems: PolicyProblem[],
): PolicyTestFile | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const report = (offset: number | undefined, message: string): void => {
    const { line, col } = lines.linePos(offset ?? 0);
    problems.push({
      code: "invalid-test-file",
      severity: "error",
      message,
      path,
      line: Math.max(line, 1),
      column: Math.max(col, 1),
    });
  };
  const offsetOf = (steps: readonly PropertyKey[]): number | undefined => {
    const node = steps.length === 0 ? document.contents : document.getIn(steps, true);
    const range = (node as { range?: readonly number[] | null } | undefined)?.range;
    return range?.[0] ?? (steps.length === 0 ? 0 : offsetOf(steps.slice(0, -1)));
  };
  for (const { pos, message } of document.errors) report(pos[0], `This is not valid YAML: ${message}.`);
  if (document.errors.length > 0) return undefined;
  const parsed = testFileSchema.safeParse(document.toJS({ maxAliasCount: 1000 }));
  if (!parsed.success) {
    for (const issue of parsed.error.issues) report(offsetOf(issue.path), sentenceOf(issue));
    return undefined;
  }

  const { base = {}, lists = {}, policy, tests } = parsed.data;
  const read: PolicyTest[] = [];
  for (const [index, test] of tests.entries()) {
    const offset = offsetOf(["tests", index]);
    const { line } = lines.linePos(offset ?? 0);
    const decoded = recordsOf(base, test).map((record) => decodeRecord(record));
    const rejected = decoded.find((one) => one.outcome === "rejected");
    if (rejected !== undefined) {
      const message = `The record of the test "${test.name}" is no CloudTrail record: ${rejected.rejection.message}`;
      report(offset, message);
      continue;
    }
    const records = decoded.flatMap((one) => (one.outcome === "record" ? [one.record] : []));
    if (records.length > mostRecords) {
      report(
        offset,
        `The test "${test.name}" has ${records.length} records; at most ${mostRecords} are run.`,
      );
      continue;
    }
    read.push({ name: test.name, policy: test.policy ?? policy, expect: test.expect, records, line });
  }
  return { path, lists, tests: read };
}

/** What a correlation window holds: more records would test the bound, not the policy. */
const mostRecords = 2000;

function recordsOf(
  base: RecordParts,
  {
    record,
    records,
    ...own
  }: RecordParts & {
    readonly record?: JsonObject | undefined;
    readonly records?: readonly StepParts[] | undefined;
  },
): readonly JsonObject[] {
  if (record !== undefined) return [record];
  return records === undefined
    ? [buildRecord([base, own])]
    : buildSequence(records, (step) => buildRecord([base, own, step]));
}

/** A record from its parts, the more particular ones last. */
function buildRecord(parts: readonly RecordParts[]): JsonObject {
  // A record that is extended by name is whole: what stands before describes the others.
  const named = parts.findLastIndex((layer) => layer.extends !== undefined);
  const layers = named <= 0 ? parts : parts.slice(named);
  const start = fixtureRecords[parts[named]?.extends ?? "call"] ?? {};
  const record = structuredClone(start) as Record<string, unknown>;
  const actor = layers.findLast((layer) => layer.actor !== undefined)?.actor;
  if (actor !== undefined) record.userIdentity = structuredClone(fixtureActors[actor]);
  for (const { set = {}, remove = [] } of layers) {
    for (const [path, value] of Object.entries(set)) setPath(record, path.split("."), structuredClone(value));
    for (const path of remove) removePath(record, path.split("."));
  }
  return record;
}

function setPath(
  target: Record<string, unknown>,
  [key = "", ...rest]: readonly string[],
  value: unknown,
): void {
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const inner = isObject(target[key]) ? { ...target[key] } : {};
  setPath(inner, rest, value);
  target[key] = inner;
}

function removePath(target: Record<string, unknown>, [key = "", ...rest]: readonly string[]): void {
  if (rest.length === 0) delete target[key];
  else if (isObject(target[key])) removePath(target[key] as Record<string, unknown>, rest);
}

function sentenceOf(issue: z.core.$ZodIssue): string {
  const where = issue.path.length === 0 ? "The file" : `\`${issue.path.map(String).join(".")}\``;
  if (issue.code === "unrecognized_keys") {
    const known =
      issue.path[2] === "records"
        ? Object.keys(stepParts)
        : issue.path[0] === "tests"
          ? ["name", "record", "records", "policy", "expect", ...Object.keys(recordParts)]
          : issue.path[0] === "base"
            ? Object.keys(recordParts)
            : ["policy", "lists", "base", "tests"];
    const hints = issue.keys.map((key) => {
      const meant = nearest(key, known);
      return meant === undefined ? `Known keys: ${known.join(", ")}.` : `Did you mean \`${meant}\`?`;
    });
    return `${where} has the unknown key \`${issue.keys.join("`, `")}\`. ${[...new Set(hints)].join(" ")}`;
  }
  if (issue.code === "invalid_value")
    return `${where} must be one of ${issue.values.map(String).join(", ")}.`;
  return `${where}: ${issue.message.replace(/\.$/, "")}.`;
}
