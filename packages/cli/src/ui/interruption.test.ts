import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listenForInterruption } from "./interruption.ts";

const modulePath = JSON.stringify(join(import.meta.dirname, "interruption.ts"));
/** Says when it listens and when it is interrupted, and goes on for ever all the same. */
const stubborn = `
  const { listenForInterruption } = await import(${modulePath});
  const { signal } = listenForInterruption();
  signal.addEventListener("abort", () => console.log("interrupted"));
  console.log("listening");
  setInterval(() => {}, 1000);
`;

test.each<[NodeJS.Signals, NodeJS.Signals]>([
  ["SIGINT", "SIGINT"],
  ["SIGTERM", "SIGINT"],
])("%s asks for a clean end, and %s after it ends the process at once", async (first, second) => {
  const child = spawn(process.execPath, ["--input-type=module", "-e", stubborn], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = child.stdout.setEncoding("utf8");
  expect(String(await once(lines, "data"))).toContain("listening");
  child.kill(first);
  expect(String(await once(lines, "data"))).toContain("interrupted");
  child.kill(second);
  const [code] = await once(child, "close");
  expect(code).toBe(130);
});

test("a signal of the caller counts as well, and the process gets its signals back", () => {
  const before = process.listenerCount("SIGINT");
  const caller = new AbortController();
  const { signal, release } = listenForInterruption(undefined, caller.signal);
  expect(process.listenerCount("SIGINT")).toBe(before + 1);
  expect(signal.aborted).toBe(false);
  caller.abort();
  expect(signal.aborted).toBe(true);
  release();
  expect(process.listenerCount("SIGINT")).toBe(before);
});
