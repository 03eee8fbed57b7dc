import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

const project = fileURLToPath(new URL("../../..", import.meta.url)).replace(/[\\/]$/, "");

// Stripping types and compiling is a third of a short command. The cache lies beside the packages, because the default is
// a folder for temporary files, where somebody else could put code.
enableCompileCache(`${project}/node_modules/.cache/streamwarden`);

const { callersFolder, defaultConfigFor } = await import("./callers-folder.ts");
const { runCli } = await import("./program.ts");

const started = process.cwd();
const caller = callersFolder(process.env, project, started);
// So that a path means the same to the person who types it, to the command, and in its messages.
process.chdir(caller);
process.exitCode = await runCli(process.argv.slice(2), process, {
  env: process.env,
  defaultConfig: defaultConfigFor(caller, started),
});
