import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { MODIFIERS } from "./parse/modifiers.ts";

const folder = join(import.meta.dirname, "../schemas");
const read = (path: string): string => readFileSync(path, "utf8");
const ajv = new Ajv2020({ allowUnionTypes: true, formats: { uuid: true } });
for (const name of readdirSync(folder)) {
  ajv.addSchema(JSON.parse(read(join(folder, name))), name);
}
const isValid = (document: unknown) => ajv.validate("sigma.schema.json", document);

const examples = read(join(import.meta.dirname, "../docs/errors.md"))
  .split(/^### /m)
  .slice(1)
  .map((section) => ({
    code: section.slice(1, section.indexOf("`", 1)),
    blocks: [...section.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1] ?? ""),
  }));
const documentsOf = (text: string): unknown[] => parseAllDocuments(text).map((document) => document.toJS());

describe("the JSON schemas for editors", () => {
  it.each(examples.filter(({ blocks }) => blocks.length > 1))(
    "accept the fixed example of `$code`",
    ({ blocks }) => {
      for (const document of documentsOf(blocks[1] ?? "")) {
        expect(isValid(document), ajv.errorsText()).toBe(true);
      }
    },
  );

  it.each([
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

  it("know the same modifiers as the loader", () => {
    const common = JSON.parse(read(join(folder, "common.schema.json")));
    const pattern: string = common.$defs.fieldName.pattern;
    const names = /\(([a-z0-9|]+)\)/.exec(pattern)?.[1]?.split("|") ?? [];
    expect(names.toSorted()).toEqual([...MODIFIERS].toSorted());
  });
});
