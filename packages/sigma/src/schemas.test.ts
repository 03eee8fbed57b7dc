import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { modifiers } from "./parse/modifiers.ts";

const folder = join(import.meta.dirname, "../schemas");
function read(path: string): string {
  return readFileSync(path, "utf8");
}
const ajv = new Ajv2020({ allowUnionTypes: true, formats: { uuid: true } });
for (const name of readdirSync(folder)) {
  ajv.addSchema(JSON.parse(read(join(folder, name))), name);
}
function isValid(document: unknown) {
  return ajv.validate("sigma.schema.json", document);
}

const examples = read(join(import.meta.dirname, "../docs/errors.md"))
  .split(/^### /m)
  .slice(1)
  .map((section) => ({
    code: section.slice(1, section.indexOf("`", 1)),
    blocks: [...section.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1] ?? ""),
  }));
function documentsOf(text: string): unknown[] {
  return parseAllDocuments(text).map((document) => document.toJS());
}

describe("the JSON schemas for editors", () => {
  test.each(examples.filter(({ blocks }) => blocks.length > 1))(
    "accept the fixed example of `$code`",
    ({ blocks }) => {
      for (const document of documentsOf(blocks[1] ?? "")) {
        expect(isValid(document), ajv.errorsText()).toBe(true);
      }
    },
  );

  test.each([
    "legacy-action",
    "several-kinds",
    "missing-title",
    "missing-logsource",
    "missing-detection",
    "missing-condition",
    "invalid-attribute",
    "invalid-level",
    "invalid-metadata",
    "legacy-timeframe",
    "empty-detection",
    "invalid-detection",
    "nested-map",
    "unknown-modifier",
    "missing-rules",
  ])("underline the mistake of `%s` while it is written", (code) => {
    const [bad = ""] = examples.find((example) => example.code === code)?.blocks ?? [];
    expect(documentsOf(bad).every(isValid)).toBe(false);
  });

  test("know the same modifiers as the loader", () => {
    const common = JSON.parse(read(join(folder, "common.schema.json")));
    const pattern: string = common.$defs.fieldName.pattern;
    const names = /\(([a-z0-9|]+)\)/.exec(pattern)?.[1]?.split("|") ?? [];
    expect(names.toSorted()).toEqual([...modifiers].toSorted());
  });
});
