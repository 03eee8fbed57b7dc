import { describe, expect, test } from "vitest";
import { compilePattern, compilePatternText } from "./compile-pattern.ts";

test("unrelated arrays do not multiply: a hostile event is answered at once", () => {
  const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
  const each = (value: unknown): Record<string, unknown> =>
    Object.fromEntries(names.map((name) => [name, value]));
  const matcher = compilePattern({ ...each({ x: [1] }), z: { p: [1], q: [1] } });
  const many = each(Array.from({ length: 20 }, () => ({ x: 1 })));
  // Eight free choices of twenty, and then none that fits: 25 billion combinations, if all were tried.
  expect(matcher({ ...many, z: [{ p: 1 }, { q: 1 }] })).toBe(false);
  expect(matcher({ ...many, z: [{ p: 1 }, { p: 1, q: 1 }] })).toBe(true);
});

describe("the length of a pattern", () => {
  /** `{"a":["xx..."]}` of so many characters. */
  const ofLength = (length: number): unknown => ({ a: ["x".repeat(length - 10)] });

  test.each([
    ["as AWS has it", {}, 2_048],
    ["as the caller has it", { maximumCharacters: 4_096 }, 4_096],
    ["below AWS's, as the caller has it", { maximumCharacters: 100 }, 100],
  ])("is bounded %s", (_, options, most) => {
    const reason = `the pattern has ${most + 1} characters of JSON and a rule takes ${most}; split it into several rules`;
    expect(JSON.stringify(ofLength(most))).toHaveLength(most);
    for (const compile of [
      (length: number) => compilePattern(ofLength(length), options),
      (length: number) => compilePatternText(JSON.stringify(ofLength(length)), options),
    ]) {
      expect(typeof compile(most)).toBe("function");
      expect(() => compile(most + 1)).toThrow(expect.objectContaining({ code: "too-long", reason }));
    }
  });
});
