import { decodeRecord, derivedFields } from "@streamwarden/cloudtrail";
import { link, parse, type Ruleset } from "@streamwarden/sigma";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonScanner } from "../read/json-scanner.ts";
import { PreFilter } from "./pre-filter.ts";

function rulesetOf(...detections: string[]): Ruleset {
  const text = detections
    .map(
      (detection, index) =>
        `title: ${index}\nlogsource: {product: aws}\nlevel: low\ndetection:\n  s:\n    ${detection}\n  condition: s\n`,
    )
    .join("---\n");
  const parsed = parse([{ path: "rules.yml", text }]);
  const { ruleset, problems } = link(parsed.documents, { derived: derivedFields });
  expect([...parsed.problems, ...problems].filter(({ severity }) => severity === "error")).toEqual([]);
  return ruleset;
}

const scanner = new JsonScanner();
function isUnwanted(filter: PreFilter | undefined, text: string): boolean {
  const bytes = Buffer.from(text);
  expect(scanner.scan(bytes, 0, bytes.length, true, false)).toBe("complete");
  return filter?.isUnwanted(bytes, 0, scanner) ?? false;
}
function text(parts: object = {}): string {
  return JSON.stringify({
    eventVersion: "1.08",
    eventTime: "2026-01-02T03:04:05Z",
    eventSource: "ivs.amazonaws.com",
    eventName: "CreateChannel",
    ...parts,
  });
}

describe("a filter", () => {
  test("is not possible when a rule may be true of any record", () => {
    expect(PreFilter.of(rulesetOf("eventName: A", "userAgent|contains: x"))).toBeUndefined();
    expect(PreFilter.of(rulesetOf("eventName: A", "actor.kind: root"))).toBeUndefined();
    expect(PreFilter.of(rulesetOf("eventName|endswith: A"))).toBeUndefined();
  });
  test.each<[string, string, string, boolean]>([
    ["another name", "eventName: DeleteChannel", text(), true],
    ["the name", "eventName: CreateChannel", text(), false],
    ["the name in other letters", "eventName: createCHANNEL", text(), false],
    [
      "the name with an escape",
      "eventName: CreateChannel",
      text().replace("CreateChannel", "\\u0043reateChannel"),
      false,
    ],
    [
      "the name with the Kelvin sign",
      "eventName: makechannel",
      text({ eventName: "Ma\u212aeChannel" }),
      false,
    ],
    ["the name of another source", "{eventName: CreateChannel, eventSource: s3.amazonaws.com}", text(), true],
    [
      "the name inside the request",
      "eventName: DeleteChannel",
      text({ requestParameters: { eventName: "DeleteChannel" } }),
      true,
    ],
    ["a derived field of IVS, for a record of IVS", "ivs.mutating: true", text(), false],
    [
      "a derived field of IVS, for another record",
      "ivs.mutating: true",
      text({ eventSource: "s3.amazonaws.com" }),
      true,
    ],
    ["the identity's type", "userIdentity.type: Root", text({ userIdentity: { type: "Root" } }), false],
    [
      "another type",
      "userIdentity.type: Root",
      text({ userIdentity: { type: "IAMUser", x: { type: "Root" } } }),
      true,
    ],
    ["an error code that is absent", "errorCode: AccessDenied", text(), true],
    ["a long user agent", "userAgent: x", text({ userAgent: "x".repeat(1000) }), true],
    [
      "a long user agent that is wanted",
      `userAgent: ${"x".repeat(1000)}`,
      text({ userAgent: "X".repeat(1000) }),
      false,
    ],
    ["a record that is rejected: no time", "eventName: X", text({ eventTime: undefined }), false],
    ["a record that is rejected: an empty time", "eventName: X", text({ eventTime: "" }), false],
    [
      "a record that is rejected: no such day",
      "eventName: X",
      text({ eventTime: "2026-02-30T00:00:00Z" }),
      false,
    ],
    ["a record that is rejected: its version", "eventName: X", text({ eventVersion: "2.0" }), false],
    [
      "a record that is rejected: an Insights event",
      "eventName: X",
      text({ eventCategory: "Insight", eventName: undefined, eventSource: undefined }),
      false,
    ],
    ["a record that is rejected: an empty name", "eventName: X", text({ eventName: "" }), false],
    ["a record that is rejected: a long name", "eventName: X", text({ eventName: "x".repeat(600) }), false],
    [
      "a record of hundreds of levels",
      "eventName: X",
      text({ a: JSON.parse(`${"[".repeat(900)}${"]".repeat(900)}`) }),
      true,
    ],
  ])("%s", (_, detection, record, expected) => {
    expect(isUnwanted(PreFilter.of(rulesetOf(detection)), record)).toBe(expected);
  });
});

describe("law: a record that is passed over is a record, and no rule is true of it", () => {
  const ruleset = rulesetOf(
    "{eventSource: ivs.amazonaws.com, eventName: [CreateChannel, K]}",
    "eventName: [deletechannel, 'ß', '']",
    "{userIdentity.type: Root, eventType: AwsApiCall}",
    "errorCode: [AccessDenied, 'null', 'true', '']",
    "userAgent: TruffleHog",
    "{ivs.access: write, errorCode: X}",
  );
  const filter = PreFilter.of(ruleset);
  const rare = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
  const often = <T>(usual: fc.Arbitrary<T>, unusual: fc.Arbitrary<T>): fc.Arbitrary<T> =>
    fc.oneof({ weight: 6, arbitrary: usual }, { weight: 1, arbitrary: unusual });
  const name = often<unknown>(
    fc.constantFrom("CreateChannel", "createchannel", "Other", "GetChannel", "ListChannels"),
    fc.constantFrom(
      "K",
      "\u212a",
      "ß",
      "ẞ",
      "",
      "DeleteChannel",
      "x".repeat(600),
      null,
      1,
      ["CreateChannel"],
      { K: "K" },
    ),
  );
  const source = often<unknown>(
    fc.constantFrom("ivs.amazonaws.com", "IVS.amazonaws.com", "s3.amazonaws.com"),
    fc.constantFrom(undefined, "", 7),
  );
  const value = often<unknown>(
    fc.constantFrom("Root", "AccessDenied", "TruffleHog", "AwsApiCall", "X", "Y", "Z", "", null, undefined),
    fc.oneof(fc.constantFrom("null", "true", "1", 1, "AwsCloudTrailInsight", "Insight"), fc.jsonValue()),
  );
  const lookAlike = fc.record({ eventName: name, eventSource: source, type: value }, { requiredKeys: [] });
  const record = fc.record(
    {
      eventName: name,
      eventSource: source,
      eventTime: often<unknown>(
        fc.constant("2026-01-02T03:04:05Z"),
        fc.constantFrom("2026-02-30T03:04:05Z", "2026-01-02 03:04:05.000", "", 5),
      ),
      eventVersion: often<unknown>(
        fc.constantFrom("1.08", "1.1", null),
        fc.constantFrom("2.0", 1.08, "1.", "1"),
      ),
      eventType: value,
      eventCategory: value,
      errorCode: value,
      userAgent: value,
      userIdentity: fc.oneof(
        fc.record({ type: value, more: lookAlike }, { requiredKeys: [] }),
        fc.array(lookAlike),
        value,
      ),
      requestParameters: lookAlike,
      "userIdentity.type": rare(value),
      detail: rare(lookAlike),
      logFiles: rare(fc.array(value)),
      digestS3Object: rare(value),
    },
    { requiredKeys: ["eventName", "eventSource", "eventTime"] },
  );
  /** The text of the record with some letters written as escapes, and some keys twice. */
  const written = fc
    .tuple(record, fc.option(fc.nat(), { nil: undefined, freq: 1 }), rare(record))
    .map(([value, place, other]) => {
      let json = JSON.stringify(value);
      if (other !== undefined) json = `${json.slice(0, -1)},${JSON.stringify(other).slice(1)}`;
      if (place === undefined) return json;
      const letters = [...json.matchAll(/[A-Za-z](?=[A-Za-z.]*")/g)];
      const letter = letters[place % Math.max(1, letters.length)];
      if (letter === undefined) return json;
      const escaped = `\\u${letter[0].charCodeAt(0).toString(16).padStart(4, "0")}`;
      return `${json.slice(0, letter.index)}${escaped}${json.slice(letter.index + 1)}`;
    });

  test("for arbitrary records: escapes, letters in other cases, look-alikes, keys given twice", () => {
    let passed = 0;
    fc.assert(
      fc.property(written, (json) => {
        if (!isJson(json) || !isUnwanted(filter, json)) return;
        passed++;
        const decoded = decodeRecord(JSON.parse(json));
        expect(decoded.outcome).toBe("record");
        if (decoded.outcome === "record") expect(ruleset.match(decoded.record)).toEqual([]);
      }),
      { numRuns: 3000 },
    );
    expect(passed).toBeGreaterThan(50);
  });
});

function isJson(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}
