import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { slackProblems } from "../../packages/alerting/src/testing/check-slack.ts";
import { run } from "../support/command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "streamwarden-preview-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function policy(more = "") {
  return `title: Channel made
name: channel-made
description: Somebody made a channel.
logsource: { product: aws, service: cloudtrail }
detection:
  create: { eventSource: ivs.amazonaws.com, eventName: CreateChannel }
  condition: create
level: medium
${more}`;
}

const cases = `tests:
  - { name: another call, extends: documentation-create-channel, set: { eventName: CreateStage }, expect: no-match }
  - { name: a channel, extends: documentation-create-channel, set: { requestParameters.name: from-the-test }, expect: match }
`;

function preview(...args: string[]) {
  return run(["alert", "preview", ...args]);
}

describe("streamwarden alert preview", () => {
  test("is the email of the policy's first matching test, with believable times", async () => {
    const { code, stdout, stderr } = await preview("ivs-channel-created-without-mfa");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^Subject: \[HIGH\] \S+: IVS channel created without MFA/);
    for (const heading of ["WHAT WAS DONE", "WHO DID IT", "FROM WHERE", "WHEN", "WHAT TO DO NOW"])
      expect(stdout).toContain(heading);
    expect(stdout).toContain("(5 seconds before this alert)");
    expect(stdout).toContain("One incident per");
  });

  test("--as slack is a message that Slack takes, and nothing else", async () => {
    const { code, stdout } = await preview("ivs-channel-created-without-mfa", "--as", "slack");
    const message = JSON.parse(stdout);
    expect(message.blocks[0].text.text).toBe("🟧 HIGH: IVS channel created without MFA");
    expect(slackProblems(message)).toEqual([]);
    expect(code).toBe(0);
  });

  test.each([
    ["ocsf", { class_uid: 2004, severity: "High" }],
    ["amazon-q", { version: "1.0", source: "custom" }],
  ])("--as %s is JSON of that format", async (medium, expected) => {
    const { stdout } = await preview("ivs-channel-created-without-mfa", "--as", medium);
    expect(JSON.parse(stdout)).toMatchObject(expected);
  });

  test("a policy that counts several calls, and one whose lists the test file fills", async () => {
    const harvested = await preview("ivs-stream-keys-harvested");
    expect(harvested).toMatchObject({ code: 0, stderr: "" });
    const listed = await preview("ivs-stage-storage-to-unapproved-bucket");
    expect(listed).toMatchObject({ code: 0, stderr: "" });
  });

  test("a policy of one's own, even disabled or in dry-run", async () => {
    file("mine.yml", policy("custom_attributes: { streamwarden.stage: dry-run }\n"));
    file("mine.test.yml", cases);
    const config = file(
      "mine-config.yml",
      "policies: { pack: false, paths: [mine.yml, mine.test.yml], disabled: [{ policy: channel-made, owner: me, reason: noise }] }\n",
    );
    const { code, stdout } = await preview("channel-made", "--config", config);
    expect(stdout).toContain('name = "from-the-test"');
    expect(code).toBe(0);
  });

  test.each([
    ["a slip", "ivs-chanel-created-without-mfa", /Did you mean ivs-channel-created-without-mfa\?/],
    ["a part of names", "stream-key", /Did you mean ivs-stream-key\S+, ivs-\S+, or ivs-\S+\?/],
    ["nothing near", "zzzzzzzzzz", /docs\/policies\.md lists the shipped ones\./],
    ["hostile text", "\u001b[31m", /"\\u001b\[31m"/],
  ])("an unknown policy (%s) is a sentence with the nearest names", async (_, name, hint) => {
    const { code, stdout, stderr } = await preview(name);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^error There is no policy with the name or id .* \[cli-input\]\n$/);
    expect(stderr).toMatch(hint);
  });

  test("a policy without tests, or whose tests raise nothing", async () => {
    file("bare.yml", policy());
    const config = file("bare-config.yml", "policies: { pack: false, paths: [bare.yml] }\n");
    expect((await preview("channel-made", "--config", config)).stderr).toMatch(
      /has no tests: write .*bare\.test\.yml/,
    );
    file("none.yml", policy());
    file("none.test.yml", cases.split("\n").slice(0, 2).join("\n"));
    const other = file("none-config.yml", "policies: { pack: false, paths: [none.yml, none.test.yml] }\n");
    expect(await preview("channel-made", "--config", other)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("No test of channel-made in"),
    });
  });

  test("a policy that cannot work is rejected with its place, exit code 3", async () => {
    file("broken.yml", policy().replace("condition: create", "condition: nowhere"));
    const config = file("broken-config.yml", "policies: { pack: false, paths: [broken.yml] }\n");
    const { code, stderr } = await preview("channel-made", "--config", config);
    expect(stderr).toMatch(/broken\.yml:\d+:\d+: .*\[cli-rejected\]/);
    expect(code).toBe(3);
  });

  test.each([[["--as", "pdf"]], [[]]])("wrong usage %j: exit code 2", async (args) => {
    const { code, stderr } = await run(["alert", "preview", ...(args.length > 0 ? ["x", ...args] : [])]);
    expect(stderr).toMatch(/^error: /);
    expect(code).toBe(2);
  });
});
