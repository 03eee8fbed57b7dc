#!/usr/bin/env node
// Runs the TypeScript of this package with the Node.js that the project pins, whatever the machine has.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const main = new URL("../src/main.ts", import.meta.url);
if (process.features.typescript) await import(main.href);
else {
  const pinned = join(dirname(createRequire(import.meta.url).resolve("node/package.json")), "bin", "node");
  const { status } = spawnSync(pinned, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: "inherit" });
  process.exitCode = status ?? 1;
}
