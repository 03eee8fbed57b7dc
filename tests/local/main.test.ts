import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";

const main = fileURLToPath(new URL("../../packages/local/src/main.ts", import.meta.url));
let children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  children = [];
});

function start(...flags: string[]) {
  const child = spawn(process.execPath, [main, ...flags], { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return { child, stderr: () => stderr };
}

test("prints its environment, serves, and stops on SIGTERM", async () => {
  const { child } = start("--region", "us-west-2");
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const environment = JSON.parse(line);
  expect(environment).toMatchObject({
    AWS_REGION: "us-west-2",
    STREAMWARDEN_STATE_TABLE: "streamwarden-state",
  });
  expect((await fetch(`${environment.AWS_ENDPOINT_URL}/_streamwarden/health`)).status).toBe(200);

  const second = start("--port", new URL(environment.AWS_ENDPOINT_URL).port);
  const [code] = await once(second.child, "close");
  expect(code).toBe(2);
  expect(second.stderr()).toMatch(/^Port \d+ on 127\.0\.0\.1, wanted for the AWS endpoint, is in use\..*\n$/);

  child.kill("SIGTERM");
  const [exit] = await once(child, "close");
  expect(exit).toBe(0);
});

test("a wrong flag is one sentence", async () => {
  const { child, stderr } = start("--port", "http");
  const [code] = await once(child, "close");
  expect(code).toBe(2);
  expect(stderr()).toBe('--port must be a whole number from 0 to 65535, not "http".\n');
});
