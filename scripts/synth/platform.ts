import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { mkdir, open, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** Where SST keeps the components that `sst.config.ts` and `stacks/` are written against. */
export const platformFolder = ".sst/platform";

/** The platform could not be fetched; the message says what to do. */
class PlatformError extends Error {
  readonly code = "PLATFORM";
  override readonly name = "PlatformError";
}

/**
 * Fetches the SST platform (its components and Pulumi's AWS types) with npm when it is missing or of another version
 * than the `sst` package. Needs the npm registry, no AWS account. Safe to call from several processes at once.
 *
 * @param root the repository
 * @throws PlatformError when `sst install` fails
 */
export async function ensurePlatform(root: string): Promise<void> {
  if (isPlatformReady(root)) return;
  await mkdir(join(root, ".sst"), { recursive: true });
  const release = await lock(join(root, ".sst/platform.lock"));
  try {
    if (!isPlatformReady(root)) await installPlatform(root);
  } finally {
    await release();
  }
}

/** npm writes `.package-lock.json` last, so its presence says that the installation was not cut off (and not bun's). */
function isPlatformReady(root: string): boolean {
  const platform = join(root, platformFolder);
  return (
    existsSync(join(platform, "node_modules/.package-lock.json")) &&
    existsSync(join(root, ".sst/provider-lock.json")) &&
    readVersion(join(platform, "version")) === sstVersion()
  );
}

/** Loads a package that comes with the platform: the same instance that SST's components use. */
export function loadFromPlatform(root: string, name: string): unknown {
  return createRequire(join(root, platformFolder, "package.json"))(name);
}

function readVersion(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8").trim() : undefined;
}

/** @throws PlatformError when the `sst` package is not installed */
function sstFolder(): string {
  try {
    return fileURLToPath(new URL("..", import.meta.resolve("sst")));
  } catch (cause) {
    throw new PlatformError("The sst package is not installed. Run `npm ci` first.", { cause });
  }
}

function sstVersion(): string {
  const manifest = JSON.parse(readFileSync(join(sstFolder(), "package.json"), "utf8")) as { version: string };
  return manifest.version;
}

async function installPlatform(root: string): Promise<void> {
  process.stderr.write("Fetching the SST platform from the npm registry (about a minute, once)...\n");
  // What an interrupted or a bun installation left behind would be kept by `sst install`.
  rmSync(join(root, platformFolder), { recursive: true, force: true });
  const install = spawn(process.execPath, [join(sstFolder(), "bin/sst.mjs"), "install"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      // Pulumi's engine and bun are needed to deploy, not to read types or to print the graph.
      SST_SKIP_DEPENDENCY_CHECK: "1",
      SST_NO_BUN: "1",
      SST_TELEMETRY_DISABLED: "1",
      SST_STAGE: "ci",
    },
  });
  const output: Buffer[] = [];
  install.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  install.stderr.on("data", (chunk: Buffer) => output.push(chunk));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    install.once("error", reject);
    install.once("close", resolve);
  });
  if (exitCode !== 0 || !isPlatformReady(root)) {
    const text = Buffer.concat(output).toString("utf8").trim();
    throw new PlatformError(
      `\`sst install\` did not complete (exit code ${exitCode}). It needs the npm registry; run it again when the registry answers.\n${text}`,
    );
  }
}

/** A lock file that holds its owner's process id, so that a lock whose owner died is taken over. */
async function lock(path: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      const file = await open(path, "wx");
      await file.writeFile(String(process.pid));
      await file.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const owner = Number(await readFile(path, "utf8").catch(() => ""));
    if (owner > 0 && !isAlive(owner)) await rm(path, { force: true });
    else await wait(200);
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}
