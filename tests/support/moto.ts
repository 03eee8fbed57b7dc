import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface Moto {
  /** One endpoint for all services. */
  readonly endpoint: string;
  close(): Promise<void>;
}

/**
 * Starts moto, an AWS written by others, on a free port of 127.0.0.1.
 *
 * @param python an interpreter that has `moto[server]` installed
 */
export async function startMoto(python: string): Promise<Moto> {
  const child = spawn(python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = once(child, "exit");
  const lines: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.on("error", reject);
  createInterface({ input: child.stderr }).on("line", (line) => {
    lines.push(line);
    const endpoint = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (endpoint !== undefined) resolve(endpoint);
  });
  exited.then(
    () => reject(new Error(`moto did not start:\n${lines.join("\n")}`)),
    () => {},
  );
  return {
    endpoint: await promise,
    close: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
