import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type Config, loadConfig, parseConfig, placeholdersOf } from "./config.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import { ConfigError } from "./errors.ts";
import { listKey, listNames, pipelineLists } from "./lists.ts";
import { configJsonSchema } from "./schema.ts";

const examplePath = fileURLToPath(new URL("../../../streamwarden.yml", import.meta.url));
function errorOf(run: () => Config): ConfigError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("The configuration was accepted.");
}
function messageOf(content: string): string {
  return errorOf(() => parseConfig(content, "streamwarden.yml")).message;
}

describe("parseConfig", () => {
  test.each(["", "# nothing\n", "policies:\nlists:\nalerts:\n  email:\n", "{}"])(
    "gives the defaults for %j",
    (content) => {
      const config = parseConfig(content, "/project/streamwarden.yml");
      expect(config).toMatchObject({
        path: "/project/streamwarden.yml",
        policies: { pack: true, paths: [], disabled: [] },
        alerts: { email: [], digestAbovePerMinute: 30 },
        incidents: { windowSeconds: 3600 },
        identities: { federatedRoles: [], workloadRoles: [] },
        capture: { homeRegion: "us-east-1", regions: [], accounts: [] },
      });
      expect(Object.keys(config.lists)).toEqual(listNames);
    },
  );

  test("reads what is written", () => {
    const content = `
policies: { paths: [rules, ../shared.yml], disabled: [{ policy: p, owner: o, reason: r }] }
lists: { ApprovedBuckets: [recordings] }
customLists: { Partners: [a, b] }
incidents: { window: 90m }
identities: { federatedRoles: ["arn:aws:iam::*:role/people/*"] }
capture: { homeRegion: eu-west-1, accounts: ["111122223333"] }`;
    expect(parseConfig(content, "/project/sub/streamwarden.yml")).toMatchObject({
      policies: { paths: ["/project/sub/rules", "/project/shared.yml"], disabled: [{ owner: "o" }] },
      lists: { ApprovedBuckets: ["recordings"], ApprovedRegions: [] },
      customLists: { Partners: ["a", "b"] },
      incidents: { windowSeconds: 5400 },
      identities: { federatedRoles: ["arn:aws:iam::*:role/people/*"], workloadRoles: [] },
      capture: { homeRegion: "eu-west-1", accounts: ["111122223333"] },
    });
  });

  test.each([
    ["polices: {}", "streamwarden.yml:1:1: The key `polices` is unknown. Did you mean `policies`?"],
    [
      "lists:\n  ApprovedBucket: []",
      "streamwarden.yml:2:3: The key `ApprovedBucket` inside `lists` is unknown. Did you mean `ApprovedBuckets`?",
    ],
    [
      "policies:\n  disabled:\n    - { policy: p, owner: o, reason: r, until: x }",
      "streamwarden.yml:3:41: The key `until` inside `policies.disabled[0]` is unknown. Known keys: policy, owner, reason.",
    ],
    [
      "policies:\n  disabled:\n    - policy: p",
      "streamwarden.yml:3:7: `policies.disabled[0].owner` is missing.",
    ],
    [
      "approvedRegion: [a]",
      "streamwarden.yml:1:1: The key `approvedRegion` is unknown. Did you mean `lists.ApprovedRegions`?",
    ],
    [
      "lists:\n  regions: [a]",
      "2:3: The key `regions` inside `lists` is unknown. Did you mean `ApprovedRegions`?",
    ],
    [
      "destinations:\n  slack:\n    - name: ops\n      route: { severty: high }",
      "4:16: The key `severty` inside `destinations.slack[0].route` is unknown. Did you mean `minimumSeverity`?",
    ],
    [
      "destinations:\n  slack:\n    - name: ops\n      minimumSeverty: high",
      "4:7: The key `minimumSeverty` inside `destinations.slack[0]` is unknown.",
    ],
    [
      "destinations:\n  slack:\n    - name: ops\n      route: { minimumSeverity: hgh }",
      "4:33: `destinations.slack[0].route.minimumSeverity` must be one of informational, low, medium, high, critical. Did you mean `high`?",
    ],
    ["emails: [a]", "The key `emails` is unknown. Did you mean `alerts.email` or `destinations.email`?"],
    ["window: 1h", "The key `window` is unknown. Did you mean `incidents.window`?"],
    ['{\n  "lists": {\n    "ApprovedRegions": [,]\n  }\n}', "streamwarden.yml:3:25: This is not valid YAML"],
    ["alerts:\n\temail: []", "streamwarden.yml:2:1: This is not valid YAML"],
    ["alerts:\n  email: me@example.com", "streamwarden.yml:2:10: `alerts.email` must be a list."],
    [
      "alerts:\n  email:\n    - not an address",
      "streamwarden.yml:3:7: `alerts.email[0]` must be an email address.",
    ],
    ["alerts: { digestAbovePerMinute: 301 }", "at most 300, because SNS suspends"],
    ["alerts: { digestAbovePerMinute: 1.5 }", "must be a whole number"],
    [
      "incidents: { window: 1 hour }",
      "streamwarden.yml:1:22: `incidents.window` must be a whole number and a unit, such as 90s, 15m, 1h or 7d.",
    ],
    [
      "capture: { accounts: [111122223333] }",
      "`capture.accounts[0]` must be a text (put numbers and true/false in quotes).",
    ],
    ['identities: { federatedRoles: ["Admin"] }', "must be the ARN of a role with its path"],
    [
      'identities: { workloadRoles: ["arn:aws:sts::*:assumed-role/ci/*"] }',
      "must be the ARN of a role with its path",
    ],
    ["capture: { homeRegion: Ireland }", "must be a region such as us-east-1"],
    [
      "customLists: { '1x': [a] }",
      "streamwarden.yml:1:16: `customLists.1x` must be a word that begins with a letter.",
    ],
    ["lists: { ApprovedBuckets: [''] }", "must not be empty"],
    ["- a", "streamwarden.yml:1:1: The file must be a map of keys."],
    ["hello", "The file must be a map of keys."],
    ["a: [", "This is not valid YAML"],
    ["policies: {}\npolicies: {}", "streamwarden.yml:2:1: This is not valid YAML: Map keys must be unique."],
  ])("rejects %j and says where and why", (content, message) =>
    expect(messageOf(content)).toContain(message),
  );

  test("names every problem, not only the first", () => {
    const { problems, code } = errorOf(() =>
      parseConfig("polices: {}\nalerts: { email: [x] }", "streamwarden.yml"),
    );
    expect(code).toBe("config-invalid");
    expect(problems.map(({ line }) => line).toSorted()).toEqual([1, 2]);
  });

  test("rejects an alias bomb instead of unfolding it", () => {
    const levels = Array.from(
      { length: 12 },
      (_unused, level) => `  l${level + 1}: &l${level + 1} [${`*l${level}, `.repeat(9)}]`,
    );
    expect(() =>
      parseConfig(`customLists:\n  l0: &l0 [x]\n${levels.join("\n")}`, "streamwarden.yml"),
    ).toThrow(ConfigError);
  });
});

describe("loadConfig", () => {
  test("says what to do when the file is missing", () => {
    const error = errorOf(() => loadConfig("/nowhere/streamwarden.yml"));
    expect(error.code).toBe("config-not-found");
    expect(error.message).toContain("does not exist. Create it");
  });

  test("reports an unreadable file and a missing one apart", () => {
    const error = errorOf(() => loadConfig("/"));
    expect(error.code).toBe("config-unreadable");
    expect(error.message).toContain("/:1:1: The configuration file is a folder, not a regular file.");
  });

  test("accepts the example, which changes no default", () => {
    expect(loadConfig(examplePath)).toEqual(parseConfig("", examplePath));
  });

  test("has an example that shows every list", () => {
    const example = readFileSync(examplePath, "utf8");
    for (const name of listNames) expect(example).toContain(`  ${name}:`);
  });
});

describe("placeholdersOf", () => {
  test("has every list, filled in or not, and the pipeline's own names", () => {
    const placeholders = placeholdersOf(
      parseConfig("customLists: { Partners: [a] }\npipeline: { rules: [mine] }", "x.yml"),
    );
    expect(placeholders).toMatchObject({ Partners: ["a"], ApprovedRegions: [], PipelineRules: ["mine"] });
    expect(Object.keys(placeholders)).toHaveLength(1 + listNames.length + Object.keys(pipelineLists).length);
  });
});

describe("listKey", () => {
  test.each([
    ["ApprovedRegions", "lists.ApprovedRegions"],
    ["PipelineQueues", "pipeline.queues"],
    ["Partners", "customLists.Partners"],
    ["toString", "customLists.toString"],
  ])("%s is %s", (placeholder, key) => expect(listKey(placeholder)).toBe(key));
});

describe("the JSON Schema", () => {
  test("is current (else run bin/generate-schema.ts)", () => {
    const stored = readFileSync(new URL("../schemas/streamwarden.schema.json", import.meta.url), "utf8");
    expect(JSON.parse(stored)).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
  });
});

describe("formatDuration", () => {
  test.each([
    [1, "1s"],
    [90, "90s"],
    [900, "15m"],
    [5400, "90m"],
    [43_200, "12h"],
    [129_600, "36h"],
    [2_592_000, "30d"],
  ])("%s seconds are %s, and read back they are the same", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
    expect(parseDuration(text)).toBe(seconds);
  });
});

describe("parseDuration", () => {
  test.each([
    ["90s", 90],
    ["15m", 900],
    ["1h", 3600],
    ["7d", 604_800],
    ["0m", undefined],
    ["1.5h", undefined],
    ["1 h", undefined],
    ["h", undefined],
    [60, undefined],
  ])("%s is %s seconds", (text, seconds) => expect(parseDuration(text)).toBe(seconds));
});
