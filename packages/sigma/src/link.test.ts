import { describe, expect, test, vi } from "vitest";
import { SigmaError } from "./errors.ts";
import { link } from "./link.ts";
import { loadRuleset } from "./load.ts";
import { parse } from "./parse/parse.ts";
import { codesOf, isTrue, lineIsTrue, load, loadClean, ruleText } from "./testing/rules.ts";

function titled(title: string, attributes: string, detection: string) {
  return ruleText(detection, attributes).replace("A rule", title);
}

describe("placeholders", () => {
  const placeholders = {
    Regions: ["eu-west-1", "us-*"],
    Ports: [443, 8443],
    Nets: ["10.0.0.0/8"],
    Limit: [50],
    Odd: ["a.b"],
  };

  test.each<[string, Record<string, unknown>, boolean]>([
    ["f|expand: '%Regions%'", { f: "eu-west-1" }, true],
    ["f|expand: '%Regions%'", { f: "us-east-1" }, true],
    ["f|expand: '%Regions%'", { f: "ap-south-1" }, false],
    ["f|expand: 'arn:%Regions%:x'", { f: "arn:eu-west-1:x" }, true],
    ["f|expand|contains: '%Regions%'", { f: "-eu-west-1-" }, true],
    ["f|contains|expand: '%Regions%'", { f: "-eu-west-1-" }, true],
    ["f|expand: '%Ports%'", { f: "443" }, true],
    ["f|expand: '%Ports%'", { f: 8443 }, true],
    ["f|expand: '%Regions%:%Ports%'", { f: "eu-west-1:8443" }, true],
    ["f|expand: ['%Regions%', other]", { f: "other" }, true],
    ["f|expand: '\\%Regions%'", { f: "%Regions%" }, true],
    ["f|cidr|expand: '%Nets%'", { f: "10.1.1.1" }, true],
    ["f|expand|cidr: '%Nets%'", { f: "10.1.1.1" }, true],
    ["f|gt|expand: '%Limit%'", { f: 51 }, true],
    ["f|re|expand: '^%Odd%$'", { f: "a.b" }, true],
    ["f|re|expand: '^%Odd%$'", { f: "axb" }, false],
    ["f|re|expand: '%Odd%'", { f: "axb" }, false],
    ["f|neq|expand: '%Regions%'", { f: "ap-south-1" }, true],
    ["'|expand': '%Regions%'", { f: "in eu-west-1" }, true],
  ])("%s on %j is %s", (line, event, expected) => {
    expect(lineIsTrue(line, event, { placeholders })).toBe(expected);
  });

  test("that are not defined reject the rule and name themselves", () => {
    const { ruleset, problems } = load(ruleText("s: {f|expand: '%Nobody%'}\ncondition: s"), { placeholders });
    expect(ruleset.rules).toEqual([]);
    expect(problems).toMatchObject([
      { code: "unknown-placeholder", message: expect.stringContaining("%Nobody%") },
    ]);
  });

  test("that are not defined are reported once each, where they stand", () => {
    const text = ruleText(
      "s:\n  f|expand:\n    - x\n    - 'a%A%%B%'\n  g|expand: '%A%'\ncondition: s and not s",
    );
    expect(load(text).problems.filter(({ code }) => code === "unknown-placeholder")).toMatchObject([
      { line: 8, column: 9, message: expect.stringContaining("%A%") },
      { line: 8, column: 9, message: expect.stringContaining("%B%") },
    ]);
  });

  test.each<[string, number, number | undefined]>([
    ["'%L%%L%'", 100, undefined],
    ["'%L%%L%'", 101, 10_201],
    ["'%L%-%L%-%L%-%L%-%L%'", 60, 777_600_000],
    ["['%L%a', '%L%b', '%L%c', '%L%d']", 4_000, 16_000],
    ["'%L%'", 30_000, undefined],
    ["'x%L%'", 30_000, undefined],
  ])("in %s with lists of %i entries stand for too many texts: %j", (value, length, count) => {
    const L = Array.from({ length }, (_, index) => `v${index}`);
    const { problems } = load(ruleText(`s: {f|expand: ${value}}\nt: {g: 1}\ncondition: s and (s or t)`), {
      placeholders: { L },
    });
    expect(problems.map(({ code }) => code)).toEqual(count === undefined ? [] : ["placeholder-value"]);
    expect(problems[0]?.message ?? "").toContain(count === undefined ? "" : String(count));
  });

  test("whose list is empty make the rule inactive, and say so", () => {
    const text = ruleText("s: {f|expand: '%A%', g|expand: ['%B%', '%C%']}\ncondition: s");
    const ruleset = loadClean(text, { placeholders: { A: [], B: ["x"], C: [] } });
    expect(ruleset.rules).toEqual([]);
    expect(ruleset.inactive).toMatchObject([{ rule: { title: "A rule" }, placeholders: ["A", "C"] }]);
  });

  test("with values that do not fit reject the rule and name the list", () => {
    const text = ruleText("s: {f|cidr|expand: '%Regions%'}\ncondition: s");
    expect(load(text, { placeholders }).problems).toMatchObject([
      { code: "placeholder-value", message: expect.stringContaining("%Regions%"), line: 5 },
      { code: "placeholder-value" },
    ]);
  });

  test.each([
    ["contains|expand", ["placeholder-value"]],
    ["re|expand", ["placeholder-value"]],
    ["expand", []],
  ])("with an empty entry are rejected under %s where it would match everything: %j", (modifiers, codes) => {
    const text = ruleText(`s: {f|${modifiers}: '%L%'}\ncondition: s`);
    const { ruleset, problems } = load(text, { placeholders: { L: ["x", ""] } });
    expect(problems.map(({ code }) => code)).toEqual(codes);
    expect(ruleset.rules).toHaveLength(1 - codes.length);
  });

  test("mean nothing without expand", () => {
    expect(lineIsTrue("f: '%Regions%'", { f: "%regions%" }, { placeholders })).toBe(true);
  });

  test("named like a property of every object are not defined", () => {
    expect(codesOf(ruleText("s: {f|expand: '%constructor%'}\ncondition: s"))).toEqual([
      "unknown-placeholder",
    ]);
  });
});

describe("derived fields", () => {
  const text = [
    ruleText("s: {actor.mfa: absent, eventName: A}\ncondition: s"),
    ruleText("s: {actor.mfa: absent}\nt: {actor.kind: root}\ncondition: s and not t"),
  ].join("---\n");

  test("are computed once per event, and shared by reasons, explain and read", () => {
    const actor = vi.fn(() => ({ mfa: "absent", kind: "user" }));
    const ruleset = loadClean(text, { derived: { actor } });
    const event = { eventName: "A" };
    const [first] = ruleset.match(event);
    expect(first && ruleset.reasons(first, event)).toEqual(["actor.mfa = absent", "eventName = A"]);
    expect(first && ruleset.explain(first, event).verdict).toBe(true);
    expect(ruleset.read(event, "actor.kind")).toEqual(["user"]);
    expect(actor).toHaveBeenCalledTimes(1);
    ruleset.match({ ...event });
    expect(actor).toHaveBeenCalledTimes(2);
  });

  test("are not computed when no test reads them", () => {
    const actor = vi.fn(() => ({ mfa: "absent" }));
    const ruleset = loadClean(ruleText("s: {eventName: A, actor.mfa: absent}\ncondition: s"), {
      derived: { actor },
    });
    expect(ruleset.match({ eventName: "B" })).toEqual([]);
    expect(actor).not.toHaveBeenCalled();
  });

  test("may have several names for conditions and one for groups", () => {
    const actor = {
      compute: (event: { readonly who?: unknown }) => ({ id: event.who, names: [event.who, "role/Admin"] }),
      testedAs: { id: "names" },
    };
    const matches = (id: string): boolean[] =>
      [
        ruleText(`s: {actor.id: ${id}}\ncondition: s`),
        ruleText(`s: {actor.id|endswith: ${id}}\ncondition: s`),
      ].map((rule) => loadClean(rule, { derived: { actor } }).match({ who: "alice" }).length === 1);
    expect(matches("alice")).toEqual([true, true]);
    expect(matches("role/Admin")).toEqual([true, true]);
    expect(matches("bob")).toEqual([false, false]);
    const ruleset = loadClean(ruleText("s: {actor.id: alice}\ncondition: not s"), { derived: { actor } });
    expect(ruleset.match({ who: "alice" })).toEqual([]);
    expect(ruleset.read({ who: "alice" }, "actor.id")).toEqual(["alice"]);
  });

  describe("of some events only", () => {
    const compute = vi.fn((event: { readonly source?: unknown }) =>
      event.source === "tv" ? { access: "write" } : undefined,
    );
    const derived = { tv: { compute, onlyWhere: { field: "source", values: ["TV"] } } };
    const conditions = [
      "a: {tv.access: write}\ncondition: a",
      "a: {tv.access: write}\nb: {name: x}\ncondition: a or b",
      "a: {tv.access: write}\ncondition: not a",
      "a: {tv.access: null}\ncondition: a",
      "a: {tv.access|exists: false}\ncondition: a",
      "a: {tv.access|startswith: writ}\ncondition: a",
    ];
    const text = conditions.map((detection) => ruleText(detection)).join("---\n");
    // Enough rules of one kind that the index splits by what they imply.
    const needing = Array.from({ length: 6 }, () => ruleText("a: {tv.access: write}\ncondition: a")).join(
      "---\n",
    );

    test.each([{ source: "tv" }, { source: "radio" }, { source: ["radio", "tv"] }, { name: "x" }, {}])(
      "give the same with and without the index for %j",
      (event) => {
        const matched = (index: boolean): readonly number[] =>
          loadClean(`${needing}---\n${text}`, { derived, index })
            .match(event)
            .map(({ line }) => line);
        expect(matched(true)).toEqual(matched(false));
      },
    );

    test("are not computed for the others", () => {
      const ruleset = loadClean(needing, { derived });
      compute.mockClear();
      expect(ruleset.match({ source: "radio" })).toEqual([]);
      expect(compute).not.toHaveBeenCalled();
      expect(ruleset.match({ source: "tv" })).toHaveLength(6);
      expect(compute).toHaveBeenCalledTimes(1);
    });
  });

  test.each([{ actor: { mfa: "absent" } }, { "actor.mfa": "absent" }])(
    "cannot be forged by the event %j",
    (event) => {
      const derived = { actor: () => ({ mfa: "present" }) };
      expect(lineIsTrue("actor.mfa: absent", event, { derived })).toBe(false);
      expect(lineIsTrue("actor.mfa: present", event, { derived })).toBe(true);
    },
  );

  test("may be getters of a class, each asked only when a test reads it", () => {
    const asked: string[] = [];
    class Actor {
      get kind() {
        asked.push("kind");
        return "root";
      }
      get label() {
        asked.push("label");
        return "x";
      }
    }
    const ruleset = loadClean(ruleText("s: {actor.kind: root}\ncondition: s"), {
      derived: { actor: () => new Actor() },
    });
    expect(ruleset.match({})).toHaveLength(1);
    expect(asked).toEqual(["kind"]);
    expect(ruleset.read({}, "actor.constructor")).toEqual([]);
    expect(ruleset.read({}, "actor.kind.length")).toEqual([]);
  });

  test("that are undefined are absent", () => {
    const derived = { actor: () => ({ session: undefined }), ivs: () => undefined };
    expect(lineIsTrue("actor.session|exists: false", {}, { derived })).toBe(true);
    expect(lineIsTrue("ivs.service: null", {}, { derived })).toBe(true);
  });
});

describe("log sources", () => {
  const rules = [
    ["product: aws", true],
    ["service: cloudtrail", true],
    ["product: aws, service: cloudtrail", true],
    ["product: AWS, service: CloudTrail", true],
    ["product: aws, service: vpcflow", false],
    ["product: aws, category: file_event", false],
    ["category: process_creation, product: windows", false],
  ] as const;

  test.each(rules)("a rule for {%s} is evaluated: %s", (logsource, expected) => {
    const text = ruleText("s: {a: 1}\ncondition: s").replace("product: test", logsource);
    const ruleset = loadClean(text, { logsource: { product: "aws", service: "cloudtrail" } });
    expect(ruleset.match({ a: 1 })).toHaveLength(expected ? 1 : 0);
    expect(ruleset.elsewhere).toHaveLength(expected ? 0 : 1);
  });

  test("are not looked at when none is given", () => {
    expect(loadClean(ruleText("s: {a: 1}\ncondition: s")).match({ a: 1 })).toHaveLength(1);
  });
});

describe("identity", () => {
  const id = "5b0f6c1e-95c5-4c38-8ba7-b6f9a2a0a5c1";
  const detection = "s: {a: 1}\ncondition: s";

  test("belongs to the first document that claims it", () => {
    const text = [
      titled("One", `id: ${id}\nname: one\n`, detection),
      titled("Two", `id: ${id.toUpperCase()}\n`, detection),
      titled("Three", "name: one\n", detection),
    ].join("---\n");
    const { ruleset, problems } = load(text);
    expect(ruleset.rules.map((rule) => rule.title)).toEqual(["One"]);
    expect(problems.map(({ code, line }) => [code, line])).toEqual([
      ["duplicate-id", 10],
      ["duplicate-name", 18],
    ]);
    expect(problems[0]?.message).toContain("rule.yml:1");
  });

  test("finds a rule by id or name and never by title", () => {
    const ruleset = loadClean(titled("One", `id: ${id}\nname: one\n`, detection));
    expect(ruleset.find(id.toUpperCase())?.title).toBe("One");
    expect(ruleset.find("one")?.title).toBe("One");
    expect(ruleset.find("One ")).toBeUndefined();
  });

  test("is checked across files", () => {
    const files = ["a.yml", "b.yml"].map((path) => ({ path, text: titled(path, `id: ${id}\n`, detection) }));
    expect(link(parse(files).documents).problems).toMatchObject([{ path: "b.yml", code: "duplicate-id" }]);
  });
});

describe("matching", () => {
  test("gives the rules in load order", () => {
    const names = ["c", "a", "d", "b", "e"];
    const text = names.map((name) => titled(name, "", "s: {x: 1}\ncondition: s")).join("---\n");
    expect(
      loadClean(text)
        .match({ x: 1 })
        .map((rule) => rule.title),
    ).toEqual(names);
  });

  test("returns the same empty list whenever nothing matches", () => {
    const ruleset = loadClean(ruleText("s: {x: 1}\ncondition: s"));
    expect(ruleset.match({ x: 2 })).toBe(ruleset.match({}));
  });

  test("tells which values a rule requires", () => {
    const ruleset = loadClean(
      ruleText(
        "a: {eventName: [Create, Delete]}\nb: {eventName: Get, x: 1}\nc: {actor: y}\ncondition: (a or b) and not c",
      ),
    );
    const [rule] = ruleset.rules;
    expect(rule && ruleset.requiredValues(rule, "eventName")).toEqual(new Set(["create", "delete", "get"]));
    expect(rule && ruleset.requiredValues(rule, "x")).toBeUndefined();
    expect(rule && ruleset.requiredValues(rule, "actor")).toBeUndefined();
  });

  test("reads a field as rules see it", () => {
    const ruleset = loadClean(ruleText("s: {x: 1}\ncondition: s"));
    expect(ruleset.read({ a: [{ b: 1 }, { b: null }, {}] }, "a.b")).toEqual([1, null]);
    expect(ruleset.read({}, "a.b")).toEqual([]);
  });
});

describe("loadRuleset", () => {
  test("throws all problems of all files at once", () => {
    const files = [
      { path: "a.yml", text: ruleText("s: {a|foo: 1, b|bar: 2}\ncondition: t") },
      { path: "b.yml", text: "title: [" },
    ];
    expect(() => loadRuleset(files)).toThrow(SigmaError);
    expect(() => loadRuleset(files)).toThrow(/a\.yml:5.*a\.yml:5.*a\.yml:6.*b\.yml:1/s);
  });

  test("loads what has only warnings", () => {
    const files = [{ path: "a.yml", text: ruleText("s: {a|all: 1}\ncondition: s") }];
    expect(loadRuleset(files).rules).toHaveLength(1);
  });
});

describe("a rule of another ruleset", () => {
  test("is rejected, not answered wrongly", () => {
    const text = ruleText("s: {a: 1}\ncondition: s");
    const [foreign] = loadClean(text).rules;
    expect(() => foreign && loadClean(text).reasons(foreign, {})).toThrow(
      "is not an active rule of this ruleset",
    );
  });
});

test("isTrue and lineIsTrue of the test helpers agree", () => {
  expect(isTrue("s: {a: 1}\ncondition: s", { a: 1 })).toBe(lineIsTrue("a: 1", { a: 1 }));
});
