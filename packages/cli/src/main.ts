import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

// Stripping types and compiling is a third of a short command. The cache lies beside the packages, because the default is
// a folder for temporary files, where somebody else could put code.
enableCompileCache(fileURLToPath(new URL("../../../node_modules/.cache/streamwarden", import.meta.url)));

const { runCli } = await import("./program.ts");
process.exitCode = await runCli(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
});
