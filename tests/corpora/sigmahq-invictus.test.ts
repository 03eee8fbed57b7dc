import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseConfig } from "@streamwarden/config";
import { loadPolicies } from "@streamwarden/policies";
import { formatProblem, type JsonObject, link, parse } from "@streamwarden/sigma";
import { describe, expect, test } from "vitest";

/** Public rules and records, kept beside the repository and not in it. */
const corpora = join(import.meta.dirname, "../../../shared/corpora");
const rulesFolder = join(corpora, "sigmahq-cloudtrail");
const recordsFolder = join(corpora, "invictus-aws/CloudTrail");

if (existsSync(rulesFolder) && existsSync(recordsFolder)) {
  describe("SigmaHQ's CloudTrail rules over the Invictus records", () => {
    const files = readdirSync(rulesFolder)
      .filter((name) => name.endsWith(".yml"))
      .map((name) => ({ path: name, text: readFileSync(join(rulesFolder, name), "utf8") }));
    const records = readdirSync(recordsFolder)
      .filter((name) => name.endsWith(".json"))
      .flatMap((name): JsonObject[] => JSON.parse(readFileSync(join(recordsFolder, name), "utf8")).Records);
    const parsed = parse(files);
    const logsource = { product: "aws", service: "cloudtrail" };
    const { ruleset, problems } = link(parsed.documents, { logsource });

    test("loads every rule, or rejects it with a reason", () => {
      const rejected = [...parsed.problems, ...problems].filter((problem) => problem.severity === "error");
      expect(rejected.map(formatProblem)).toEqual([]);
      expect(ruleset.rules).toHaveLength(files.length);
    });

    test("finds no field in the rules that a record could not have", () => {
      const loaded = loadPolicies({ files }, parseConfig("", "streamwarden.yml"));
      const slips = loaded.problems.filter(
        ({ code }) => code === "unknown-field" || code === "unknown-value",
      );
      expect(slips).toEqual([]);
    });

    test("finds the 109 matches over 11 rules that two independent engines agree on", () => {
      const counts = new Map<string, number>();
      for (const record of records) {
        for (const rule of ruleset.match(record)) {
          counts.set(rule.title, (counts.get(rule.title) ?? 0) + 1);
          expect(ruleset.reasons(rule, record)).not.toEqual([]);
        }
      }
      expect(records).toHaveLength(2900);
      expect(counts.size).toBe(11);
      expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(109);
    });

    test("finds the same without the index", () => {
      const plain = link(parsed.documents, { logsource, index: false }).ruleset;
      for (const record of records) {
        expect(plain.match(record).map((rule) => rule.id)).toEqual(
          ruleset.match(record).map((rule) => rule.id),
        );
      }
    });
  });
} else {
  describe("SigmaHQ's CloudTrail rules over the Invictus records", () => {
    test("is left out: the corpora are not beside the repository", () => {
      process.stdout.write(`sigmahq-invictus: ${corpora} is missing, nothing was compared\n`);
    });
  });
}
