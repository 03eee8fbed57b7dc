import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compilePatternText } from "./compile-pattern.ts";
import { PatternError } from "./errors.ts";

interface Verdict {
  /** JSON texts, since parsing hides what Ruler sees: names written twice, digits of numbers. */
  readonly pattern: string;
  readonly event: string;
  readonly verdict: "true" | "false" | "rejected";
  /** Ruler's measure of the pattern's wildcards. */
  readonly complexity?: number;
}

// Recorded from AWS's own matcher: each line was answered by event-ruler 2.1.0 (Machine.addRule, rulesForJSONEvent,
// evaluateComplexity).
const verdicts = readFileSync(new URL("ruler-verdicts.jsonl", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Verdict);

/** The verdict, and the code where it is a rejection. */
function ours(pattern: string, event: string): string {
  try {
    return compilePatternText(pattern)(JSON.parse(event)) ? "true" : "false";
  } catch (error) {
    if (error instanceof PatternError) return error.code;
    throw error;
  }
}

/** Where we reject and Ruler does not, each for the reason that its code says. See the README. */
const stricter = new Set(["duplicate-name", "inexact-number"]);

test("no pattern that AWS's event-ruler 2.1.0 rejects is taken", () => {
  const rejected = verdicts.filter(({ verdict }) => verdict === "rejected");
  expect(rejected.length).toBeGreaterThan(200);
  expect(rejected.filter(({ pattern, event }) => ["true", "false"].includes(ours(pattern, event)))).toEqual(
    [],
  );
});

test("every verdict of AWS's event-ruler 2.1.0 is ours too", () => {
  const answered = verdicts.filter(
    ({ verdict, complexity = 0 }) => verdict !== "rejected" && complexity <= 10,
  );
  const different = answered.flatMap(({ pattern, event, verdict }) => {
    const verdictOfOurs = ours(pattern, event);
    return verdictOfOurs === verdict || stricter.has(verdictOfOurs)
      ? []
      : [{ pattern, event, verdictOfOurs }];
  });
  expect(answered.length).toBeGreaterThan(800);
  expect(different).toEqual([]);
});

test("wildcards beyond a complexity of ten are rejected", () => {
  const complex = verdicts.filter(({ complexity = 0 }) => complexity > 10);
  expect(complex.length).toBeGreaterThan(20);
  for (const { pattern, event } of complex)
    expect([pattern, ours(pattern, event)]).toEqual([pattern, "too-complex"]);
});

describe("where we differ from Ruler 2.1.0 on purpose", () => {
  test.each<[why: string, pattern: string, event: string, ruler: string, ours: string]>([
    ["a name written twice", '{"a":["x"],"a":["y"]}', '{"a":"y"}', "true", "duplicate-name"],
    [
      "a name written twice, merged",
      '{"a":{"b":[1]},"a":{"c":[1]}}',
      '{"a":{"c":1}}',
      "false",
      "duplicate-name",
    ],
    [
      "a plain number of 17 digits",
      '{"a":[12345678901234567]}',
      '{"a":12345678901234567}',
      "true",
      "inexact-number",
    ],
    ["a number in all of IPv6", '{"a":[{"cidr":"::/0"}]}', '{"a":1}', "true", "false"],
    ["a number in half of IPv6", '{"a":[{"cidr":"::/1"}]}', '{"a":1}', "true", "false"],
    ["a number in all of IPv4", '{"a":[{"cidr":"0.0.0.0/0"}]}', '{"a":1}', "true", "false"],
    ["a number in half of IPv4", '{"a":[{"cidr":"0.0.0.0/1"}]}', '{"a":1}', "true", "false"],
    ["a number in a quarter of IPv4", '{"a":[{"cidr":"0.0.0.0/2"}]}', '{"a":1}', "true", "false"],
    ["a long number of an event", '{"a":[{"numeric":[">",0]}]}', '{"a":12345678901234567}', "false", "true"],
    ["text after the pattern", '{"a":["x"]} y', '{"a":"x"}', "true", "not-json"],
  ])("%s", (_, pattern, event, ruler, expected) => {
    expect(ours(pattern, event)).toBe(expected);
    expect(ruler).not.toBe(expected);
  });
});
