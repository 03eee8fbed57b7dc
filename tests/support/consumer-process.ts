import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const entry = fileURLToPath(new URL("../../packages/consumer/src/main.ts", import.meta.url));

/** A consumer in a process of its own, as production runs it. */
export interface ConsumerProcess {
  readonly child: ChildProcess;
  /** Base URL of health and metrics. */
  readonly url: string;
  /** What it logged so far. */
  readonly log: readonly string[];
  /** Ends it at once, without a chance to clean up. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** Runs a consumer that is expected to end by itself. */
export async function runConsumerProcess(
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, [entry], {
    env: { PATH: process.env.PATH ?? "", STREAMWARDEN_HTTP_PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code] = await once(child, "close");
  return { code, stdout, stderr };
}

/** Starts a consumer and waits until it polls. */
export async function startConsumerProcess(env: Readonly<Record<string, string>>): Promise<ConsumerProcess> {
  const child = spawn(process.execPath, [entry], {
    env: { PATH: process.env.PATH ?? "", STREAMWARDEN_HTTP_PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log: string[] = [];
  const exited = once(child, "exit");
  const { promise: url, resolve, reject } = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      log.push(line);
      const health = /"health":"(http:[^"]+)\/readyz"/.exec(line)?.[1];
      if (health !== undefined) resolve(health);
    });
  }
  void exited.then(([code]) => reject(new Error(`The consumer ended with ${code}:\n${log.join("\n")}`)));
  const base = await url;
  return {
    child,
    url: base,
    log,
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
    async stop() {
      child.kill("SIGTERM");
      const [code] = await exited;
      return code;
    },
  };
}

/** The counters of one metric family by outcome. */
export async function outcomes(url: string, metric: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const pattern = new RegExp(`^${metric}\\{outcome="([^"]+)"\\} (\\d+)$`, "gm");
  return Object.fromEntries(
    [...text.matchAll(pattern)].map(([, outcome, count]) => [outcome, Number(count)]),
  );
}
