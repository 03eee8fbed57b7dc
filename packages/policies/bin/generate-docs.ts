import { writeFileSync } from "node:fs";
import { parseConfig } from "@streamwarden/config";
import { policiesPage } from "../src/docs/documentation.ts";
import { loadPolicies } from "../src/load/load-policies.ts";
import { testFileJsonSchema } from "../src/policy-tests/test-file.ts";

// Writes what is generated from this package: `node bin/generate-docs.ts`.
const page = policiesPage(loadPolicies("configured", parseConfig("", "streamwarden.yml")));
writeFileSync(new URL("../../../docs/policies.md", import.meta.url), page);
const schema = `${JSON.stringify(testFileJsonSchema(), null, 2)}\n`;
writeFileSync(new URL("../schemas/policy-test.schema.json", import.meta.url), schema);
