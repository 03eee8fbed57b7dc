import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

function read(path: string): string {
  return readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");
}
const page = read("docs/SEMANTICS-first-seen.md").replaceAll("\n", " ");
const files: Readonly<Record<string, string>> = {
  D: "packages/policies/src/first-seen/first-seen-document.test.ts",
  F: "packages/policies/src/first-seen/first-seen.test.ts",
  L: "packages/policies/src/load/load-policies.test.ts",
  P: "packages/detection/src/correlation/first-seen.test.ts",
};
const named = [...page.matchAll(/\b([DFLP]) "([^"]+)"/g)].map(([, file = "", title = ""]) => ({
  file,
  title,
}));

test("docs/SEMANTICS-first-seen.md names tests", () => expect(named.length).toBeGreaterThan(20));

test.each(named)('it names $file "$title", which exists', ({ file, title }) => {
  expect(read(files[file] ?? "")).toContain(title);
});
