import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { run } from "../support/command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "streamwarden-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("help and usage", () => {
  test.each([[["--help"]], [["up", "--help"]], [["send", "--help"]], [["help", "check"]], [["--version"]]])(
    "%j is answered on stdout with exit code 0",
    async (args) => {
      const { code, stdout, stderr } = await run(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout.length).toBeGreaterThan(4);
    },
  );

  test.each([[["fly"]], [["up", "--port", "many"]], [["send"]], [["check", "--format", "xml"]]])(
    "%j is wrong usage: a sentence on stderr, exit code 2",
    async (args) => {
      const { code, stdout, stderr } = await run(args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(/^error: /);
    },
  );
});

describe("streamwarden check", () => {
  test("the project's own configuration and policies have no error", async () => {
    const { code, stdout } = await run(["check"]);
    expect(stdout).toMatch(/\d+ policies active/);
    expect(stdout).toContain("No errors");
    expect(code).toBe(0);
  });

  test("all problems of all files at once, with file, line, column, code and a hint", async () => {
    file(
      "bad.yml",
      `title: Bad policy
logsource: { product: aws, service: cloudtrail }
detection:
  create:
    eventName|contians: CreateChannel
  condition: create and nowhere
level: high
`,
    );
    const config = file("streamwarden.yml", "policies:\n  paths: [bad.yml]\n");
    const { code, stdout, stderr } = await run(["check", "--config", config]);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/bad\.yml:5:\d+ error .*contians.*\[unknown-modifier\]/);
    expect(stdout).toMatch(/bad\.yml:6:\d+ error .*nowhere.*\[unknown-identifier\]/);
    expect(code).toBe(1);
  });

  test("a wrong configuration names the key and what was meant", async () => {
    const config = file("typo.yml", "alerts:\n  emails: []\n");
    const { code, stdout } = await run(["check", "--config", config]);
    expect(stdout).toMatch(/typo\.yml:2:3 error .*emails.*Did you mean `email`/);
    expect(code).toBe(1);
  });

  test("policies of anybody, without a configuration", async () => {
    const doubtful = file(
      "doubtful.yml",
      "title: Doubtful\nlogsource: { product: aws, service: cloudtrail }\nlevel: low\ndetection:\n  a: { userAgent|contains: '' }\n  condition: a\n",
    );
    const { code, stdout } = await run(["check", "--policies", doubtful, join(folder, "nowhere")], {
      cwd: folder,
    });
    expect(stdout).toMatch(/doubtful\.yml:5:\d+ warning .*\[matches-everything\]/);
    expect(stdout).toMatch(/nowhere:1:1 error .*\[unreadable-path\]/);
    expect(stdout).toContain("1 policy active.");
    expect(code).toBe(1);
  });

  test.each([
    ["nothing at all", "policies: { pack: false }\n", /nothing will raise an alert.*\[no-policies\]/, 0],
    ["an empty folder", "policies: { pack: false, paths: [void] }\n", /void:1:1 error .*\[no-policies\]/, 1],
    ["an empty folder too", "policies: { paths: [void] }\n", /void:1:1 warning .*\[no-policies\]/, 0],
  ])("a configuration that watches %s", async (_, text, message, code) => {
    mkdirSync(join(folder, "void"), { recursive: true });
    const found = await run(["check", "--config", file("empty.yml", text)]);
    expect(found.stdout).toMatch(message);
    expect(found.code).toBe(code);
  });

  test("a configuration that is not there", async () => {
    const { code, stdout } = await run(["check", "--config", join(folder, "none.yml")]);
    expect(stdout).toContain("does not exist");
    expect(code).toBe(1);
  });

  test("as JSON it is one object and nothing else", async () => {
    const { code, stdout } = await run(["check", "--format", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, errors: 0 });
    expect(code).toBe(0);
  });
});

describe("streamwarden test", () => {
  test("the shipped policies pass their tests", async () => {
    const { code, stdout } = await run(["test"]);
    expect(stdout).toMatch(/pass ivs-channel-created-without-mfa \(\d+ tests\)/);
    expect(stdout).toMatch(/policies: \d+ passed, 0 failed\.\n$/);
    expect(code).toBe(0);
  });

  test("no policy is a sentence, and not a row of zeros", async () => {
    const { code, stdout } = await run(["test", "--config", file("none.yml", "policies: { pack: false }\n")]);
    expect(stdout).toMatch(/^There is no policy, so there is nothing to test\./);
    expect(code).toBe(0);
  });

  test("a failing test says which record, what was expected and why", async () => {
    file(
      "mine.yml",
      `title: Mine
name: mine
logsource: { product: aws, service: cloudtrail }
detection:
  create: { eventSource: ivs.amazonaws.com, eventName: CreateChannel }
  condition: create
level: low
`,
    );
    file(
      "mine.test.yml",
      `tests:
  - name: a channel
    extends: documentation-create-channel
    expect: match
  - name: a stage
    extends: documentation-create-channel
    set: { eventName: CreateStage }
    expect: match
  - name: nothing
    extends: documentation-create-channel
    set: { eventSource: s3.amazonaws.com }
    expect: no-match
`,
    );
    const config = file("mine-config.yml", "policies: { pack: false, paths: [mine.yml, mine.test.yml] }\n");
    const { code, stdout } = await run(["test", "--config", config]);
    expect(stdout).toMatch(/FAIL a stage \(.*mine\.test\.yml:\d+\): expected match, but it is no match/);
    expect(stdout).toContain("2 passed, 1 failed");
    expect(code).toBe(1);
  });
});

describe("streamwarden explain", () => {
  const sample = "samples/cloudtrail-CreateChannel.aws-doc.json";

  test("a match: each test with the value it saw, and what its incident is about", async () => {
    const { code, stdout } = await run(["explain", "ivs-channel-created-without-mfa", sample]);
    expect(stdout).toContain("IVS channel created without MFA: match");
    expect(stdout).toMatch(/actor\.mfa = absent\s+absent\s+equal/);
    expect(stdout).toContain(
      "One incident per recipientAccountId 123456789012, actor.id arn:aws:iam::123456789012:role/Admin",
    );
    expect(code).toBe(0);
  });

  test("no match: which test failed, and why", async () => {
    const { stdout } = await run(["explain", "ivs-called-by-root", sample]);
    expect(stdout).toMatch(/✗ .*actor\.kind = root\s+role-session\s+not equal/);
  });

  test("as JSON it is one object with the tree", async () => {
    const { stdout } = await run(["explain", "ivs-called-by-root", sample, "--format", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      policy: "ivs-called-by-root",
      stage: "live",
      records: [{ eventID: "a1b2c3de-EXAMPLE", explanation: { verdict: false, condition: { type: "and" } } }],
    });
  });

  test("a correlation: what the window holds and what is missing", async () => {
    const config = file("burst-config.yml", "policies: { pack: false, paths: [burst.yml] }\n");
    file(
      "burst.yml",
      `title: Channel created
name: channel-created
logsource: { product: aws, service: cloudtrail }
detection:
  create: { eventSource: ivs.amazonaws.com, eventName: CreateChannel }
  condition: create
level: low
---
title: Burst of channels
name: burst
correlation:
  type: event_count
  rules: [channel-created]
  group-by: [actor.id]
  timespan: 10m
  condition: { gte: 3 }
level: high
`,
    );
    const { code, stdout } = await run(["explain", "burst", sample, "--config", config]);
    expect(stdout).toContain(
      "Burst of channels: does not fire for actor.id arn:aws:iam::123456789012:role/Admin",
    );
    expect(stdout).toMatch(/holds\s+1\n\s+missing\s+2/);
    expect(code).toBe(0);
  });

  test.each([
    ["an unknown policy", ["ivs-caled-by-root", sample], /Did you mean ivs-called-by-root\?/],
    [
      "an unknown event",
      ["ivs-called-by-root", sample, "--event", "none"],
      /no record with the eventID none/,
    ],
    [
      "an inactive policy",
      ["ivs-recording-to-unapproved-bucket", sample],
      /is inactive: .*lists\.ApprovedBuckets/,
    ],
    ["no record", ["ivs-called-by-root", "package.json"], /holds no CloudTrail record/],
  ])("%s is a sentence", async (_, args, message) => {
    const { code, stderr } = await run(["explain", ...args]);
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
  });
});

describe("streamwarden send", () => {
  test("nothing listening is a sentence with a way out", async () => {
    const { code, stderr } = await run([
      "send",
      "samples/cloudtrail-CreateChannel.aws-doc.json",
      "-e",
      "http://127.0.0.1:9",
    ]);
    expect(stderr).toMatch(
      /^error Nothing answers at http:\/\/127\.0\.0\.1:9: start `npm start`.*\[cli-endpoint\]\n$/,
    );
    expect(code).toBe(1);
  });

  test.each([
    ["no file", join(folder, "none.json"), /none\.json cannot be read: There is no such file/],
    ["a folder", folder, /It is a folder: name the files in it/],
    ["damage", file("cut.json", `{"Records": [\n  {"a": nope}]}`), /cut\.json:2:9: .* not JSON/],
    ["a device", "/dev/zero", /device, which has no end/],
    ["no record", file("empty.json", "{}"), /holds no CloudTrail record/],
  ])("%s", async (_, path, message) => {
    const { code, stderr } = await run(["send", path]);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/\[cli-input\]\n$/);
    expect(code).toBe(1);
  });
});
