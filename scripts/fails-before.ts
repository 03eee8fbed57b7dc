/**
 * `npm run test:before -- <base> <test files>`: which of these tests fail on the code of another commit.
 *
 * A test shows a fault mended only if it fails on the code before. The base is checked out beside this tree, the test
 * files are put over it, with the helpers they import that the base lacks (files of a `testing` or `support` folder),
 * and Vitest runs there. A file whose other imports the base lacks cannot run; that is said, and is no proof.
 *
 * Exit code: 0 when each file has a test that fails on the base, 1 when some file has none, 2 when it cannot be run.
 */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

interface FileResult {
  readonly name: string;
  /** Why the file itself did not run. */
  readonly message: string;
  readonly assertionResults: readonly {
    readonly fullName: string;
    readonly status: string;
    readonly failureMessages: readonly string[];
  }[];
}

const root = resolve(fileURLToPath(new URL("..", import.meta.url)));
const [base, ...files] = process.argv.slice(2);
if (base === undefined || files.length === 0)
  stop("Usage: npm run test:before -- <base commit> <test files>");
const commit = run("git", ["rev-parse", "--verify", "--quiet", `${base}^{commit}`]).trim();
if (commit === "") stop(`There is no commit "${base}".`);
for (const file of files) if (!existsSync(join(root, file))) stop(`There is no file ${file}.`);

const scratch = mkdtempSync(join(tmpdir(), "before-"));
const tree = join(scratch, "tree");
try {
  run("git", ["worktree", "add", "--detach", "--quiet", tree, commit]);
  linkModules();
  for (const file of files) put(file);
  report(results());
} finally {
  run("git", ["worktree", "remove", "--force", tree]);
  rmSync(scratch, { recursive: true, force: true });
}

function stop(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

function run(command: string, args: readonly string[]): string {
  return spawnSync(command, args, { cwd: root, encoding: "utf8" }).stdout;
}

/** The modules of this tree, but the packages of that one. */
function linkModules(): void {
  const from = join(root, "node_modules");
  const to = join(tree, "node_modules");
  mkdirSync(join(to, "@streamwarden"), { recursive: true });
  for (const name of readdirSync(from))
    if (name !== "@streamwarden" && name !== ".vite") symlinkSync(join(from, name), join(to, name));
  for (const name of readdirSync(join(tree, "packages"))) {
    symlinkSync(join(tree, "packages", name), join(to, "@streamwarden", name));
    const own = join(root, "packages", name, "node_modules");
    if (existsSync(own)) symlinkSync(own, join(tree, "packages", name, "node_modules"));
  }
}

/** Puts a file over the base, and the helpers that it imports and the base lacks. */
function put(file: string): void {
  mkdirSync(dirname(join(tree, file)), { recursive: true });
  cpSync(join(root, file), join(tree, file));
  for (const [, specifier = ""] of readFileSync(join(root, file), "utf8").matchAll(
    /from "(\.{1,2}\/[^"]+)"/g,
  )) {
    const imported = relative(root, resolve(root, dirname(file), specifier));
    const isHelper = /(^|\/)(testing|support)\//.test(imported);
    if (isHelper && !existsSync(join(tree, imported)) && existsSync(join(root, imported))) put(imported);
  }
}

function results(): readonly FileResult[] {
  const output = join(scratch, "results.json");
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const ran = spawnSync(
    process.execPath,
    [vitest, "run", ...files, "--reporter=json", `--outputFile=${output}`],
    { cwd: tree, encoding: "utf8" },
  );
  if (!existsSync(output))
    stop(`Vitest gave no results on ${commit.slice(0, 7)}:\n${ran.stdout}${ran.stderr}`);
  return JSON.parse(readFileSync(output, "utf8")).testResults;
}

function report(found: readonly FileResult[]): void {
  const print = (text: string) => process.stdout.write(`${text}\n`);
  print(`On ${commit.slice(0, 7)}:`);
  for (const file of files) {
    const result = found.find(({ name }) => name.endsWith(`/${file}`));
    const tests = result?.assertionResults ?? [];
    const failed = tests.filter(({ status }) => status === "failed");
    if (tests.length === 0) {
      print(`${file}: cannot run there. ${firstLine(result?.message ?? "Vitest did not find it.")}`);
    } else {
      print(`${file}: ${failed.length} of ${tests.length} fail`);
    }
    for (const { fullName, failureMessages } of failed) {
      print(`  fails: ${fullName}`);
      print(`         ${firstLine(failureMessages[0] ?? "")}`);
    }
    for (const { fullName } of tests.filter(({ status }) => status === "passed"))
      print(`  passes: ${fullName}`);
    if (failed.length === 0) process.exitCode = 1;
  }
}

function firstLine(text: string): string {
  const [line = ""] = text.split("\n");
  return line.slice(0, 160);
}
