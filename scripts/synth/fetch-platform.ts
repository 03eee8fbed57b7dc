/** Makes sure that `tsc --project tsconfig.stacks.json` has SST's types to check against. */
import { resolve } from "node:path";
import { ensurePlatform } from "./platform.ts";

try {
  await ensurePlatform(resolve(import.meta.dirname, "../.."));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
