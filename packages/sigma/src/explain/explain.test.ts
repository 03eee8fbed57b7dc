import { describe, expect, test } from "vitest";
import { loadClean, ruleText } from "../testing/rules.ts";
import type { ExplainedNode } from "./explain.ts";
import { explain } from "./explain.ts";
import { renderExplanation } from "./render-explanation.ts";

const text = [
  ruleText(
    [
      "create: {eventSource: ivs.amazonaws.com, eventName: [CreateChannel, CreateStage]}",
      "person: {actor.kind: [root, user], actor.mfa: absent}",
      "failed: {errorCode|exists: true}",
      "filter_ci: {userAgent|contains: ci-robot}",
      "filter_net: {sourceIPAddress|cidr: 10.0.0.0/8}",
      "condition: create and person and not failed and not 1 of filter_*",
    ].join("\n"),
    "name: no-mfa\n",
  ).replace("A rule", "Channel created without MFA"),
  [
    "title: CI may do this",
    "name: ci",
    "logsource: {product: test}",
    "filter:",
    "  rules: [no-mfa]",
    "  ci: {actor.id|endswith: ':role/ci'}",
    "  condition: not ci",
  ].join("\n"),
].join("---\n");

const event = {
  eventSource: "ivs.amazonaws.com",
  eventName: "CreateChannel",
  actor: { kind: "user", mfa: "unknown", id: "arn:aws:iam::1:role/ci" },
  sourceIPAddress: "ivs.amazonaws.com",
  userAgent: "x\u001b[31m",
};

describe("explain", () => {
  const ruleset = loadClean(text);
  const [rule] = ruleset.rules;
  if (rule === undefined) {
    throw new Error("The rule of this test did not load.");
  }

  test("shows the tree with what each test saw and why", () => {
    expect(renderExplanation(explain(ruleset, rule, event))).toBe(
      `
Channel created without MFA: no match
✗   all of
✓     create: all of
✓       eventSource = ivs.amazonaws.com               ivs.amazonaws.com       equal
✓       eventName in (CreateChannel, CreateStage)     CreateChannel           equal
✗     person: all of
✓       actor.kind in (root, user)                    user                    equal
✗       actor.mfa = absent                            unknown                 not equal
✓     not failed: errorCode is present                                        absent
✓     not 1 of filter_*
✗       filter_ci: userAgent contains "ci-robot"      x\\u001b[31m             does not match
✗       filter_net: sourceIPAddress is in 10.0.0.0/8  ivs.amazonaws.com       not an IP address
exception "CI may do this" suppresses the match
✗   not ci: actor.id ends with ":role/ci"             arn:aws:iam::1:role/ci  matches
`.trim(),
    );
  });

  test("says how the parts of a selection are linked, and keeps its columns beside a long test", () => {
    const detection =
      "any: [alpha, beta]\nall: {'|all': [alpha, beta]}\nlong: {eventName|contains: " +
      `"${"x".repeat(70)}"}\ncondition: any and all and long`;
    const loaded = loadClean(ruleText(detection));
    const [found] = loaded.rules;
    const shown =
      found === undefined ? "" : renderExplanation(explain(loaded, found, { eventName: "alpha" }));
    expect(shown.split("\n").slice(1)).toEqual([
      "✗   all of",
      "✓     any: one of",
      expect.stringMatching(/^✓ {7}any value contains "alpha" +1 value +matches$/),
      expect.stringMatching(/^✗ {7}any value contains "beta" +1 value +does not match$/),
      "✗     all: all of",
      expect.any(String),
      expect.any(String),
      `✗     long: eventName contains "${"x".repeat(70)}"`,
      expect.stringMatching(/^ {64}alpha +does not match$/),
    ]);
  });

  test("is plain data", () => {
    const explanation = explain(ruleset, rule, event);
    expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation);
    expect(explanation).toMatchObject({
      rule: { name: "no-mfa", title: "Channel created without MFA" },
      verdict: false,
      filters: [{ filter: { name: "ci" }, suppresses: true, applies: true }],
    });
  });

  test("colours marks and reasons only when asked", () => {
    const explanation = explain(ruleset, rule, event);
    expect(renderExplanation(explanation)).not.toContain("\u001b");
    expect(renderExplanation(explanation, { color: true })).toContain("\u001b[31m✗\u001b[0m");
  });

  test("counts a filter that no longer applies as letting the match through", () => {
    const expired = loadClean(text, { filterApplies: () => false });
    const [first] = expired.rules;
    const match = { ...event, actor: { ...event.actor, mfa: "absent" } };
    const explanation = first && explain(expired, first, match);
    expect(explanation?.verdict).toBe(true);
    expect(explanation && renderExplanation(explanation)).toContain(
      'exception "CI may do this" no longer applies',
    );
  });

  test.each<[string, Record<string, unknown>, boolean, string, string[]]>([
    ["f: x", {}, false, "absent", []],
    ["f: x", { f: null }, false, "null", ["null"]],
    ["f: x", { f: [] }, false, "an empty list", []],
    ["f: x", { f: "y" }, false, "not equal", ["y"]],
    ["f: x", { f: "" }, false, "not equal", ['""']],
    ["f|cased: X", { f: "x" }, false, "equal but for its case", ["x"]],
    ["f: x", { f: "X" }, true, "equal", ["X"]],
    ["f: null", {}, true, "absent", []],
    ["f: null", { f: null }, true, "null", ["null"]],
    ["f: null", { f: 1 }, false, "present", ["1"]],
    ["f|exists: true", {}, false, "absent", []],
    ["f|exists: false", { f: 1 }, false, "present", ["1"]],
    ["f|contains: x", { f: "abc" }, false, "does not match", ["abc"]],
    ["f|re: x", { f: "abc" }, false, "does not match", ["abc"]],
    ["f|gt: 5", { f: "many" }, false, "not a number", ["many"]],
    ["f|gt: 5", { f: 3 }, false, "not in the range", ["3"]],
    ["f|cidr: 10.0.0.0/8", { f: "x" }, false, "not an IP address", ["x"]],
    ["f|cidr: 10.0.0.0/8", { f: "11.0.0.1" }, false, "not in the network", ["11.0.0.1"]],
    ["f|hour: 3", { f: "x" }, false, "not a date", ["x"]],
    ["f|hour: 3", { f: "2026-01-01T00:00:00Z" }, false, "another time", ["2026-01-01T00:00:00Z"]],
    ["f|fieldref: g", { f: "x" }, false, "no value in g", ["x"]],
    ["f|fieldref: g", { f: "x", g: "y" }, false, "not equal", ["x"]],
    ["f: x", { f: ["a", "b", "c", "d", "e", "f"] }, false, "not equal", ["a", "b", "c", "d", "e"]],
    ["f|contains: x", { f: { a: "b" } }, false, "does not match", ['{"a":"b"}']],
    ["'|contains': x", { f: "y", g: "z" }, false, "does not match", []],
  ])("of %s on %j", (line, one, verdict, why, seen) => {
    const single = loadClean(ruleText(`s:\n  ${line}\ncondition: s`));
    const [only] = single.rules;
    const node: ExplainedNode | undefined = only && explain(single, only, one).condition;
    expect(node).toMatchObject({
      type: "matcher",
      label: "s",
      verdict,
      why,
      seen,
      path: "rule.yml",
      line: 6,
    });
  });

  test.each([
    ['f|endswith: "\\foo.exe"', 'ends with "\\u000coo.exe"'],
    ["f|endswith: '\\foo.exe'", 'ends with "\\\\foo.exe"'],
    ['f: "A\\e[31m"', "= A\\u001b[31m"],
    ['f|contains: "\u202eevil"', 'contains "\\u202eevil"'],
    ["f|re: 'a\tb'", "\\u0009"],
  ])("of %s shows every character that has no form of its own", (line, shown) => {
    const single = loadClean(ruleText(`s:\n  ${line}\ncondition: s`));
    const [only] = single.rules;
    const explanation = only && explain(single, only, { f: "x" });
    expect(explanation?.condition).toMatchObject({ matcher: expect.stringContaining(shown) });
    expect(explanation && renderExplanation(explanation)).toContain(shown);
  });

  test("as text holds no character that a terminal acts on, whatever the rule is called", () => {
    const rule = ruleText('"s\\e[2J": {"f\\e[1m": x}\ncondition: 1 of s*').replace(
      "A rule",
      '"A\\e[31mrule"',
    );
    const single = loadClean(rule);
    const [only] = single.rules;
    const explanation = only && explain(single, only, { f: "x" });
    expect(explanation && renderExplanation(explanation)).toMatch(/^[^\p{Cc}]*(?:\n[^\p{Cc}]*)*$/u);
  });
});
