import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** The walls between the packages are lint rules. Each row plants one import and names the rule that must find it. */
const planted: readonly (readonly [file: string, code: string, rule: string | undefined])[] = [
  ["packages/alerting/src/up.ts", 'import "@streamwarden/detection";', "style/noRestrictedImports"],
  ["packages/alerting/src/re-export.ts", 'export * from "@streamwarden/cli";', "style/noRestrictedImports"],
  ["packages/alerting/src/up.test.ts", 'import "@streamwarden/consumer";', "style/noRestrictedImports"],
  [
    "packages/alerting/src/types.ts",
    'export type { A } from "@streamwarden/detection";',
    "style/noRestrictedImports",
  ],
  ["packages/alerting/src/late.ts", 'await import("@streamwarden/detection");', "style/noRestrictedImports"],
  ["packages/alerting/src/down.ts", 'import "@streamwarden/cloudtrail";', undefined],
  ["packages/sigma/src/base.ts", 'import "@streamwarden/base";', "style/noRestrictedImports"],
  ["packages/capture/src/room/base.ts", 'import "@streamwarden/base";', "style/noRestrictedImports"],
  ["packages/local/src/sigma.ts", 'import "@streamwarden/sigma";', "style/noRestrictedImports"],
  ["packages/detection/src/down.ts", 'import "@streamwarden/alerting";', undefined],
  ["packages/cli/src/commands/down.ts", 'import "@streamwarden/consumer";', undefined],
  ["stacks/alerts.ts", 'import "@streamwarden/alerting";', "style/noRestrictedImports"],
  ["stacks/rules.ts", 'import "@streamwarden/capture";', undefined],
  ["packages/cli/src/a/deep.ts", 'import "../../../sigma/src/load.ts";', "style/noRestrictedImports"],
  ["packages/cli/src/deep.ts", 'import "@streamwarden/sigma/src/load.ts";', "style/noRestrictedImports"],
  ["packages/cli/src/fixture.ts", 'import "./testing/fixture.ts";', "plugin"],
  ["packages/cli/src/fixtures.ts", 'import "@streamwarden/local/testing";', "plugin"],
  ["packages/cli/src/fixture-type.ts", 'export type A = import("./testing/a.ts").A;', "plugin"],
  ["packages/cli/src/fixture.test.ts", 'import "./testing/fixture.ts";', undefined],
  ["packages/cli/src/testing/more.ts", 'import "./fixture.ts";', undefined],
  ["packages/cli/src/one.ts", 'import "./two.ts";', "suspicious/noImportCycles"],
  ["packages/cli/src/two.ts", 'import "./one.ts";', "suspicious/noImportCycles"],
  ["packages/cli/src/three.ts", 'export type { B as A } from "./four.ts";', "suspicious/noImportCycles"],
  ["packages/cli/src/four.ts", 'export type { A as B } from "./three.ts";', "suspicious/noImportCycles"],
];

const root = join(import.meta.dirname, "../..");
const house = mkdtempSync(join(tmpdir(), "streamwarden-walls-"));
afterAll(() => rmSync(house, { recursive: true, force: true }));

let found: readonly { readonly path: string; readonly rule: string }[];

beforeAll(() => {
  copyFileSync(join(root, "biome.json"), join(house, "biome.json"));
  cpSync(join(root, "scripts/lint"), join(house, "scripts/lint"), { recursive: true });
  for (const [file, code] of planted) {
    mkdirSync(dirname(join(house, file)), { recursive: true });
    writeFileSync(join(house, file), `${code}\n`);
  }
  found = lint();
});

describe("an import", () => {
  test.each(planted)("in %s: %s", (file, _, rule) => {
    const rules = new Set(found.filter(({ path }) => path === file).map((diagnostic) => diagnostic.rule));
    expect([...rules]).toEqual(rule === undefined ? [] : [rule]);
  });
});

function lint(): { path: string; rule: string }[] {
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
  const options = ["lint", "--vcs-enabled=false", "--reporter=json", "--max-diagnostics=none"];
  const { stdout } = spawnSync(process.execPath, [biome, ...options, "."], { cwd: house, encoding: "utf8" });
  const report = JSON.parse(stdout) as { diagnostics: { category: string; location: { path: string } }[] };
  return report.diagnostics.map(({ category, location }) => ({
    path: location.path,
    rule: category.replace("lint/", ""),
  }));
}
