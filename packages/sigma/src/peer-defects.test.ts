import { describe, expect, test } from "vitest";
import { isTrue, lineIsTrue, load, loadClean, ruleText } from "./testing/rules.ts";

/** Defects that were found in peers by running them. None may ever appear here. */
describe("peer defect 1: parts of the language silently give no match", () => {
  test("`1 of sel_*` is true when two selections match", () => {
    expect(isTrue("sel_a: {a: 1}\nsel_b: {b: 2}\ncondition: 1 of sel_*", { a: 1, b: 2 })).toBe(true);
  });

  test("`all of sel_*` needs every selection", () => {
    const detection = "sel_a: {a: 1}\nsel_b: {b: 2}\ncondition: all of sel_*";
    expect(isTrue(detection, { a: 1, b: 2 })).toBe(true);
    expect(isTrue(detection, { a: 1 })).toBe(false);
  });

  test("parentheses group", () => {
    const detection = "x: {x: 1}\ny: {y: 1}\nz: {z: 1}\ncondition: (x or y) and z";
    expect(isTrue(detection, { x: 1, z: 1 })).toBe(true);
    expect(isTrue(detection, { x: 1 })).toBe(false);
  });

  test("a list of maps is true when one map is", () => {
    const detection = "s:\n  - {a: 1, b: 1}\n  - {c: 1}\ncondition: s";
    expect(isTrue(detection, { c: 1 })).toBe(true);
    expect(isTrue(detection, { a: 1 })).toBe(false);
  });

  test.each([
    ["eventName: Create*", { eventName: "CreateChannel" }],
    ["userAgent|contains: [curl, S3.Browser]", { userAgent: "S3.Browser 9.5" }],
    ["userAgent|contains: 'S3.Browser'", { userAgent: "x S3.Browser" }],
    ["sourceIPAddress|cidr: 10.0.0.0/8", { sourceIPAddress: "10.1.2.3" }],
  ])("`%s` matches", (line, event) => {
    expect(lineIsTrue(line, event)).toBe(true);
  });

  test("a value with a dot is never read as a field", () => {
    expect(lineIsTrue("a|contains: b.c", { a: "x", b: { c: "x" } })).toBe(false);
  });

  test("a rule that cannot work is rejected when it is loaded, not silent", () => {
    const { ruleset, problems } = load(ruleText("s: {a|foo: 1}\ncondition: s"));
    expect(ruleset.rules).toHaveLength(0);
    expect(problems).toMatchObject([{ code: "unknown-modifier", path: "rule.yml", line: 5, column: 7 }]);
  });
});

describe("peer defect 2: operators are read left to right", () => {
  test("`a or b and c` is `a or (b and c)`", () => {
    const detection = "a: {a: 1}\nb: {b: 1}\nc: {c: 1}\ncondition: a or b and c";
    expect(isTrue(detection, { a: 1 })).toBe(true);
    expect(isTrue(detection, { b: 1 })).toBe(false);
    expect(isTrue(detection, { b: 1, c: 1 })).toBe(true);
  });
});

describe("peer defect 3: the index hides rules", () => {
  test("`ivs or root` is found by its second selection, which names no event", () => {
    const one = (name: string) =>
      ruleText(
        `ivs: {eventSource: ivs.amazonaws.com, eventName: ${name}}\nroot: {userIdentity.type: Root}\ncondition: ivs or root`,
      );
    const names = [
      "CreateChannel",
      "DeleteChannel",
      "GetStreamKey",
      "PutMetadata",
      "StopStream",
      "ListChannels",
    ];
    // Rules that the index can place stand beside them, so that it splits.
    const placed = names.map((name) => ruleText(`ivs: {eventName: ${name}}\ncondition: ivs`));
    const ruleset = loadClean([...placed, ...names.map(one)].join("---\n"));
    const event = { eventSource: "s3.amazonaws.com", eventName: "GetObject", userIdentity: { type: "Root" } };
    expect(ruleset.match(event)).toHaveLength(names.length);
  });
});

describe("peer defect 8: an exception while matching counts as no match", () => {
  test("what a derived field throws reaches the caller", () => {
    const derived = {
      actor: () => {
        throw new Error("the actor cannot be computed");
      },
    };
    const ruleset = loadClean(ruleText("s: {actor.kind: root}\ncondition: s"), { derived });
    expect(() => ruleset.match({})).toThrow("the actor cannot be computed");
    expect(() => ruleset.match({})).toThrow("the actor cannot be computed");
  });
});
