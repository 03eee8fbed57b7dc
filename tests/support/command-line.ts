import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const entry = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** What it printed so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves when stdout holds the text; rejects when the process ends before. */
  prints(text: string): Promise<void>;
  finished: Promise<Finished>;
}

/** Starts `streamwarden` as a user would, in the project's folder unless told otherwise. */
export function start(
  args: readonly string[],
  options: {
    readonly input?: string | Buffer;
    readonly cwd?: string;
    readonly env?: Record<string, string>;
  } = {},
): Running {
  const child = spawn(process.execPath, [entry, ...args], {
    cwd: options.cwd ?? root,
    env: { PATH: process.env.PATH ?? "", ...options.env },
    stdio: "pipe",
  });
  child.stdin.end(options.input ?? "");
  let stdout = "";
  let stderr = "";
  let tell = (): void => undefined;
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    tell();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const finished = once(child, "close").then(([code]) => ({ code, stdout, stderr }));
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    finished,
    prints: (text) =>
      new Promise((resolve, reject) => {
        tell = () => stdout.includes(text) && resolve();
        tell();
        void finished.then(() =>
          reject(new Error(`It ended without printing "${text}":\n${stdout}\n${stderr}`)),
        );
      }),
  };
}

/** Runs `streamwarden` to its end. */
export function run(...given: Parameters<typeof start>): Promise<Finished> {
  return start(...given).finished;
}
