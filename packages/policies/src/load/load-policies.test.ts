import { parseConfig } from "@streamwarden/config";
import type { SourceFile } from "@streamwarden/sigma";
import { describe, expect, test } from "vitest";
import { groupValues } from "../group-values.ts";
import type { PolicySet } from "../policy-set.ts";
import { expiredExceptions } from "./exception.ts";
import { loadPolicies } from "./load-policies.ts";
import { rulesetOf } from "./policy-plan.ts";

function rule(attributes = "", detection = "a: { eventName: CreateChannel }\n  condition: a"): string {
  return `title: Example
id: 5b0f6c1e-1111-4111-8111-111111111111
name: example
logsource: { product: aws, service: cloudtrail }
detection:
  ${detection}
level: high
${attributes === "" ? "" : `custom_attributes:\n${attributes}`}
`;
}
function exception(attributes: string): SourceFile {
  return {
    path: "exception.yml",
    text: `title: Load test
logsource: { product: aws, service: cloudtrail }
filter:
  rules: [example]
  selection: { requestParameters.name: load-test }
  condition: not selection
custom_attributes:
${attributes}`,
  };
}
function load(text: string, config = "", ...more: SourceFile[]): PolicySet {
  return loadPolicies(
    { files: [{ path: "example.yml", text }, ...more] },
    parseConfig(config, "/x/streamwarden.yml"),
  );
}
const record = {
  eventName: "CreateChannel",
  eventTime: "2026-01-02T03:04:05Z",
  recipientAccountId: "111122223333",
  userIdentity: { type: "IAMUser", arn: "arn:aws:iam::111122223333:user/alice" },
  requestParameters: { name: "load-test" },
};

describe("the scope of an incident", () => {
  const counting = (group: string, attributes: string): SourceFile => ({
    path: "counting.yml",
    text: `title: Counting\nname: counting\nlevel: high\ncorrelation:\n  type: event_count\n  rules: [example]\n  group-by: [${group}]\n  timespan: 1h\n  condition: { gte: 2 }\ncustom_attributes:\n  ${attributes}\n`,
  });

  test("is one actor, or a whole account where a policy says so", () => {
    const { policies, problems } = load(
      rule("  streamwarden.scope: account\n  streamwarden.group_by: [awsRegion]"),
    );
    expect(problems).toEqual([]);
    expect(policies).toMatchObject([{ scope: "account", groupBy: ["recipientAccountId", "awsRegion"] }]);
    expect(load(rule()).policies).toMatchObject([
      { scope: "actor", groupBy: ["recipientAccountId", "actor.id"] },
    ]);
  });

  test.each([
    ["recipientAccountId", "streamwarden.scope: account", undefined],
    ["recipientAccountId, actor.id", "streamwarden.scope: account", "groups by the actor"],
    ["recipientAccountId", "streamwarden.scope: planet", "must be one of actor, account"],
  ])("of a correlation over %s with %s", (group, attributes, expected) => {
    const { problems } = load(rule(), "", counting(group, attributes));
    const errors = problems.filter(({ severity }) => severity === "error");
    if (expected === undefined) expect(errors).toEqual([]);
    else expect(errors[0]?.message).toContain(expected);
  });
});

describe("people and roles", () => {
  const role = "arn:aws:iam::111122223333:role/people/Admin";
  const session = (name: string) => ({
    ...record,
    userIdentity: {
      type: "AssumedRole",
      arn: `arn:aws:sts::111122223333:assumed-role/Admin/${name}`,
      sessionContext: { sessionIssuer: { type: "Role", arn: role, userName: "Admin" } },
    },
  });
  const listed = `identities: { federatedRoles: ["arn:aws:iam::*:role/people/*"] }`;
  const groupOf = ({ ruleset, policies }: PolicySet, name: string): string =>
    policies[0] === undefined ? "" : JSON.stringify(groupValues(ruleset, policies[0], session(name)));

  test.each([
    ["a role that nobody lists is one actor", "", true],
    ["two people of a listed role never share an incident", listed, false],
  ])("%s", (_name, config, expected) => {
    const set = load(rule(), config);
    expect(groupOf(set, "alice") === groupOf(set, "bob")).toBe(expected);
    expect(set.actorOf(session("alice")).person).toBe(expected ? undefined : "alice");
    // Threads that make the ruleset anew see the same people.
    const again = { ...set, ruleset: rulesetOf(set.plan) };
    expect(groupOf(again, "alice")).toBe(groupOf(set, "alice"));
  });

  test.each([
    ["the role", role, [false, false]],
    ["one person", "alice", [false, true]],
    ["one person's session", "arn:aws:sts::111122223333:assumed-role/Admin/alice", [false, true]],
  ])("an exception may name %s", (_name, written, expected) => {
    const narrowing: SourceFile = {
      path: "exception.yml",
      text: exception(
        "  streamwarden.owner: o\n  streamwarden.reason: r\n  streamwarden.expires: 2999-01-01",
      ).text.replace("requestParameters.name: load-test", `actor.id: "${written}"`),
    };
    const { ruleset, problems } = load(rule(), listed, narrowing);
    expect(problems).toEqual([]);
    expect(["alice", "bob"].map((name) => ruleset.match(session(name)).length === 1)).toEqual(expected);
  });
});

describe("loadPolicies", () => {
  test("fills in the defaults", () => {
    const { policies, problems } = load(rule(), "incidents: { window: 2h }");
    expect(problems).toEqual([]);
    expect(policies).toMatchObject([
      {
        name: "example",
        severity: "high",
        stage: "live",
        windowSeconds: 7200,
        groupBy: ["recipientAccountId", "actor.id"],
      },
    ]);
  });

  test("reads the attributes, and groups by account and actor first in any case", () => {
    const { policies } = load(
      rule(
        "  streamwarden.group_by: [requestParameters.arn, actor.id]\n  streamwarden.window: 15m\n  streamwarden.stage: dry-run\n  streamwarden.runbook: call\n  other.tool: x",
      ),
    );
    expect(policies).toMatchObject([
      {
        groupBy: ["recipientAccountId", "actor.id", "requestParameters.arn"],
        windowSeconds: 900,
        stage: "dry-run",
        runbook: "call",
      },
    ]);
  });

  test.each([
    ["  streamwarden.windw: 1h", "unknown-attribute", "Did you mean `streamwarden.window`?"],
    [
      "  streamwarden.colour: red",
      "unknown-attribute",
      "Known: streamwarden.first_seen, streamwarden.group_by",
    ],
    ["  streamwarden.window: 1 hour", "invalid-attribute-value", "between 1m and 7d"],
    ["  streamwarden.window: 30s", "invalid-attribute-value", "between 1m and 7d"],
    ["  streamwarden.stage: test", "invalid-attribute-value", "one of live, dry-run"],
    ["  streamwarden.group_by: []x", "yaml-syntax", ""],
    ["  streamwarden.group_by: { a: b }", "invalid-attribute-value", "a list of field names"],
    ["  streamwarden.runbook: ''", "invalid-attribute-value", "not empty"],
  ])("rejects %s at its line", (attributes, code, text) => {
    const [problem] = load(rule(attributes)).problems;
    expect(problem).toMatchObject({ code, severity: "error", path: "example.yml" });
    expect(`${problem?.message} ${problem?.hint}`).toContain(text);
    if (code !== "yaml-syntax") expect(problem).toMatchObject({ line: 10, column: 3 });
  });

  test("reads what is to be seen for the first time, always account by account", () => {
    const firstSeen = (text: string): unknown =>
      load(rule(`  streamwarden.first_seen: ${text}`)).policies[0]?.firstSeen;
    expect(firstSeen("{ of: [actor.id], within: 14d, learn: 2d }")).toEqual({
      of: ["actor.id"],
      by: ["recipientAccountId"],
      withinSeconds: 14 * 86_400,
      learnSeconds: 2 * 86_400,
    });
    expect(firstSeen("{ of: [sourceIPAddress, awsRegion], by: [actor.id] }")).toEqual({
      of: ["sourceIPAddress", "awsRegion"],
      by: ["recipientAccountId", "actor.id"],
      withinSeconds: 30 * 86_400,
      learnSeconds: 7 * 86_400,
    });
  });

  test.each([
    ["{ within: 30d }", "first_seen.of` must be a list of field names"],
    ["{ of: [] }", "first_seen.of` must be a list of field names"],
    ["{ of: [actor.id], by: [1] }", "first_seen.by` must be a list of field names"],
    ["{ of: [actor.id], within: 30 days }", "first_seen.within` must be a duration between 1h and 365d"],
    ["{ of: [actor.id], learn: 365d }", "first_seen.learn` must be a duration between 1h and 90d"],
    ["{ of: [actor.id], withn: 30d }", "Did you mean `within`?"],
    ["[actor.id]", "must be a map"],
  ])("rejects first_seen: %s at its line", (text, message) => {
    const [problem] = load(rule(`  streamwarden.first_seen: ${text}`)).problems;
    expect(problem).toMatchObject({ code: "invalid-attribute-value", line: 10, column: 3 });
    expect(`${problem?.message} ${problem?.hint ?? ""}`).toContain(message);
  });

  test("rejects a correlation that counts first sightings", () => {
    const counting = {
      path: "counting.yml",
      text: "title: C\nname: c\nlevel: high\ncorrelation:\n  type: event_count\n  rules: [example]\n  group-by: [actor.id]\n  timespan: 1h\n  generate: true\n  condition: { gte: 2 }\n",
    };
    const { problems } = load(rule("  streamwarden.first_seen: { of: [actor.id] }"), "", counting);
    expect(problems).toMatchObject([
      { code: "first-seen-counted", severity: "error", path: "example.yml" },
      { code: "unknown-rule", severity: "error", path: "counting.yml" },
    ]);
  });

  test("lists a policy whose list is empty as inactive, and evaluates it when the list is filled in", () => {
    const text = rule("", "a: { 'awsRegion|expand': '%ApprovedRegions%' }\n  condition: not a");
    expect(load(text)).toMatchObject({
      policies: [],
      inactive: [{ name: "example", placeholders: ["ApprovedRegions"] }],
    });
    expect(load(text, "lists: { ApprovedRegions: [us-east-1] }")).toMatchObject({
      policies: [{}],
      inactive: [],
    });
  });

  test("rejects a list that the configuration does not know", () => {
    expect(load(rule("", "a: { 'awsRegion|expand': '%Nowhere%' }\n  condition: a")).problems).toMatchObject([
      { code: "unknown-placeholder", severity: "error" },
    ]);
  });

  test("switches a policy off by name or id, visibly", () => {
    const disabled = (policy: string): string =>
      `policies: { disabled: [{ policy: ${policy}, owner: o, reason: r }] }`;
    for (const reference of ["example", "5b0f6c1e-1111-4111-8111-111111111111"]) {
      const loaded = load(rule(), disabled(reference));
      expect(loaded).toMatchObject({
        policies: [],
        disabled: [{ title: "Example", owner: "o", reason: "r" }],
        problems: [],
      });
      for (const matched of loaded.ruleset.match(record)) expect(loaded.policyOf(matched)).toBeUndefined();
    }
    expect(load(rule(), disabled("Example title")).problems).toMatchObject([
      { code: "unknown-disabled-policy", path: "/x/streamwarden.yml" },
    ]);
  });

  test("says that a rule about other logs is never evaluated", () => {
    expect(
      load(rule().replace("product: aws, service: cloudtrail", "product: windows")).problems,
    ).toMatchObject([{ code: "other-logsource", severity: "warning" }]);
  });

  test("names a path that cannot be read", () => {
    const config = parseConfig("policies: { pack: false, paths: [nowhere] }", "/x/streamwarden.yml");
    expect(loadPolicies("configured", config).problems).toMatchObject([
      { code: "unreadable-path", path: "/x/nowhere" },
    ]);
  });
});

describe("exceptions", () => {
  const whole = "  streamwarden.owner: o\n  streamwarden.reason: r\n  streamwarden.expires: '2026-01-31'";
  const matches = (attributes: string, eventTime: string): number =>
    load(rule(), "", exception(attributes)).ruleset.match({ ...record, eventTime }).length;

  test("hold until the end of their last day, by the time of the call", () => {
    expect(matches(whole, "2026-01-31T23:59:59Z")).toBe(0);
    expect(matches(whole, "2026-02-01T00:00:00Z")).toBe(1);
  });

  test("excuse nothing when the call has no time", () => expect(matches(whole, "")).toBe(1));

  test("are listed with owner, reason and expiry", () => {
    expect(load(rule(), "", exception(whole)).exceptions).toMatchObject([
      { name: "load-test", owner: "o", reason: "r", lastDay: "2026-01-31" },
    ]);
  });

  test.each([
    ["  streamwarden.owner: o\n  streamwarden.reason: r", "incomplete-exception"],
    [`${whole}\n  streamwarden.window: 1h`, "unknown-attribute"],
    [whole.replace("2026-01-31", "2026-02-30"), "invalid-attribute-value"],
  ])("are rejected when incomplete or wrong: %j", (attributes, code) => {
    const { problems } = load(rule(), "", exception(attributes));
    expect(problems).toMatchObject([{ code, severity: "error", path: "exception.yml" }]);
  });

  test.each([
    ["2026-01-31T23:59:59.999Z", []],
    ["2026-02-01T00:00:00Z", ["exception.yml:10:3"]],
  ])("are reported from the day after their last one: %s", (now, places) => {
    const { exceptions, problems } = load(rule(), "", exception(whole));
    const expired = expiredExceptions(exceptions, Date.parse(now));
    expect(expired.map(({ path, line, column }) => `${path}:${line}:${column}`)).toEqual(places);
    expect(expired.every(({ severity }) => severity === "warning")).toBe(true);
    expect(problems).toEqual([]);
  });

  test("that hold for ever are never reported as expired", () => {
    const { exceptions } = load(rule(), "", exception("  other: x"));
    expect(exceptions).toHaveLength(1);
    expect(expiredExceptions(exceptions, Number.MAX_SAFE_INTEGER)).toEqual([]);
  });

  test("excuse nothing when rejected", () =>
    expect(matches("  streamwarden.owner: o", record.eventTime)).toBe(1));
});

describe("the rules of a correlation", () => {
  const counted = (attributes: string): string => `${rule()}---
title: Many
name: many
level: high
correlation: { type: event_count, rules: [example], timespan: 5m, condition: { gte: 3 } }
${attributes}`;

  test.each([
    ["that is live", counted(""), ""],
    ["in dry-run", counted("custom_attributes: { streamwarden.stage: dry-run }\n"), ""],
    ["that is switched off", counted(""), "policies: { disabled: [{ policy: many, owner: o, reason: r }] }"],
  ])("raise no alerts of their own: %s", (_, text, config) => {
    const { policies, problems } = load(text, config);
    expect(problems).toEqual([]);
    expect(policies.map(({ name }) => name)).not.toContain("example");
  });
});

describe("policies without id and name", () => {
  const nameless = (title: string): string =>
    rule()
      .replace(/^id: .*\nname: .*\n/m, "")
      .replace("title: Example", `title: ${title}`);

  test.each([
    ["whose titles make the same name", nameless("Same one"), nameless("same-one!"), 2],
    ["whose title makes no name", nameless("配信停止"), nameless("Other"), 1],
    ["whose title makes a name that another has", nameless("example"), rule(), 1],
    ["of different titles", nameless("One"), nameless("Two"), 0],
  ])("%s are rejected", (_, first, second, rejected) => {
    const { problems } = load(first, "", { path: "second.yml", text: second });
    expect(problems.map(({ code }) => code)).toEqual(Array(rejected).fill("unnamed-policy"));
  });
});

describe("groupValues", () => {
  const valuesOf = (fields: string, one: Record<string, unknown>): string[] => {
    const { policies, ruleset } = load(rule(`  streamwarden.group_by: [${fields}]`));
    return policies.flatMap((policy) => groupValues(ruleset, policy, one).map(({ value }) => value));
  };

  test("are the account, the actor, and what the policy names", () => {
    expect(valuesOf("requestParameters.name", record)).toEqual([
      "111122223333",
      "arn:aws:iam::111122223333:user/alice",
      "load-test",
    ]);
  });

  test.each([
    ["absent", {}, "-"],
    ["null", { x: null }, "-"],
    ["empty", { x: "" }, "-"],
    ["a number", { x: 7 }, "7"],
    ["a list, sorted", { x: ["b", "a", "b"] }, "a,b 0473ef2dc0d3"],
    ["a list of one", { x: ["b", "b"] }, "b"],
    ["an object", { x: { a: 1 } }, '{"a":1}'],
    ["a secret", { x: "sk_us-west-2_abcdABCDefgh_567890abcdef" }, "[redacted] 6613116d373a"],
  ])("for a field that is %s", (_name, one, value) => expect(valuesOf("x", one).at(-1)).toBe(value));

  test("are bounded", () =>
    expect(valuesOf("x", { x: "y".repeat(1_000_000) }).at(-1)).toMatch(/^y{512} [0-9a-f]{12}$/));

  test.each([
    ["beyond the cut", `${"y".repeat(600)}a`, `${"y".repeat(600)}b`],
    ["in what is redacted", "token=aaaaaa", "token=bbbbbb"],
    [
      "in a list beyond its first members",
      [..."abcdefghijklmnopqrstuvwxyz"],
      [..."abcdefghijklmnopqrstuvwxy0"],
    ],
    ["as lists whose members hold commas", ["a,b"], ["a", "b"]],
    ["as a text and nothing", "-", null],
  ])("stay apart where they differ %s", (_, left, right) =>
    expect(valuesOf("x", { x: left })).not.toEqual(valuesOf("x", { x: right })),
  );

  test("are the same for lists in any order", () => {
    const members = Array.from({ length: 40 }, (_, index) => `member-${index}`);
    expect(valuesOf("x", { x: members })).toEqual(valuesOf("x", { x: members.toReversed() }));
  });
});
