import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { load } from "../testing/rules.ts";
import { type ProblemCode, problemCodes } from "./problem-codes.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/errors.md"), "utf8");
const sections = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((section): [string, string] => [section.slice(1, section.indexOf("`", 1)), section]),
);
const codes = Object.entries(problemCodes) as [ProblemCode, "error" | "warning"][];

const options = { placeholders: { ApprovedRegions: ["eu-west-1"] } };
function examplesOf(section: string): string[] {
  return [...section.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1] ?? "");
}

describe("the page of problem codes", () => {
  test("has a section for every code, and none for codes that do not exist", () => {
    const missing = codes.map(([code]) => code).filter((code) => !sections.has(code));
    const unknown = [...sections.keys()].filter((code) => !Object.hasOwn(problemCodes, code));
    expect({ missing, unknown }).toEqual({ missing: [], unknown: [] });
  });

  test.each(codes.filter(([code]) => sections.has(code)))(
    "shows an example of `%s` (%s) and its fix",
    (code, severity) => {
      const section = sections.get(code) ?? "";
      const [bad = "", good] = examplesOf(section);
      expect(section).toMatch(severity === "error" ? /[*_]Error\.[*_]/ : /[*_]Warning\.[*_]/);
      expect(load(bad, options).problems.map((problem) => problem.code)).toContain(code);
      if (good !== undefined) {
        expect(load(good, options).problems).toEqual([]);
      }
    },
  );

  test.each(codes.filter(([code]) => sections.has(code)))(
    "`%s` says where and speaks in sentences",
    (code) => {
      const [bad = ""] = examplesOf(sections.get(code) ?? "");
      for (const problem of load(bad, options).problems.filter((found) => found.code === code)) {
        expect(problem.path).toBe("rule.yml");
        expect(problem.line).toBeLessThanOrEqual(bad.split("\n").length);
        expect(problem.column).toBeGreaterThan(0);
        expect(problem.message).toMatch(/[.)]$/);
      }
    },
  );
});
