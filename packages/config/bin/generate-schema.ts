import { writeFileSync } from "node:fs";
import { configJsonSchema } from "../src/schema.ts";

// Writes the JSON Schema that editors use: `node bin/generate-schema.ts`.
const target = new URL("../schemas/streamwarden.schema.json", import.meta.url);
writeFileSync(target, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
