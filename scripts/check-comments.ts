/**
 * Says whether two commits differ in comments alone: the product is bundled at both without comments and white space, but
 * with every name, and the bundles are compared byte by byte. Tests are not bundled.
 *
 *     npm run check:comments -- <base> [head]
 */
import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ensurePlatform, loadFromPlatform } from "./synth/platform.ts";

/** What starts, is deployed or is imported by name: between them they reach everything but tests. */
const entries = [
  "packages/*/src/{index,main}.ts",
  "packages/*/src/**/worker.ts",
  "packages/consumer/src/lambda/*.ts",
  "packages/*/bin/*.ts",
  "scripts/**/*.ts",
  "stacks/*.ts",
];

interface Esbuild {
  build(
    options: Record<string, unknown>,
  ): Promise<{ readonly outputFiles: readonly { readonly text: string }[] }>;
}

interface EsbuildPluginBuild {
  onResolve(
    options: { filter: RegExp },
    resolve: (imported: { path: string }) => { path: string } | { path: string; external: true },
  ): void;
}

const root = resolve(import.meta.dirname, "..");
const [base, head = "HEAD"] = process.argv.slice(2);
if (base === undefined) fail("usage: npm run check:comments -- <base> [head]", 2);
await ensurePlatform(root);
const esbuild = loadFromPlatform(root, "esbuild") as Esbuild;

const work = mkdtempSync(join(tmpdir(), "streamwarden-comments-"));
process.once("exit", () => rmSync(work, { recursive: true, force: true }));
const [before, after] = [await bundles(base, "before"), await bundles(head, "after")];
const names = [...new Set([...before.keys(), ...after.keys()])].toSorted();
const different = names.filter((name) => before.get(name) !== after.get(name));
for (const name of different) process.stdout.write(`differs: ${name}\n`);
if (different.length > 0)
  fail(`${base}..${head}: ${different.length} of ${names.length} bundles differ in more than comments.`);
process.stdout.write(`${base}..${head}: ${names.length} bundles are byte-identical without comments.\n`);

/** The text of each entry's bundle at a commit, by the entry's path. */
async function bundles(commit: string, name: string): Promise<ReadonlyMap<string, string>> {
  const tree = join(work, name);
  mkdirSync(tree);
  const archive = execFileSync("git", ["archive", commit, "packages", "scripts", "stacks"], {
    cwd: root,
    maxBuffer: 2 ** 30,
  });
  execFileSync("tar", ["-x", "-C", tree], { input: archive });
  const found = new Map<string, string>();
  for (const entry of entries.flatMap((pattern) => globSync(pattern, { cwd: tree }))) {
    if (/\.test\.ts$|\/testing\//.test(entry)) continue;
    const { outputFiles } = await esbuild.build({
      entryPoints: [join(tree, entry)],
      absWorkingDir: tree,
      bundle: true,
      write: false,
      format: "esm",
      platform: "node",
      target: "esnext",
      keepNames: true,
      minifyWhitespace: true,
      legalComments: "none",
      logLevel: "silent",
      plugins: [{ name: "workspace", setup: (build: EsbuildPluginBuild) => resolveWorkspace(build, tree) }],
    });
    found.set(entry, outputFiles.map(({ text }) => text).join("\n"));
  }
  return found;
}

/** Our packages are bundled as they stand at that commit; what comes from npm is left out. */
function resolveWorkspace(build: EsbuildPluginBuild, tree: string): void {
  build.onResolve({ filter: /^[^./]/ }, ({ path }) => {
    const [, name, subpath = ""] = /^@streamwarden\/([^/]+)(\/.*)?$/.exec(path) ?? [];
    if (name === undefined) return { path, external: true };
    const folder = join(tree, "packages", name);
    const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      exports: string | Readonly<Record<string, string>>;
    };
    const file = typeof exports === "string" ? exports : exports[`.${subpath}`];
    if (file === undefined) throw new Error(`${path} is not among the exports of packages/${name}.`);
    return { path: join(folder, file) };
  });
}

function fail(message: string, code = 1): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}
