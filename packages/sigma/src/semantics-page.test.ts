import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../../..");
const page = ["docs/SEMANTICS.md", "docs/SEMANTICS-correlations.md"]
  .map((path) => readFileSync(join(root, path), "utf8"))
  .join("\n\n");

/** Each "**Held by**" paragraph, as the tests it names: a file and a title. */
const held = [...page.matchAll(/\*\*Held by\*\* (.*?)(?=\n\n|$)/gs)].flatMap(([, paragraph = ""]) => {
  let file = "";
  return [...paragraph.replaceAll("\n", " ").matchAll(/`([^` ]+\.test\.ts)`|"([^"]+)"/g)].flatMap(
    ([, path, title]) => {
      file = path ?? file;
      return title === undefined ? [] : [{ file, title }];
    },
  );
});

describe("docs/SEMANTICS.md", () => {
  test("names a test for every choice", () => {
    const choices = page.split("**Chosen.**").length - 1;
    expect(page.split("**Held by**").length - 1).toBe(choices);
    expect(held.length).toBeGreaterThanOrEqual(choices);
  });

  test.each(held)('names "$title" in $file, which exists', ({ file, title }) => {
    const path = join(file.startsWith("packages/") ? root : import.meta.dirname, file);
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path, "utf8")).toContain(title);
  });
});
