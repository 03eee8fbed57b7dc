import { describe, expect, test } from "vitest";
import { formatProblem } from "../../problems/problem.ts";
import { correlationText, rulesText } from "../../testing/correlations.ts";
import { load, loadClean } from "../../testing/rules.ts";
import { timespanSeconds } from "../read/timespan.ts";

const countText = "type: event_count\nrules: [a]\ntimespan: 10s\ncondition: {gte: 10}";
function errorsOf(body: string, more = ""): string[] {
  return load(rulesText + more + correlationText(body))
    .problems.filter(({ severity }) => severity === "error")
    .map(({ code, message, hint }) => `${code}: ${message}${hint === undefined ? "" : ` ${hint}`}`);
}
function loaded(body: string, attributes?: string) {
  return loadClean(rulesText + correlationText(body, attributes)).findCorrelation("correlation");
}

describe("a correlation", () => {
  test("carries the attributes of its document", () => {
    const correlation = loaded(
      countText,
      "name: correlation\nid: 5b0f6c1e-95c5-4c38-8ba7-b6f9a2a0a5c1\ntags: [attack.t1078]\ncustom_attributes: {x.y: 1}",
    );
    expect(correlation).toMatchObject({
      kind: "correlation",
      title: "A correlation",
      level: "high",
      tags: ["attack.t1078"],
      customAttributes: { "x.y": 1 },
      type: "event_count",
      timespanSeconds: 10,
      groupBy: [],
      generate: false,
      isMonotone: true,
    });
    expect(correlation?.rules.map(({ name }) => name)).toEqual(["a"]);
  });

  test.each([
    ["rules as one text", "type: event_count\nrules: a\ntimespan: 10s\ncondition: {gte: 10}"],
    ["group-by as one text", `${countText}\ngroup-by: x`],
    ["a float as threshold", countText.replace("10}", "1.5}")],
    ["a rule by its id in other case", countText.replace("[a]", "[A]")],
    ["temporal without condition", "type: temporal\nrules: [a, b]\ntimespan: 10s"],
    ["an extended condition without rules", "type: temporal\ntimespan: 10s\ncondition: a and b"],
    ["a threshold as high as the bound", countText.replace("10}", "2000}")],
    ["ten ordered steps", "type: temporal_ordered\nrules: [a, b, a, b, a, b, a, b, a, b]\ntimespan: 1h"],
  ])("may have %s", (_, body) => {
    expect(errorsOf(body)).toEqual([]);
  });

  test.each([
    ["{gte: 1}", true],
    ["{gt: 1, gte: 1}", true],
    ["{gte: 1, lt: 5}", false],
    ["{eq: 1}", false],
    ["{neq: 1}", false],
    ["{lte: 1}", false],
  ])("with the condition %s is monotone: %s", (condition, isMonotone) => {
    expect(loaded(countText.replace("{gte: 10}", condition))?.isMonotone).toBe(isMonotone);
  });

  test.each([
    ["value_sum", "{field: n, gte: 1}", false],
    ["value_count", "{field: n, gte: 1}", true],
    ["temporal", "a", true],
    ["temporal", "not not a", true],
    ["temporal_ordered", "a and not b", false],
  ])("of type %s with %s is monotone: %s", (type, condition, isMonotone) => {
    const rules = condition.startsWith("{") ? "rules: [a]\n" : "";
    expect(loaded(`type: ${type}\n${rules}timespan: 10s\ncondition: ${condition}`)?.isMonotone).toBe(
      isMonotone,
    );
  });
});

describe("timespans", () => {
  test.each([
    ["1s", 1],
    ["90m", 5400],
    ["1h", 3600],
    ["2d", 172_800],
    ["1w", 604_800],
    ["1M", 2_629_746],
    ["1y", 31_556_952],
    ["0s", undefined],
    ["-1s", undefined],
    ["1.5h", undefined],
    ["10", undefined],
    ["1 h", undefined],
    ["1H", undefined],
    ["999999999y", undefined],
    ["", undefined],
  ])("%j is %j seconds", (text, seconds) => {
    expect(timespanSeconds(text)).toBe(seconds);
  });
});

describe("a correlation is rejected", () => {
  test.each([
    [
      "unknown type",
      countText.replace("event_count", "event-count"),
      "invalid-correlation: The correlation cannot be of type",
    ],
    [
      "missing type",
      countText.replace("type: event_count\n", ""),
      "invalid-correlation: The correlation does not say its type",
    ],
    [
      "unknown key",
      `${countText}\ntimeframe: 5m`,
      "unknown-correlation-key: A correlation has no key `timeframe`.",
    ],
    ["key of Sigma 1", `${countText}\ntimeframe: 5m`, "Write `timespan`."],
    ["one rule under `rule`", countText.replace("rules:", "rule:"), "Write `rules`."],
    ["key of a draft", `${countText}\nordered: true`, "Write `type: temporal_ordered`."],
    ["threshold outside the condition", `${countText}\ngte: 5`, "`condition: {gte: 10}`"],
    ["capital unit", countText.replace("10s", "10S"), "Write `timespan: 10s`."],
    ["underscore key", `${countText}\ngroup_by: [x]`, "Did you mean `group-by`?"],
    ["no rules", countText.replace("rules: [a]\n", ""), "missing-rules: The correlation does not say"],
    ["empty rules", countText.replace("[a]", "[]"), "missing-rules: The list of rules is empty."],
    [
      "unknown rule",
      countText.replace("[a]", "[nobody]"),
      'unknown-rule: No rule has the id or name "nobody"',
    ],
    ["rule twice", countText.replace("[a]", "[a, a]"), 'invalid-correlation: "Rule a" is listed twice.'],
    [
      "no timespan",
      countText.replace("timespan: 10s\n", ""),
      "invalid-timespan: The correlation does not say how long",
    ],
    [
      "timespan without unit",
      countText.replace("10s", "600"),
      "Write `timespan: 600s` if seconds are meant.",
    ],
    ["no condition", countText.replace("\ncondition: {gte: 10}", ""), "missing-condition"],
    [
      "quoted threshold",
      countText.replace("10}", "'10'}"),
      "`gte` must be a number. Write it without quotes.",
    ],
    ["infinite threshold", countText.replace("10}", ".inf}"), "`gte` must be a number."],
    ["no operator", countText.replace("{gte: 10}", "{}"), "The condition compares with no number."],
    [
      "unknown operator",
      countText.replace("gte", "ge"),
      "unknown-correlation-key: A condition of type event_count has no key `ge`",
    ],
    ["field on event_count", countText.replace("{gte", "{field: x, gte"), "unknown-correlation-key"],
    ["value_count without field", countText.replace("event_", "value_"), "needs to know the field"],
    [
      "sum of two fields",
      countText.replace("event_count", "value_sum").replace("{", "{field: [x, y], "),
      "is about one field",
    ],
    [
      "percentile of 101",
      countText.replace("event_count", "value_percentile").replace("{", "{field: x, percentile: 101, "),
      "from 0 to 100",
    ],
    [
      "percentile on an average",
      countText.replace("event_count", "value_avg").replace("{", "{field: x, percentile: 10, "),
      "unknown-correlation-key",
    ],
    [
      "beyond the bound",
      countText.replace("10}", "2001}"),
      "threshold-too-high: A window holds at most 2000 events",
    ],
    ["upper limit beyond the bound", countText.replace("gte: 10", "lt: 2001"), "threshold-too-high"],
    [
      "absence by zero",
      countText.replace("gte: 10", "eq: 0"),
      "To alert on absence write `temporal` with `a and not b`.",
    ],
    ["lt 1", countText.replace("gte: 10", "lt: 1"), "impossible-condition"],
    [
      "empty range",
      countText.replace("gte: 10", "gt: 5, lt: 6"),
      "impossible-condition: The condition `> 5 and < 6` can never hold",
    ],
    [
      "empty range of numbers",
      countText.replace("event_count", "value_sum").replace("gte: 10", "field: x, gt: 5, lt: 5"),
      "No number is > 5 and < 5.",
    ],
    [
      "excluded point",
      countText.replace("event_count", "value_avg").replace("gte: 10", "field: x, eq: 5, neq: 5"),
      "impossible-condition",
    ],
    [
      "more rules than listed",
      "type: temporal\nrules: [a, b]\ntimespan: 1h\ncondition: {gte: 3}",
      "a window has from 1 to 2 rules",
    ],
    [
      "eleven steps",
      "type: temporal_ordered\nrules: [a, b, a, b, a, b, a, b, a, b, a]\ntimespan: 1h",
      "at most 10 rules",
    ],
    [
      "condition over unlisted rule",
      "type: temporal\nrules: [a]\ntimespan: 1h\ncondition: a and b",
      "condition-rules-mismatch: The condition names `b`",
    ],
    [
      "listed rule not in condition",
      "type: temporal\nrules: [a, b]\ntimespan: 1h\ncondition: a",
      'condition-rules-mismatch: "Rule b" is listed',
    ],
    ["condition of unknown rule", "type: temporal\ntimespan: 1h\ncondition: a and nobody", "unknown-rule"],
    [
      "quantifier",
      "type: temporal\ntimespan: 1h\ncondition: a and 1 of x*",
      "condition-syntax: `1 of` is not part",
    ],
    [
      "quantifier beside rules",
      "type: temporal\nrules: [a]\ntimespan: 1h\ncondition: a and all of them",
      "condition-syntax: `all of` is not part",
    ],
    ["capital operator", "type: temporal\ntimespan: 1h\ncondition: a AND b", "uppercase-operator"],
    [
      "only absence",
      "type: temporal\ntimespan: 1h\ncondition: not a",
      "Absence needs an event that opens the window",
    ],
    ["contradiction", "type: temporal\ntimespan: 1h\ncondition: a and not a", "impossible-condition"],
    [
      "text condition for a count",
      countText.replace("{gte: 10}", "a and b"),
      "Only temporal correlations have a condition over rules",
    ],
    ["list condition", countText.replace("{gte: 10}", "[a]"), "`condition` must be a map"],
    [
      "alias of a stranger",
      `${countText}\ngroup-by: x\naliases: {x: {b: y}}`,
      'invalid-alias: The alias `x` names "b"',
    ],
    ["alias without fields", `${countText}\ngroup-by: x\naliases: {x: y}`, "invalid-alias"],
    ["group-by of a number", `${countText}\ngroup-by: [1]`, "invalid-correlation"],
    ["group-by twice", `${countText}\ngroup-by: [x, x]`, "`x` stands in this list twice."],
    ["generate as text", `${countText}\ngenerate: 'yes'`, "`generate` must be true or false."],
  ])("for: %s", (_, body, reason) => {
    const errors = errorsOf(body);
    expect(errors.join("\n")).toContain(reason);
    expect(load(rulesText + correlationText(body)).ruleset.correlations).toEqual([]);
  });

  test.each([
    ["rules", countText.replace("rules:", "rule:"), "unknown-correlation-key"],
    ["timespan", countText.replace("timespan:", "timeframe:"), "unknown-correlation-key"],
    ["timespan", countText.replace("timespan:", "window:"), "unknown-correlation-key"],
  ])("once for a misnamed `%s`, and not for its absence as well", (_, body, code) => {
    const { problems } = load(rulesText + correlationText(body));
    expect(problems.map((problem) => problem.code)).toEqual([code]);
  });

  test("with every reason at once, each at its place", () => {
    const { problems } = load(
      correlationText(
        "type: evnt_count\nrules: []\ntimespan: soon\ngroup_by: x\ngenerate: maybe",
      ).trimStart(),
    );
    expect(problems.map(formatProblem).map((line) => line.split(": ").slice(0, 2).join(" "))).toEqual([
      "rule.yml:8:3 error unknown-correlation-key",
      "rule.yml:5:9 error invalid-correlation",
      "rule.yml:7:13 error invalid-timespan",
      "rule.yml:6:10 error missing-rules",
      "rule.yml:9:13 error invalid-correlation",
    ]);
  });

  test("when it is about a filter", () => {
    const filter =
      "title: F\nname: f\nlogsource: {product: test}\nfilter:\n  rules: [a]\n  s: {x: 1}\n  condition: not s\n---\n";
    expect(errorsOf(countText.replace("[a]", "[f]"), filter).join()).toContain('"F" is a filter');
  });

  test("when a rule it is about was rejected", () => {
    const broken =
      "title: B\nname: broken\nlogsource: {product: test}\nlevel: low\ndetection:\n  s: {x|expand: '%none%'}\n  condition: s\n---\n";
    expect(errorsOf(countText.replace("[a]", "[broken]"), broken).join("\n")).toContain(
      'rejected-rule: "B" was rejected',
    );
  });
});

describe("warnings", () => {
  test.each([
    ["unused-alias", `${countText}\naliases: {x: {a: y}}`],
    ["incomplete-alias", countText.replace("[a]", "[a, b]").concat("\ngroup-by: x\naliases: {x: {a: y}}")],
    ["always-true", countText.replace("10}", "1}")],
    ["always-true", "type: temporal\ntimespan: 1h\ncondition: a or not a"],
  ])("%s leaves the correlation active", (code, body) => {
    const { problems, ruleset } = load(rulesText + correlationText(body));
    expect(problems.map((problem) => problem.code)).toEqual([code]);
    expect(ruleset.correlations).toHaveLength(1);
  });
});

describe("a rule may be referred to by a title that only one rule has", () => {
  test.each([
    ["in `rules`", countText.replace("[a]", "[Rule a]")],
    ["beside an id", "type: temporal\nrules: [Rule a, b]\ntimespan: 1h"],
    [
      "in aliases too",
      countText.replace("[a]", "[Rule a]").concat("\ngroup-by: x\naliases: {x: {Rule a: y}}"),
    ],
  ])("with a warning: %s", (_, body) => {
    const { problems, ruleset } = load(rulesText + correlationText(body));
    expect(problems).toMatchObject([{ code: "title-as-reference", hint: "Write `a`." }]);
    expect(ruleset.correlations[0]?.rules[0]?.name).toBe("a");
  });

  test("and the same rule by name and by title is listed twice", () => {
    expect(errorsOf("type: temporal\nrules: [a, Rule a]\ntimespan: 1h").join()).toContain("is listed twice");
  });
});

describe("keys of a correlation that stand beside it", () => {
  test.each(["type: event_count", "rules: [a]", "group-by: [x]", "timespan: 10s", "condition: {gte: 10}"])(
    "are one error where they are missing in it: %s",
    (line) => {
      const body = `${countText}\ngroup-by: [x]`.replace(`${line}\n`, "").replace(`\n${line}`, "");
      const { problems } = load(rulesText + correlationText(body, line));
      expect(problems).toMatchObject([
        { severity: "error", message: expect.stringContaining("stands beside `correlation`") },
      ]);
    },
  );

  test.each(["type: event_count", "rules: [a]", "timespan: 1h", "condition: {gte: 2}"])(
    "are warned of where it has its own: %s",
    (line) => {
      const { problems } = load(rulesText + correlationText(countText, line));
      expect(problems).toMatchObject([{ code: "unknown-key", hint: expect.stringContaining("Indent it") }]);
    },
  );

  test.each([
    "action: correlation\ntype: temporal\nrule: [a]",
    "action: Correlation",
    "action: correlate\ntimespan: 1h",
    "type: event_count\nrules: [a]\ntimespan: 1h",
    "group-by: [x]\ntype: temporal",
  ])("%j without `correlation` says where they belong", (lines) => {
    const [problem] = load(`title: C\nlogsource: {product: test}\nlevel: low\n${lines}\n`).problems;
    expect(problem?.hint).toContain("Write `correlation:`, and `type`");
  });
});

describe("chains", () => {
  const chain = (name: string, over: string): string =>
    `${correlationText(countText.replace("[a]", `[${over}]`), `name: ${name}`)}---\n`;

  test("may be in any order of the files", () => {
    const text = chain("outer", "middle") + chain("middle", "inner") + chain("inner", "a");
    expect(loadClean(rulesText + text).correlations.map(({ name }) => name)).toEqual([
      "outer",
      "middle",
      "inner",
    ]);
  });

  test("that go in a circle are rejected, and the circle is named", () => {
    const text = chain("x", "y") + chain("y", "z") + chain("z", "x") + chain("w", "x") + chain("s", "s");
    const { problems, ruleset } = load(rulesText + text);
    expect(problems.map(({ message }) => message)).toEqual([
      "The correlation refers to itself: x → y → z → x.",
      "The correlation refers to itself: y → z → x → y.",
      "The correlation refers to itself: z → x → y → z.",
      '"A correlation" refers to itself in a circle, so that this correlation cannot work.',
      "The correlation refers to itself: s → s.",
    ]);
    expect(ruleset.correlations).toEqual([]);
  });

  test("may be ten deep and no deeper", () => {
    const links = (count: number): string =>
      Array.from({ length: count }, (_, index) =>
        chain(`c${index}`, index === 0 ? "a" : `c${index - 1}`),
      ).join("");
    expect(load(rulesText + links(10)).problems).toEqual([]);
    const { problems, ruleset } = load(rulesText + links(12));
    expect(problems.map(({ code }) => code)).toEqual(["correlation-depth", "rejected-rule"]);
    expect(ruleset.correlations).toHaveLength(10);
  });
});

describe("what is not active", () => {
  const waiting =
    "title: W\nname: w\nlogsource: {product: test}\nlevel: low\ndetection:\n  s: {x|expand: '%Regions%'}\n  condition: s\n---\n";
  const other =
    "title: O\nname: o\nlogsource: {product: other}\nlevel: low\ndetection:\n  s: {x: 1}\n  condition: s\n---\n";
  const outer = `---\n${correlationText(countText.replace("[a]", "[correlation]"), "name: outer")}`;

  test("a correlation over an inactive rule is inactive, and so is every one over it", () => {
    const text = rulesText + waiting + correlationText(countText.replace("[a]", "[a, w]")) + outer;
    const { ruleset, problems } = load(text, { placeholders: { Regions: [] } });
    expect(problems).toEqual([]);
    expect(ruleset.correlations).toEqual([]);
    expect(ruleset.inactiveCorrelations).toMatchObject([
      { correlation: { name: "correlation" }, placeholders: ["Regions"] },
      { correlation: { name: "outer" }, placeholders: ["Regions"] },
    ]);
  });

  test("a correlation over a rule about other logs is about other logs", () => {
    const text = rulesText + other + correlationText(countText.replace("[a]", "[a, o]")) + outer;
    const { ruleset, problems } = load(text, { logsource: { product: "test" } });
    expect(problems).toEqual([]);
    expect(ruleset.elsewhereCorrelations.map(({ name }) => name)).toEqual(["correlation", "outer"]);
  });
});

describe("generate", () => {
  const silenced = (...texts: readonly string[]): string[] => {
    const ruleset = loadClean(rulesText + texts.join("---\n"));
    return [...ruleset.rules, ...ruleset.correlations]
      .filter((rule) => ruleset.isSilenced(rule))
      .flatMap(({ name }) => name ?? []);
  };
  const one = correlationText(countText, "name: one");

  test("is false unless said, and silences the rules", () => {
    expect(silenced(one)).toEqual(["a"]);
  });

  test("may stand inside the correlation or at the top level", () => {
    expect(silenced(correlationText(`${countText}\ngenerate: true`, "name: one"))).toEqual([]);
    expect(silenced(correlationText(countText, "name: one\ngenerate: true"))).toEqual([]);
  });

  test("true of one correlation wins over false of another", () => {
    expect(silenced(one, correlationText(`${countText}\ngenerate: true`, "name: two"))).toEqual([]);
  });

  test("silences correlations below others as well", () => {
    expect(silenced(one, correlationText(countText.replace("[a]", "[one]"), "name: two"))).toEqual([
      "a",
      "one",
    ]);
  });

  test("of an inactive correlation silences all the same", () => {
    const waiting =
      "title: W\nname: w\nlogsource: {product: test}\nlevel: low\ndetection:\n  s: {x|expand: '%Regions%'}\n  condition: s\n---\n";
    const text = rulesText + waiting + correlationText(countText.replace("[a]", "[a, w]"));
    const { ruleset } = load(text, { placeholders: { Regions: [] } });
    expect(ruleset.rules.filter((rule) => ruleset.isSilenced(rule)).map(({ name }) => name)).toEqual(["a"]);
  });

  test("of a rejected correlation silences nothing", () => {
    const { ruleset } = load(rulesText + correlationText(countText.replace("gte: 10", "eq: 0")));
    expect(ruleset.rules.filter((rule) => ruleset.isSilenced(rule))).toEqual([]);
  });

  test("that says two things is rejected", () => {
    const { problems } = load(
      rulesText + correlationText(`${countText}\ngenerate: true`, "name: one\ngenerate: false"),
    );
    expect(problems.map(({ code }) => code)).toEqual(["invalid-correlation"]);
  });
});
