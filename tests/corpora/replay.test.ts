import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

/** Public rules and records, kept beside the repository and not in it. */
const root = join(import.meta.dirname, "../..");
const corpora = join(root, "../shared/corpora");
const rules = join(corpora, "sigmahq-cloudtrail");
const records = join(corpora, "invictus-aws");

interface Output {
  readonly records: number;
  readonly quarantined: number;
  readonly policies: readonly { readonly title: string; readonly matches: number }[];
  readonly rejected: readonly unknown[];
  readonly files: { readonly read: number; readonly skipped: number };
}

function replay(format: string, ...options: string[]): string {
  const args = [
    "packages/cli/src/main.ts",
    "replay",
    records,
    "--policies",
    rules,
    "--format",
    format,
    ...options,
  ];
  // The notes on stderr are for a person.
  return execFileSync(process.execPath, args, { cwd: root, encoding: "utf8", stdio: "pipe" });
}
function counts(...options: string[]): Output {
  return JSON.parse(replay("json", ...options));
}

if (existsSync(rules) && existsSync(records)) {
  describe("streamwarden replay over the Invictus records with SigmaHQ's CloudTrail rules", () => {
    test("counts what two independent engines count", () => {
      const output = counts();
      const matched = output.policies.filter(({ matches }) => matches > 0);
      expect([output.records, output.quarantined, output.rejected]).toEqual([2900, 0, []]);
      expect(matched.reduce((sum, { matches }) => sum + matches, 0)).toBe(109);
      expect([matched.length, output.policies.length]).toEqual([11, 57]);
      expect(output.files).toMatchObject({ read: 55, skipped: 2 });
    });

    test("counts the same with several threads and without the pre-filter", () => {
      const { policies } = counts();
      for (const options of [["--jobs", "3"], ["--no-pre-filter"], ["--jobs", "2", "--no-pre-filter"]]) {
        expect(counts(...options).policies).toEqual(policies);
      }
    });

    test("prints a line for each match", () => {
      const lines = replay("ndjson").trimEnd().split("\n");
      expect(lines).toHaveLength(109);
      expect(Object.keys(JSON.parse(lines[0] ?? "{}"))).toEqual(
        expect.arrayContaining(["policy", "level", "eventID", "eventTime", "actor", "file", "record"]),
      );
    });
  });
} else {
  describe("streamwarden replay over public records", () => {
    test("is left out: the corpora are not beside the repository", () => {
      process.stdout.write(`replay: ${corpora} is missing, nothing was compared\n`);
    });
  });
}
