import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root, synth } from "./graph.ts";
import { unzip } from "./unzip.ts";

let folder: string;
let task: string;
let files: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "streamwarden-bundle-"));
  task = join(folder, "task");
  await synth("--stage", "test", "--work", folder, "--out", join(folder, "graph.json"));
  files = unzip(join(folder, "artifacts/Consumer/code.zip"), task);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("the consumer's archive carries its bundle, the configuration and every policy", () => {
  const pack = readdirSync(join(root, "packages/policies/rules"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  expect(pack.length).toBeGreaterThan(0);
  expect(files).toEqual(
    expect.arrayContaining(["bundle.mjs", "streamwarden.yml", "own-policies/channel-deleted.yml", ...pack]),
  );
});

test("the consumer starts from its archive alone, as Lambda unpacks it", async () => {
  expect(existsSync(join(task, "node_modules"))).toBe(false);
  const program = `
    const { handler } = await import("./bundle.mjs");
    const response = await handler({ Records: [] });
    process.stdout.write("\\n" + JSON.stringify(response));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: task,
    timeout: 60_000,
    env: {
      AWS_REGION: "us-east-1",
      STREAMWARDEN_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/123456789012/events",
      STREAMWARDEN_DEAD_LETTER_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/123456789012/dead-letters",
      STREAMWARDEN_TOPIC_ARN: "arn:aws:sns:us-east-1:123456789012:alerts",
      STREAMWARDEN_STATE_TABLE: "state",
      STREAMWARDEN_CONFIG: join(task, "streamwarden.yml"),
    },
  });
  expect(JSON.parse(stdout.split("\n").at(-1) ?? "")).toEqual({ batchItemFailures: [] });
  expect(stdout).toContain("policies loaded");
});
