import { parseConfig } from "@streamwarden/config";
import { describe, expect, test } from "vitest";
import { type PolicyTestReport, runPolicyTests } from "./run-policy-tests.ts";
import { readTestFile } from "./test-file.ts";

function rule(name: string, eventName: string): string {
  return `title: ${name}
name: ${name}
logsource: { product: aws, service: cloudtrail }
detection:
  call: { eventName: ${eventName} }
  condition: call
level: low
---
`;
}
function correlation(body: string): string {
  return `title: Correlated
name: correlated
level: high
correlation:
  group-by: [recipientAccountId, actor.id]
  timespan: 10m
${body}`;
}

const burst = `${rule("deleted", "DeleteChannel")}${correlation("  type: event_count\n  rules: [deleted]\n  condition: { gte: 3 }\n")}`;
const pair = rule("deleted", "DeleteStreamKey") + rule("created", "CreateStreamKey");
const ordered = `${pair}${correlation("  type: temporal_ordered\n  rules: [deleted, created]\n")}`;
const absent = `${pair}${correlation("  type: temporal\n  rules: [deleted, created]\n  condition: deleted and not created\n")}`;

function run(policies: string, tests: string, more: { path: string; text: string }[] = []): PolicyTestReport {
  return runPolicyTests(
    { files: [{ path: "p.yml", text: policies }, { path: "p.test.yml", text: tests }, ...more] },
    parseConfig("policies: { pack: false }", "streamwarden.yml"),
  );
}
function verdicts({ results }: PolicyTestReport): string[] {
  return results.map(
    ({ test: name, passed, actual }) => `${name}: ${passed ? "passed" : `failed, ${actual}`}`,
  );
}

const burstTests = `base: { set: { eventName: DeleteChannel } }
tests:
  - { name: three, records: [{ repeat: 3, after: 5m }], expect: match }
  - { name: too slow, records: [{ repeat: 3, after: 301s }], expect: no-match }
  - { name: two actors, records: [{ repeat: 2 }, { actor: root-with-mfa }], expect: no-match }
`;

describe("a sequence of records", () => {
  test("makes a correlation fire or not, and its silenced rules need no tests", () => {
    expect(run(burst, burstTests)).toMatchObject({ passed: 3, failed: 0, ok: true, problems: [] });
  });

  test("is told apart by order, and closes the windows that wait", () => {
    const tests = `base: { set: { eventName: DeleteStreamKey } }
tests:
  - { name: then, records: [{}, { set: { eventName: CreateStreamKey } }], expect: match }
  - { name: before, records: [{ set: { eventName: CreateStreamKey } }, {}], expect: match }
  - { name: alone, records: [{}], expect: match }
  - { name: one record, expect: match }
`;
    expect(verdicts(run(ordered, tests))).toEqual([
      "then: passed",
      "before: failed, no-match",
      "alone: failed, no-match",
      "one record: failed, no-match",
    ]);
    expect(verdicts(run(absent, tests))).toEqual([
      "then: failed, no-match",
      "before: passed",
      "alone: passed",
      "one record: passed",
    ]);
  });

  test("may be about a policy that counts the rule of another file", () => {
    const other = { path: "deleted.yml", text: rule("deleted", "DeleteChannel").replace("---\n", "") };
    const alone = burst.slice(burst.indexOf("---") + 4);
    expect(run(alone, burstTests, [other])).toMatchObject({ passed: 3, ok: true });
    const generating = alone.replace("timespan", "generate: true\n  timespan");
    expect(run(generating, burstTests, [other]).problems).toMatchObject([
      { code: "too-few-tests", path: "deleted.yml" },
    ]);
  });

  test("asks of a correlation what it asks of a rule: a test that matches and one that does not", () => {
    const [positive = ""] = burstTests.split("  - { name: too slow");
    expect(run(burst, positive).problems).toMatchObject([
      { code: "too-few-tests", path: "p.yml", line: 9, message: expect.stringContaining("expects no-match") },
    ]);
  });

  test("holds no more records than a window does", () => {
    const long = burstTests.replace("{ repeat: 3, after: 301s }", "{ repeat: 1500 }, { repeat: 501 }");
    expect(run(burst, long).problems).toMatchObject([
      { code: "invalid-test-file", line: 4, message: expect.stringContaining("2001 records") },
    ]);
  });

  test("explains what the windows hold and what is missing", () => {
    const { results } = run(burst, burstTests.replace("repeat: 3, after: 5m", "repeat: 2"));
    const text = results[0]?.explanation.join("\n");
    expect(text).toContain("DeleteChannel after 1s by arn:aws:iam::111122223333:user/alice: deleted");
    expect(text).toContain(
      "For recipientAccountId = 111122223333, actor.id = arn:aws:iam::111122223333:user/alice within 600s: 2 events, 2 against >= 3, which is false; 1 missing",
    );
    const missing = run(ordered, burstTests.replaceAll("DeleteChannel", "DeleteStreamKey")).results[0];
    expect(missing?.explanation.join("\n")).toContain("missing: created");
  });

  test("explains the records that no rule knows", () => {
    const { results } = run(
      burst,
      burstTests.replaceAll("eventName: DeleteChannel", "eventName: DeleteRoom"),
    );
    const text = results[0]?.explanation.join("\n");
    expect(text).toContain("none of the rules");
    expect(text).toContain("No window was opened");
    expect(text).toMatch(/✗ +call: eventName = DeleteChannel/);
  });
});

function timesOf(records: string): unknown[] {
  return (
    readTestFile(
      { path: "t.test.yml", text: `tests:\n  - { name: t, records: ${records}, expect: match }\n` },
      [],
    )?.tests[0]?.records.map(({ eventTime, eventID }) => [eventTime, Number(eventID.slice(-12))]) ?? []
  );
}

test.each([
  ["[{}, {}]", ["03:04:05", "03:04:06"]],
  ["[{}, { after: 90s }, { after: 0s }]", ["03:04:05", "03:05:35", "03:05:35"]],
  ["[{}, { after: 1h }, { at: 90s }]", ["03:04:05", "04:04:05", "03:05:35"]],
  ["[{ repeat: 3, after: 1m }]", ["03:04:05", "03:05:05", "03:06:05"]],
  ["[{ set: { eventTime: '2026-01-02T05:00:00Z' } }, { after: 1m }]", ["05:00:00", "05:01:00"]],
])("%s gives each record its time and id", (records, times) => {
  expect(timesOf(records)).toEqual(times.map((time, index) => [`2026-01-02T${time}Z`, index + 1]));
});

test("{n} is the number of a repetition", () => {
  const text =
    "tests:\n  - { name: t, records: [{ repeat: 2, set: { requestParameters: { arns: ['a{n}', x] } } }], expect: match }\n";
  const records = readTestFile({ path: "t.test.yml", text }, [])?.tests[0]?.records ?? [];
  expect(records.map(({ requestParameters }) => requestParameters)).toEqual([
    { arns: ["a1", "x"] },
    { arns: ["a2", "x"] },
  ]);
});

test("a step takes the parts of the file and of the test", () => {
  const text = `base: { actor: root-with-mfa, set: { eventName: A, awsRegion: x } }
tests:
  - name: t
    set: { awsRegion: y }
    records: [{}, { set: { eventName: B } }, { extends: call }]
    expect: match
`;
  const records = readTestFile({ path: "t.test.yml", text }, [])?.tests[0]?.records ?? [];
  expect(records.map(({ eventName, awsRegion }) => `${eventName} ${String(awsRegion)}`)).toEqual([
    "A y",
    "B y",
    "GetChannel us-east-1",
  ]);
});

test.each([
  ["records: [{ aftr: 1s }]", "Did you mean `after`?"],
  ["records: [{ after: soon }]", "must be a duration such as"],
  ["records: []", "tests.0.records"],
  ["records: [{ repeat: 0 }]", "tests.0.records.0.repeat"],
])("rejects %s", (records, text) => {
  const { problems } = run(burst, `tests:\n  - { name: t, ${records}, expect: match }\n`);
  expect(problems.map(({ message }) => message).join("\n")).toContain(text);
});
