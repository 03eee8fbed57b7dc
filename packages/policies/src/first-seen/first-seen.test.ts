import { type CloudTrailRecord, decodeRecord } from "@streamwarden/cloudtrail";
import { parseConfig } from "@streamwarden/config";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadPolicies } from "../load/load-policies.ts";
import type { PolicySet } from "../policy-set.ts";
import { type PolicyTestReport, runPolicyTests } from "../policy-tests/run-policy-tests.ts";
import { firstSeenKeys } from "./first-seen.ts";
import { seedFirstSeen } from "./first-seen-history.ts";

function text(firstSeen: string): string {
  return `title: New
name: new
logsource: { product: aws, service: cloudtrail }
detection:
  call: { eventName: CreateChannel }
  condition: call
level: low
custom_attributes:
  streamwarden.first_seen: ${firstSeen}
`;
}
const config = parseConfig("policies: { pack: false }", "streamwarden.yml");
function load(firstSeen: string): PolicySet {
  return loadPolicies({ files: [{ path: "new.yml", text: text(firstSeen) }] }, config);
}
const start = Date.parse("2026-01-01T00:00:00Z");
const day = 86_400_000;

function record(days: number, change: object = {}): CloudTrailRecord {
  const decoded = decodeRecord({
    eventID: `e${days}`,
    eventTime: new Date(start + days * day).toISOString(),
    eventSource: "ivs.amazonaws.com",
    eventName: "CreateChannel",
    recipientAccountId: "111122223333",
    userIdentity: { type: "IAMUser", arn: "arn:aws:iam::111122223333:user/alice" },
    ...change,
  });
  if (decoded.outcome === "rejected") throw new Error(decoded.rejection.message);
  return decoded.record;
}

function keysOf(firstSeen: string, one: CloudTrailRecord): { term: string; learning: string } {
  const { policies, ruleset } = load(firstSeen);
  const [policy] = policies;
  if (policy?.firstSeen === undefined) throw new Error("There is no first-seen policy.");
  return firstSeenKeys(ruleset, policy, policy.firstSeen, one);
}

describe("the keys of a match", () => {
  const usual = "{ of: [awsRegion] }";
  const keys = keysOf(usual, record(0, { awsRegion: "a" }));

  test.each([
    ["the same values", usual, { awsRegion: "a" }, true, true],
    ["another `of` value", usual, { awsRegion: "b" }, true, false],
    ["no `of` value, which is a value of its own", usual, {}, true, false],
    ["another account", usual, { awsRegion: "a", recipientAccountId: "9" }, false, false],
    [
      "another `within`, which is another question",
      "{ of: [awsRegion], within: 7d }",
      { awsRegion: "a" },
      false,
      false,
    ],
    [
      "another learning period, which is not",
      "{ of: [awsRegion], learn: 1d }",
      { awsRegion: "a" },
      true,
      true,
    ],
  ])("for %s", (_name, firstSeen, change, isSameLearning, isSameTerm) => {
    const found = keysOf(firstSeen, record(1, change));
    expect(found.learning === keys.learning).toBe(isSameLearning);
    expect(found.term === keys.term).toBe(isSameTerm);
  });

  test("a list is one value whatever its order, and a text is not a number", () => {
    const of = (value: unknown): string => keysOf("{ of: [x] }", record(0, { x: value })).term;
    expect(of(["b", "a", "b"])).toBe(of(["a", "b"]));
    expect(of("1")).not.toBe(of(1));
    expect(of(null)).toBe(of(undefined));
    expect(of(["a", null])).toBe(of(["a"]));
    expect(of("a".repeat(1_000_000))).not.toBe(of(`${"a".repeat(1_000_000)}b`));
  });
});

describe("seedFirstSeen", () => {
  test("gives the documents of the policies, whatever the order of the records", () => {
    const loaded = load("{ of: [actor.id] }");
    const bob = { userIdentity: { type: "IAMUser", arn: "arn:aws:iam::111122223333:user/bob" } };
    const records = [0, 1, 20, 60]
      .map((days) => record(days))
      .concat(record(30, bob), record(31, { eventName: "Get" }));
    const keys = keysOf("{ of: [actor.id] }", record(0));
    const expected = seedFirstSeen(loaded, records, start + 61 * day);
    expect(expected.learning.get(keys.learning)).toMatchObject({ earliest: start });
    expect(expected.terms.size).toBe(2);
    expect(expected.terms.get(keys.term)?.runs).toMatchObject([
      { first: start, last: start + 20 * day, ids: [], decided: true },
      { first: start + 60 * day, last: start + 60 * day, ids: [], decided: true },
    ]);
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...records, ...records], { minLength: 12, maxLength: 12 }),
        (shuffled) => {
          expect(seedFirstSeen(loaded, shuffled, start + 61 * day)).toEqual(expected);
        },
      ),
      { numRuns: 20 },
    );
  });

  test("leaves to be decided what is too young", () => {
    const { terms } = seedFirstSeen(load("{ of: [actor.id] }"), [record(60)], start + 59 * day);
    expect([...terms.values()]).toMatchObject([{ runs: [{ ids: ["e60"], decided: false }] }]);
  });
});

describe("the test of a first-seen policy", () => {
  const run = (tests: string): PolicyTestReport =>
    runPolicyTests(
      {
        files: [
          { path: "new.yml", text: text("{ of: [awsRegion] }") },
          { path: "new.test.yml", text: `base: { set: { eventName: CreateChannel } }\ntests:\n${tests}` },
        ],
      },
      config,
    );

  test("runs its records through the reducers, learning period included", () => {
    const { ok, problems, passed } =
      run(`  - { name: new, records: [{}, { after: 7d, set: { awsRegion: x } }], expect: match }
  - { name: learning, records: [{}, { after: 6d, set: { awsRegion: x } }], expect: no-match }
  - { name: one record, expect: no-match }
`);
    expect({ ok, problems, passed }).toEqual({ ok: true, problems: [], passed: 3 });
  });

  test("explains what each record was a sighting of", () => {
    const { results } = run(
      "  - { name: learning, records: [{}, { set: { eventName: A } }], expect: match }\n",
    );
    const explanation = results[0]?.explanation.join("\n");
    expect(explanation).toContain(
      "New is what was not seen for 2592000s. Nothing is reported in the first 604800s",
    );
    expect(explanation).toContain(
      "CreateChannel after 0s: awsRegion = us-east-1 for recipientAccountId = 111122223333",
    );
    expect(explanation).toContain("A after 1s: the rule is not true of it");
  });
});
