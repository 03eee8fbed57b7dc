import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseConfig } from "@streamwarden/config";
import { loadPolicies } from "@streamwarden/policies";
import { afterAll, describe, expect, test } from "vitest";
import { learnFirstSeen } from "../replay.ts";
import { rejectedOf } from "../result/policy-findings.ts";
import { type Call, folder, load, policyText, run, told, usual, write } from "../testing/first-seen.ts";
import { policiesAt } from "../testing/policies.ts";

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a first-seen policy in a replay", () => {
  test("counts what was new, and beside it the records of which its rule is true", async () => {
    const ran = await run(load("counts", usual), [
      [
        { id: "a", at: 0, user: "alice" },
        { id: "learning", at: 49, user: "bob" },
        { id: "new", at: 60, user: "carol" },
        { id: "new", at: 60, user: "carol" },
        { id: "again", at: 70, user: "carol" },
        { id: "other", at: 80, user: "dave", name: "GetChannel" },
        { id: "account", at: 90, user: "alice", account: "2" },
        { id: "pause", at: 171, user: "carol" },
      ],
    ]);
    expect(ran.result.policies).toMatchObject([{ kind: "first-seen", matches: 2, seen: 7 }]);
    expect(ran.matches).toMatchObject([
      {
        name: "new",
        eventID: "new",
        eventTime: "2026-01-03T12:00:00.000Z",
        eventName: "CreateChannel",
        record: 3,
        of: { "actor.id": "arn:aws:iam::1:user/carol" },
        by: { recipientAccountId: "1" },
        eventIDs: ["new"],
      },
      { eventID: "pause", eventIDs: ["pause"] },
    ]);
  });

  test("several records of one second with the same values are one", async () => {
    const ran = await run(load("second", usual), [
      [
        { id: "a", at: 0, user: "alice" },
        { id: "n2", at: 60, user: "mallory" },
        { id: "n1", at: 60, user: "mallory" },
      ],
    ]);
    expect(ran.result.policies[0]?.matches).toBe(1);
    expect(ran.matches).toMatchObject([{ eventID: "n1", record: 3, eventIDs: ["n1", "n2"] }]);
  });

  test("nothing is too old to be reported", async () => {
    const years = 24 * 365;
    const ran = await run(load("old", usual), [
      [
        { id: "a", at: -20 * years, user: "alice" },
        { id: "b", at: -19 * years, user: "bob" },
      ],
    ]);
    expect(told(ran)).toEqual(["b"]);
  });

  test("the values are redacted, and a field that is absent is null", async () => {
    const policies = load("values", "{ of: [userIdentity.arn, nothing], within: 1h, learn: 1h }");
    const ran = await run(policies, [
      [
        { id: "a", at: 0, user: "alice" },
        { id: "b", at: 9, user: `sk_us-west-2_${"x".repeat(40)}` },
      ],
    ]);
    expect(ran.matches).toMatchObject([
      { of: { "userIdentity.arn": "arn:aws:iam::1:user/[redacted]", nothing: null } },
    ]);
  });

  test("those of the configuration count the same way, and one that is switched off does not", async () => {
    const path = write("own.yml", policyText(usual, "own"));
    const off = write("off.yml", policyText(usual, "off"));
    const config = parseConfig(
      `policies:\n  pack: false\n  paths: [${path}, ${off}]\n  disabled: [{policy: off, owner: me, reason: test}]\n`,
      join(folder, "streamwarden.yml"),
    );
    const calls: Call[] = [
      { id: "a", at: 0, user: "alice" },
      { id: "b", at: 60, user: "bob" },
    ];
    for (const jobs of [1, 2]) {
      const ran = await run(
        loadPolicies("configured", config),
        calls.map((call) => [call]),
        jobs,
      );
      expect(ran.result.policies).toMatchObject([{ name: "own", kind: "first-seen", matches: 1, seen: 2 }]);
      expect(ran.matches.map(({ name }) => name)).toEqual(["own"]);
    }
  });
});

describe("a policy file with an attribute that cannot work is rejected", () => {
  test.each([
    ["{ within: 30d }", 9, "invalid-attribute-value", "first_seen.of"],
    ["{ of: [actor.id], learn: 1y }", 9, "invalid-attribute-value", "first_seen.learn"],
    ["soon", 9, "invalid-attribute-value", "must be a map"],
    [`${usual}\n  streamwarden.first_sen: x`, 10, "unknown-attribute", "first_sen"],
  ])("%s", (firstSeen, line, code, message) => {
    const policies = load("malformed", firstSeen);
    const rejected = rejectedOf(policies);
    const { ruleset } = policies;
    expect(rejected).toMatchObject([{ path: join(folder, "malformed.yml"), line, code }]);
    expect(rejected[0]?.message).toContain(message);
    expect(ruleset.rules).toEqual([]);
  });

  test("and so it is in every thread, with a filter among the files", async () => {
    const filter =
      "---\ntitle: f\nlogsource: {product: aws, service: cloudtrail}\nfilter:\n  rules: [good]\n  x: {eventName: Nothing}\n  condition: not x\n";
    const path = write("mixed.yml", `${policyText("{}", "bad")}---\n${policyText(usual, "good")}${filter}`);
    const policies = policiesAt(path);
    expect(rejectedOf(policies).map(({ code }) => code)).toEqual(["invalid-attribute-value"]);
    const { result } = await run(policies, [[{ id: "a", at: 0, user: "u" }], []], 2);
    expect(result.policies).toMatchObject([{ name: "good", matches: 0, seen: 1 }]);
  });

  test("a correlation that counts one", () => {
    const counting = `---\ntitle: many\ncorrelation: {type: event_count, rules: [new], timespan: 1h, condition: {gte: 2}}\n`;
    const path = write("counted.yml", policyText(usual) + counting);
    expect(rejectedOf(policiesAt(path)).map(({ code }) => code)).toContain("first-seen-counted");
  });

  test("in the configuration its matches are not reported either", async () => {
    const path = write("bad.yml", policyText("{}", "bad"));
    const config = parseConfig(`policies: {pack: false, paths: [${path}]}`, join(folder, "streamwarden.yml"));
    const policies = loadPolicies("configured", config);
    expect(rejectedOf(policies).map(({ code }) => code)).toEqual(["invalid-attribute-value"]);
    expect((await run(policies, [[{ id: "a", at: 0, user: "u" }]])).matches).toEqual([]);
  });
});

test("holds runs of sightings and not sightings, however many there are", async () => {
  const many = Array.from(
    { length: 5000 },
    (_unused, index): Call => ({ id: `e${index}`, at: index / 100, user: "u" }),
  );
  await run(load("bounded", usual), [many]);
  const { histories, result } = await learnFirstSeen({
    paths: [join(folder, "trail")],
    policies: load("bounded", usual),
  });
  const [part] = [...histories.values()].map((history) => history.part());
  expect(part?.terms.map(({ document, details }) => [document.runs.length, details.length])).toEqual([
    [1, 0],
  ]);
  expect(result.policies).toMatchObject([{ seen: 5000, matches: 0 }]);
});
