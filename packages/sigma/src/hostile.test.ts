import { describe, expect, test } from "vitest";
import { compactJson } from "./event/json.ts";
import { lineIsTrue, load, loadClean, ruleText } from "./testing/rules.ts";

function nested(depth: number, open: string, close: string, middle = ""): Record<string, unknown> {
  return JSON.parse(`{"f":${open.repeat(depth)}${middle}${close.repeat(depth)}}`);
}

describe("hostile events", () => {
  const deepLists = nested(50_000, "[", "]", '"x"');
  const deepObjects = nested(50_000, '{"a":', "}", '"x"');

  test.each([
    ["f: x", deepLists, true],
    ["f|contains: nothing", deepLists, false],
    ['f|contains: \'"a":"x"\'', deepObjects, true],
    ["f|contains: x", deepObjects, true],
    ["f.a.a: null", deepObjects, false],
    ["'|contains': x", deepObjects, true],
    ["'|contains': nothing", deepLists, false],
  ])("nested 50,000 levels deep: %s", (line, event, expected) => {
    expect(lineIsTrue(line, event)).toBe(expected);
  });

  test("are explained and quoted at any depth", () => {
    const ruleset = loadClean(ruleText("s: {f|contains: x}\ncondition: s"));
    const [rule] = ruleset.match(deepObjects);
    const explanation = rule && ruleset.explain(rule, deepObjects);
    expect(JSON.stringify(explanation).length).toBeLessThan(2000);
  });

  test("are written out at any depth, where JSON.stringify overflows", () => {
    expect(() => JSON.stringify(deepObjects)).toThrow(RangeError);
    expect(compactJson(deepObjects)).toHaveLength('{"f":'.length + 50_000 * 6 + 3 + 1);
  });

  test("a text of a megabyte is one text", () => {
    const text = "ab".repeat(500_000);
    expect(lineIsTrue("f|contains: [c, d, e, f]", { f: text })).toBe(false);
    expect(lineIsTrue("f: '*a?a?c*'", { f: text })).toBe(false);
    expect(lineIsTrue("f|re: '(a|b)*c'", { f: text })).toBe(false);
    expect(lineIsTrue("f|re: '((ab)*)*$'", { f: text })).toBe(true);
    expect(lineIsTrue("f|endswith: 'É'", { f: `${text}é` })).toBe(true);
  });

  test("a list of 100,000 members is searched", () => {
    const f = Array.from({ length: 100_000 }, (_, index) => ({ id: index }));
    expect(lineIsTrue("f.id: 99999", { f })).toBe(true);
    expect(lineIsTrue("f.id: 100000", { f })).toBe(false);
  });

  test("many different values of an indexed field are all told apart", () => {
    const names = Array.from({ length: 8 }, (_, index) => ruleText(`s: {n: name${index}}\ncondition: s`));
    const ruleset = loadClean(names.join("---\n"));
    const found = Array.from({ length: 10_000 }, (_, index) => ruleset.match({ n: `NAME${index}` }).length);
    expect(found.slice(0, 8)).toEqual(Array(8).fill(1));
    expect(found.slice(8).every((count) => count === 0)).toBe(true);
  });
});

describe("large files", () => {
  const lines = (count: number, line: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => line(index)).join("\n");
  const size = 40_000;
  const rule = (index: number): string =>
    ruleText(`s: {a: b${index}}\ncondition: s`, `name: n${index}\n`).replace("A rule", `Rule ${index}`);
  const correlation = (index: number, over: string): string =>
    `title: Correlation ${index}\nname: c${index}\nlevel: low\ncorrelation: {type: event_count, rules: [${over}], timespan: 1h, condition: {gte: 2}}\n---`;
  const filter = (index: number): string =>
    `title: Filter ${index}\nlogsource: {product: test}\nfilter: {rules: [n${index}], s: {a: c}, condition: not s}\n`;

  /** Where the work grows with the square of the size, each takes from half a minute to an hour. */
  test.each<[string, string]>([
    ["conjunctions", ruleText(`s: {a: b}\ncondition: ${Array(size).fill("s").join(" and ")}`)],
    ["negations", ruleText(`s: {a: b}\nt: {c: d}\ncondition: s${" and not t".repeat(size)}`)],
    [
      "patterns",
      ruleText(
        `${lines(2_000, (i) => `s${i}: {a${i}: b}`)}\ncondition: 1 of s*${" and 1 of s*".repeat(size)}`,
      ),
    ],
    ["selections", ruleText(`${lines(size, (i) => `s${i}: {a${i}: b}`)}\ncondition: 1 of s*`)],
    ["fields", ruleText(`s:\n${lines(size, (i) => `  a${i}: b`)}\ncondition: s`)],
    [
      "searches in one field",
      ruleText(
        `s:\n  a|contains|all: [${Array.from({ length: size }, (_, i) => `b${i}x`).join(", ")}]\ncondition: s`,
      ),
    ],
    ["bounds", ruleText(`${lines(size / 2, (i) => `s${i}: {a${i % 100}|gt: ${i}}`)}\ncondition: all of s*`)],
    [
      "values under not",
      ruleText(
        `${lines(size / 2, (i) => `${i % 2 ? "t" : "s"}${i}: {a${(i >> 1) % 100}|contains: b${i}x}`)}\ncondition: all of s* and not 1 of t*`,
      ),
    ],
    ...[
      "a",
      "a|contains",
      "a|startswith",
      "a|re",
      "a|base64offset|contains",
      "a|contains|neq",
      "'|contains'",
    ].map((field): [string, string] => [
      `values of ${field}`,
      ruleText(`s:\n  ${field}:\n${lines(size, (i) => `    - 'value-${i}.example'`)}\ncondition: s`),
    ]),
    ["maps in a list", ruleText(`s:\n${lines(size / 2, (i) => `  - a|contains: word-${i}`)}\ncondition: s`)],
    ["values in selections", ruleText(`${lines(size, (i) => `s${i}: {a: word${i}}`)}\ncondition: 1 of s*`)],
    [
      "patterns over as many selections",
      ruleText(
        `${lines(size / 4, (i) => `s${i}_x: {a: word${i}}`)}\ncondition: ${lines(size / 4, (i) => `1 of s${i}_*`).replaceAll("\n", " or ")}`,
      ),
    ],
    [
      "anchors",
      ruleText(
        `s:\n  a:\n${lines(size, (i) => `    - &n${i} v${i}`)}\n  b:\n${lines(size, (i) => `    - *n${i}`)}\ncondition: s`,
      ),
    ],
    ["documents", lines(size / 4, (i) => rule(i)).replaceAll("\n\n", "\n---\n")],
    [
      "correlations",
      `${rule(0)}---\n${lines(size / 4, (i) => correlation(i, i % 9 === 8 ? "n0" : `c${i + 1}`))}\n${correlation(size / 4, "n0")}`,
    ],
    ["filters", `${lines(size / 8, (i) => `${rule(i)}---\n${filter(i)}---`)}\n${rule(size)}`],
    ["attributes", ruleText("s: {a: b}\ncondition: s", `${lines(size * 1.5, (i) => `k${i}: v`)}\n`)],
    [
      "aliases",
      ruleText("s: {a: b}\ncondition: s", `${lines(size / 8, (i) => `k${i}: &k${i} v\nl${i}: *k${i}`)}\n`),
    ],
  ])(
    "with tens of thousands of %s load in a time that grows with their size",
    { timeout: 30_000 },
    (_, text) => {
      const { problems } = load(text);
      expect(problems).toEqual([]);
    },
  );

  test.each<[string, string, string]>([
    ["unknown rules", lines(size / 4, (i) => correlation(i, `nobody${i}`)), "unknown-rule"],
    ["a circle", lines(size / 4, (i) => correlation(i, `c${(i + 1) % (size / 4)}`)), "rejected-rule"],
    ["unknown targets", lines(size / 4, (i) => `${filter(i)}---`), "unknown-rule"],
    [
      "unknown selections",
      ruleText(`s: {a: b}\ncondition: ${lines(size, (i) => `t${i}`).replaceAll("\n", " or ")}`),
      "unknown-identifier",
    ],
    [
      "unknown aliases",
      ruleText(`s:\n  a:\n${lines(size, (i) => `    - *n${i}`)}\ncondition: s`),
      "yaml-syntax",
    ],
    [
      "bad escapes",
      ruleText(`s:\n  a:\n${lines(size, () => '    - "\\Windows"')}\ncondition: s`),
      "yaml-syntax",
    ],
    [
      "control characters",
      ruleText(`s:\n  a:\n${lines(size, (i) => `    - "\\foo${i}"`)}\ncondition: s`),
      "control-character",
    ],
  ])("with thousands of problems say each once: %s", { timeout: 30_000 }, (_, text, code) => {
    const { problems } = load(text);
    expect(problems.length).toBeGreaterThanOrEqual(size / 4);
    expect(new Set(problems.map((problem) => problem.code))).toEqual(new Set([code]));
  });

  test("with many problems report them all", () => {
    const { problems } = load(`title: A\n${"a: 1\n".repeat(150_000)}`);
    expect(problems.filter((problem) => problem.code === "duplicate-key")).toHaveLength(149_999);
  });

  test("are rejected by their size before they are read", () => {
    const { ruleset, problems } = load(`${ruleText("s: {a: b}\ncondition: s")}${"#".repeat(4_194_304)}`);
    expect(ruleset.rules).toEqual([]);
    expect(problems).toMatchObject([{ code: "too-large", line: 1 }]);
  });

  test("whose conditions multiply are rejected, with the number", () => {
    const selections = lines(1_000, (i) => `s${i}: {a${i}: b}`);
    const { problems } = load(
      ruleText(`${selections}\ncondition: ${Array(300).fill("not 1 of s*").join(" or ")}`),
    );
    expect(problems).toMatchObject([{ code: "too-large", message: expect.stringContaining("300601") }]);
  });
});

describe("hostile files", () => {
  test.each([
    ["nested flow lists", "[".repeat(5_000)],
    ["nested maps", `a: ${"{a: ".repeat(5_000)}`],
    [
      "a bomb of aliases",
      [
        "a: &a [x, x]",
        ...[..."bcdefghijklmnopqrstuvwxyz"].map(
          (name, index) =>
            `${name}: &${name} [*${String.fromCharCode(97 + index)}, *${String.fromCharCode(97 + index)}]`,
        ),
      ].join("\n"),
    ],
    ["binary", "\u0000\u0001\u0002"],
    ["a lone colon", ":"],
    ["an unknown alias", "a: *b"],
    ["a text", "just a text"],
    ["a number", "42"],
  ])("%s: rejected with a problem", (_, text) => {
    const { problems } = load(text);
    expect(problems.some((problem) => problem.severity === "error")).toBe(true);
  });

  test("nested too deeply say so", () => {
    expect(load(`a: ${"[".repeat(20_000)}`).problems).toMatchObject([
      { code: "yaml-syntax", message: "The file is nested too deeply to be read." },
    ]);
  });

  test("an error in one document leaves the others of the file", () => {
    const good = ruleText("s: {a: 1}\ncondition: s");
    const { ruleset, problems } = load([good, "title: [", good.replace("A rule", "Another")].join("\n---\n"));
    expect(problems.some((problem) => problem.severity === "error")).toBe(true);
    expect(ruleset.rules.map((rule) => rule.title)).toContain("A rule");
  });
});
