import { parseConfig } from "@streamwarden/config";
import { describe, expect, test } from "vitest";
import { type PolicyTestReport, runPolicyTests } from "./run-policy-tests.ts";

const policy = `title: Example
name: example
logsource: { product: aws, service: cloudtrail }
detection:
  call: { eventName: CreateChannel }
  listed: { 'awsRegion|expand': '%ApprovedRegions%' }
  condition: call and not listed
level: high
`;
const good = `lists: { ApprovedRegions: [us-east-1] }
base: { set: { eventName: CreateChannel } }
tests:
  - { name: elsewhere, set: { awsRegion: eu-west-1 }, expect: match }
  - { name: here, expect: no-match }
`;
function run(tests: string | undefined, text = policy): PolicyTestReport {
  return runPolicyTests(
    {
      files: [
        { path: "rules/example.yml", text },
        ...(tests === undefined ? [] : [{ path: "rules/example.test.yml", text: tests }]),
      ],
    },
    parseConfig("", "streamwarden.yml"),
  );
}

describe("runPolicyTests", () => {
  test("runs the tests beside a policy", () => {
    expect(run(good)).toMatchObject({ passed: 2, failed: 0, ok: true, problems: [] });
  });

  test("explains a failure by what was true and what the record says", () => {
    const report = run(good.replace("here, expect: no-match", "here, expect: match"));
    expect(report).toMatchObject({ passed: 1, failed: 1, ok: false });
    const [failure] = report.results.filter(({ passed }) => !passed);
    expect(failure).toMatchObject({
      test: "here",
      expected: "match",
      actual: "no-match",
      path: "rules/example.test.yml",
      line: 5,
    });
    const text = failure?.explanation.join("\n");
    expect(text).toMatch(/✓ +call: eventName = CreateChannel/);
    expect(text).toMatch(/✗ +not listed: awsRegion = us-east-1/);
    expect(text).toContain("actor.mfa: present");
  });

  test.each([
    [
      "no tests",
      undefined,
      "too-few-tests",
      "no test that expects match, and none that expects no-match. rules/example.test.yml",
    ],
    [
      "no negative test",
      good.split("\n").slice(0, 4).join("\n"),
      "too-few-tests",
      "no test that expects no-match",
    ],
    [
      "an unknown key",
      good.replace("expect: match", "expects: match"),
      "invalid-test-file",
      "Did you mean `expect`?",
    ],
    [
      "an unknown actor",
      good.replace("base: {", "base: { actor: martian,"),
      "invalid-test-file",
      "must be one of user-with-mfa",
    ],
    [
      "a record that is none",
      good.replace("awsRegion: eu-west-1", "eventTime: now"),
      "invalid-test-file",
      "is no CloudTrail record",
    ],
    [
      "a list without values",
      good.replace("us-east-1", ""),
      "invalid-test-file",
      "lists are empty: ApprovedRegions",
    ],
    [
      "a policy that is not there",
      good.replace("name: here", "name: here, policy: other"),
      "invalid-test-file",
      'about "other"',
    ],
    ["broken YAML", "tests: [", "invalid-test-file", "not valid YAML"],
  ])("rejects %s", (_name, tests, code, text) => {
    const report = run(tests);
    expect(report.ok).toBe(false);
    const found = report.problems.filter((problem) => problem.code === code);
    expect(
      found.map(({ message, hint }) => `${message} ${hint ?? ""}`.replace("Add it to ", "")).join("\n"),
    ).toContain(text);
  });

  test("rejects tests without a policy", () => {
    const report = runPolicyTests(
      { files: [{ path: "lost.test.yml", text: good }] },
      parseConfig("", "x.yml"),
    );
    expect(report.problems).toMatchObject([{ code: "test-without-policy", path: "lost.test.yml" }]);
  });

  test("asks which of several policies a test is about", () => {
    const two = `${policy}---\n${policy.replaceAll("example", "second")}`;
    expect(run(good, two).problems).toContainEqual(
      expect.objectContaining({
        code: "invalid-test-file",
        message: 'The test "elsewhere" must say which of the 2 policies it is about.',
      }),
    );
    const named = good.replaceAll("expect:", "policy: second, expect:");
    expect(run(named, two).results).toMatchObject([
      { policy: "second", passed: true },
      { policy: "second", passed: true },
    ]);
  });

  test("takes a whole record, and removes fields", () => {
    const tests = `lists: { ApprovedRegions: [us-east-1] }
tests:
  - name: whole
    record: { eventTime: "2026-01-02T03:04:05Z", eventSource: ivs.amazonaws.com, eventName: CreateChannel }
    expect: match
  - { name: removed, set: { eventName: CreateChannel }, remove: [awsRegion, userIdentity.arn], expect: match }
  - { name: other, expect: no-match }
`;
    expect(run(tests)).toMatchObject({ passed: 3, ok: true });
  });
});
