import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root, synth } from "./graph.ts";

let folder: string;
let stdout: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "streamwarden-synth-test-"));
  ({ stdout } = await synth("--stage", "production"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("npm run synth", () => {
  test("prints one JSON document of types, names and inputs, and nothing else", () => {
    const graph = JSON.parse(stdout) as { resources: unknown[] };
    expect(graph.resources.length).toBeGreaterThan(20);
    for (const resource of graph.resources) {
      expect(resource).toEqual({
        type: expect.any(String),
        name: expect.any(String),
        inputs: expect.any(Object),
      });
    }
  });

  test("gives the same bytes each time, on stdout and in a file, and leaves nothing behind", async () => {
    const file = join(folder, "graph.json");
    const toFile = await synth("--stage", "production", "--out", file);
    expect(toFile.stdout).toBe("");
    expect(readFileSync(file, "utf8")).toBe(stdout);
    expect(readdirSync(join(root, ".sst/platform")).filter((name) => name.startsWith("synth."))).toEqual([]);
  });

  test("keeps the paths of this machine out of the graph", () => {
    expect(stdout).not.toContain(root);
    expect(stdout).not.toContain(tmpdir());
  });

  test("rejects a stage that would not leave room for the names that policies guard", async () => {
    await expect(synth("--stage", "production-ap-northeast-22")).rejects.toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("at most 25 characters"),
    });
  });

  test.each([
    ["no stage", []],
    ["a stage that is no word", ["--stage", "../production"]],
    ["an option that does not exist", ["--stage", "production", "--region", "eu-west-1"]],
  ])("rejects %s with the usage", async (_what, options) => {
    await expect(synth(...options)).rejects.toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("usage: npm run --silent synth"),
    });
  });
});
