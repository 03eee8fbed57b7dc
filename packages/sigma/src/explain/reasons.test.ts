import { describe, expect, test } from "vitest";
import type { LinkOptions } from "../link.ts";
import { loadClean, ruleText } from "../testing/rules.ts";
import type { ReasonOptions } from "./reasons.ts";

type Event = Record<string, unknown>;

function reasons(detection: string, event: Event, options: ReasonOptions & LinkOptions = {}) {
  const ruleset = loadClean(ruleText(detection), options);
  const [rule] = ruleset.match(event);
  return rule === undefined ? undefined : ruleset.reasons(rule, event, options);
}

describe("reasons", () => {
  test.each<[string, Event, string[]]>([
    ["s: {a: [x, y]}\ncondition: s", { a: "Y" }, ["a = Y"]],
    ["s: {a|contains: b}\ncondition: s", { a: "abc" }, ['a contains "b"']],
    [
      "s: {a|startswith: b, a|endswith: c}\ncondition: s",
      { a: "bc" },
      ['a starts with "b"', 'a ends with "c"'],
    ],
    ["s: {a: null}\ncondition: s", {}, ["a is null or absent"]],
    ["s: {a|exists: true}\ncondition: s", { a: 1 }, ["a is present"]],
    ["s: {a|gt: 1}\ncondition: s", { a: 2 }, ["a > 1"]],
    ["s: {a|cidr: 10.0.0.0/8}\ncondition: s", { a: "10.0.0.1" }, ["a is in 10.0.0.0/8"]],
    ["s: [word]\ncondition: s", { a: "a word" }, ['any value contains "word"']],
    ["s: {a: x}\nt: {b: 1, c: 2}\ncondition: s or t", { a: "x", b: 1 }, ["a = x"]],
    ["s: {a: ''}\ncondition: s", { a: "" }, ['a = ""']],
    ["s: {a: x}\ncondition: s", { a: ["y", "x"] }, ["a = x"]],
    ["s: {a|contains: x}\ncondition: s", { a: "x\u001b[31m" }, ['a contains "x"']],
  ])("of what is true: %j on %j", (detection, event, expected) => {
    expect(reasons(detection, event)).toEqual(expected);
  });

  const own = "call: {n: Create}\nown: {account: '111122223333'}\nfailed: {error|exists: true}\n";
  test.each<[string, Event, string[]]>([
    [
      `${own}condition: call and not own and not failed`,
      { n: "Create", account: "444455556666" },
      [
        "n = Create",
        'not own: account is not "111122223333" (it is "444455556666")',
        "not failed: error is absent",
      ],
    ],
    [
      `${own}condition: not own and call`,
      { n: "Create" },
      ["n = Create", 'not own: account is not "111122223333" (it is absent)'],
    ],
    // Of what is false, only what made the whole false.
    [
      `${own}condition: call and not (own and failed)`,
      { n: "Create", account: "111122223333" },
      ["n = Create", "not failed: error is absent"],
    ],
    [
      "call: {n: x}\nfilter_a: {b: 1, c: 2}\nfilter_d: {d|contains: [e, f]}\ncondition: call and not 1 of filter_*",
      { n: "x", b: 1, c: 3, d: "g" },
      [
        "n = x",
        "not filter_a: c is not 2 (it is 3)",
        'not filter_d: d does not contain "e", "f" (it is "g")',
      ],
    ],
    [
      "call: {n: x}\nfilter_a: {b: 1}\nfilter_c: {c: 1}\ncondition: call and not all of filter_*",
      { n: "x", b: 1 },
      ["n = x", "not filter_c: c is not 1 (it is absent)"],
    ],
    // Denied twice is affirmed; a selection that holds because a value differs has no name to deny.
    ["s: {a: 1}\nt: {b: 1}\ncondition: not (s and not t)", { a: 1, b: 1 }, ["b = 1"]],
    ["s: {a|neq: x}\ncondition: s", { a: "y" }, ['a is not "x" (it is "y")']],
    ["c: {n: x}\ns: {a|neq: x}\ncondition: c and not s", { n: "x", a: "x" }, ["n = x", "not s: a = x"]],
    ["s: {n: x}\nt: {a: 1}\ncondition: s or not t", { a: 2 }, ["not t: a is not 1 (it is 2)"]],
    ["s: {n: x}\nt: {a: 1}\ncondition: s or not t", { a: 1, n: "x" }, ["n = x"]],
  ])("of what decided by not being so: %j on %j", (detection, event, expected) => {
    expect(reasons(detection, event)).toEqual(expected);
  });

  test.each<[string, Event, string]>([
    ["f: [a, b, c, d, e]", { f: "g" }, 'f is not "a", "b", "c" and 2 more (it is "g")'],
    ["f: [a, 1, d*]", { f: "g" }, 'f is not "a", 1 (it is "g")'],
    ["f: true", { f: false }, 'f is not "true" (it is false)'],
    ["f: ''", { f: "g" }, 'f is not "" (it is "g")'],
    ["f: x", { f: ["a", "b", "c", 4, "e"] }, 'f is not "x" (it has "a", "b", "c" and 2 more)'],
    ["f: x", { f: [] }, 'f is not "x" (it is an empty list)'],
    ["f: x", { f: null }, 'f is not "x" (it is null)'],
    ["f: x", { f: { secret: "y" } }, 'f is not "x" (it is an object)'],
    ["f|cased: X", { f: "x" }, 'f is not (same case) "X" (it is "x")'],
    ["f: null", { f: 1 }, "f is present (it is 1)"],
    ["f|exists: false", { f: null }, "f is present (it is null)"],
    ["f|exists: true", {}, "f is absent"],
    ["f: '*'", {}, "f has no value (it is absent)"],
    ["f: 'a*b'", { f: "g" }, 'f is not like "a*b" (it is "g")'],
    ["f|startswith: [a, b]", { f: "g" }, 'f does not start with "a", "b" (it is "g")'],
    ["f|endswith: a", { f: "g" }, 'f does not end with "a" (it is "g")'],
    ["f|contains|all: [a, b, g]", { f: "g" }, 'f does not contain "a", "b" (it is "g")'],
    ["f|re: 'a+'", { f: "g" }, 'f does not match /a+/ (it is "g")'],
    [
      "f|cidr: [10.0.0.0/8, 11.0.0.0/8]",
      { f: "1.2.3.4" },
      'f is not in 10.0.0.0/8, 11.0.0.0/8 (it is "1.2.3.4")',
    ],
    ["f|gt: 5", { f: 3 }, "f is not > 5 (it is 3)"],
    ["f|hour: 3", { f: "2026-01-01T04:00:00Z" }, 'f has no hour = 3 (it is "2026-01-01T04:00:00Z")'],
    ["f|fieldref: g", { f: "x", g: "y" }, 'f is not the field g (which is "y") (it is "x")'],
    [
      "f|fieldref|startswith: g",
      { f: "x" },
      'f does not start with the field g (which is absent) (it is "x")',
    ],
    ["'|contains': [w, v]", { f: "g" }, 'no value contains "w", "v"'],
    ["'|re': w", { f: "g" }, "no value matches /w/"],
  ])("word the denial of %s on %j", (line, event, expected) => {
    expect(reasons(`c: {n: x}\ns:\n  ${line}\ncondition: c and not s`, { n: "x", ...event })?.[1]).toBe(
      `not s: ${expected}`,
    );
  });

  test("say nothing of filters that let the match through", () => {
    const filter =
      "---\ntitle: F\nlogsource: {product: test}\nfilter:\n  rules: [rule]\n  ci: {b: 1}\n  condition: not ci\n";
    const ruleset = loadClean(`${ruleText("s: {a: 1}\ncondition: s", "name: rule\n")}${filter}`);
    const event = { a: 1 };
    expect(ruleset.match(event).map((rule) => ruleset.reasons(rule, event))).toEqual([["a = 1"]]);
  });

  test("quote a redacted copy, which is made only where a line quotes the event", () => {
    let copies = 0;
    const redact = (event: Event) => {
      copies++;
      return { ...event, password: "[redacted]", other: undefined };
    };
    const event = { n: "x", password: "hunter2", other: "gone" };
    const derived = { who: () => ({ id: "user" }) };
    const detection = "c: {n: x}\nweak: {password: '1234'}\nlost: {other: y}\nwho: {who.id: root}\n";
    const ask = (condition: string) =>
      reasons(`${detection}condition: ${condition}`, event, { redact, derived });
    expect(ask("c and not who and not weak and not lost")).toEqual([
      "n = x",
      'not who: who.id is not "root" (it is "user")',
      'not weak: password is not "1234" (it is "[redacted]")',
      'not lost: other is not "y" (it is present)',
    ]);
    expect(copies).toBe(1);
  });

  test("make no copy for what is absent or derived", () => {
    const redact = () => {
      throw new Error("Nothing of the event is quoted.");
    };
    const options = { redact, derived: { who: () => ({ id: "user" }) } };
    const detection = "c: {n: x}\nwho: {who.id: root}\nf: {error: y}\ncondition: c and not who and not f";
    expect(reasons(detection, { n: "x" }, options)).toHaveLength(3);
  });

  test("quote the event cut, on one line and without control characters", () => {
    const [line = ""] =
      reasons("s: {a: 'x*'}\nt: {b: 'y'}\ncondition: s or t", { a: `x\n${"z".repeat(1000)}` }) ?? [];
    expect(line.length).toBeLessThan(300);
    const [exact = ""] = reasons('s: {a|cased: "x\\n\\u202ey"}\ncondition: s', { a: "x\n\u202ey" }) ?? [];
    expect(exact).toBe("a = x\\u000a\\u202ey");
    const [denied = ""] = reasons('s: {a: "\\e[1m"}\ncondition: not s', { a: '\u001b[2m"' }) ?? [];
    expect(denied).toBe('not s: a is not "\\u001b[1m" (it is "\\u001b[2m\\"")');
  });

  test("are bounded in number and length, whatever the rule and the event", () => {
    const long = "n".repeat(500);
    const values = Array.from({ length: 10 }, (_, index) => `${long}${index}`);
    const numbers = Array.from({ length: 40 }, (_, index) => index);
    const list = JSON.stringify(values);
    const selections = numbers.map((index) => `s${index}${long}: {f${index}${long}: ${list}, g: x${index}}`);
    const event = Object.fromEntries(numbers.map((index) => [`f${index}${long}`, [long, long, long, long]]));
    const lines = reasons(`${selections.join("\n")}\ncondition: not 1 of s*`, event) ?? [];
    expect(lines).toHaveLength(20);
    expect(lines.at(-1)).toBe("and 61 more conditions");
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(700);
  });
});
