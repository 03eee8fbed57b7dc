import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compilePattern } from "./compile-pattern.ts";
import { PatternError } from "./errors.ts";

interface Verdict {
  readonly pattern: unknown;
  readonly event: unknown;
  readonly verdict: "true" | "false" | "refused";
}

// Recorded from AWS's own matcher: each line was answered by event-ruler 2.0.1 (Machine.addRule, rulesForJSONEvent).
const verdicts = readFileSync(new URL("ruler-verdicts.jsonl", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Verdict);

function ours({ pattern, event }: Verdict): Verdict["verdict"] {
  try {
    return compilePattern(pattern)(event) ? "true" : "false";
  } catch (error) {
    if (error instanceof PatternError) return "refused";
    throw error;
  }
}

test("every recorded verdict of AWS's event-ruler 2.0.1 is ours too", () => {
  expect(verdicts.length).toBeGreaterThan(600);
  const different = verdicts.filter((verdict) => ours(verdict) !== verdict.verdict);
  expect(different).toEqual([]);
});
