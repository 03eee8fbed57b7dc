import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { callersFolder, defaultConfigFor } from "./callers-folder.ts";

const project = mkdtempSync(join(tmpdir(), "streamwarden-callers-"));
afterAll(() => rmSync(project, { recursive: true }));
const below = join(project, "a b/ü");
mkdirSync(below, { recursive: true });
writeFileSync(join(project, "package.json"), "{}");

const ours = {
  npm_lifecycle_event: "streamwarden",
  npm_package_json: join(project, "package.json"),
  INIT_CWD: below,
};

describe("the caller's folder", () => {
  test.each([
    ["of a script of ours is where npm was called", ours, below],
    ["of npm start as well", { ...ours, npm_lifecycle_event: "start" }, below],
    [
      "of somebody else's script is its own",
      { ...ours, npm_package_json: join(below, "package.json") },
      project,
    ],
    ["of npx is its own", { ...ours, npm_lifecycle_event: "npx" }, project],
    ["of a test run is its own", { ...ours, npm_lifecycle_event: "test" }, project],
    ["is what it is without npm", {}, project],
    ["that is gone is no folder", { ...ours, INIT_CWD: join(below, "gone") }, project],
    ["that npm does not tell is its own", { ...ours, INIT_CWD: undefined }, project],
  ])("%s", (_, env, expected) => {
    expect(callersFolder(env, project, project)).toBe(expected);
  });
});

describe("the configuration that is meant when none is named", () => {
  test("is the project's, as a path from the caller", () => {
    expect(defaultConfigFor(below, project)).toBe("../../streamwarden.yml");
    expect(defaultConfigFor(project, project)).toBe("streamwarden.yml");
  });

  test("is the caller's own where there is one", () => {
    writeFileSync(join(below, "streamwarden.yml"), "");
    expect(defaultConfigFor(below, project)).toBe("streamwarden.yml");
  });
});
