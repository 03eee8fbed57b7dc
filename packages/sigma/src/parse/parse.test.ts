import { describe, expect, test } from "vitest";
import { codesOf, lineIsTrue, load, loadClean, ruleText } from "../testing/rules.ts";
import { parse } from "./parse.ts";

const detection = "s: {a: 1}\ncondition: s";

describe("documents", () => {
  test("of all three kinds may share a file, in any order", () => {
    const text = [
      "title: F\nlogsource: {product: test}\nfilter: {rules: any, s: {a: 1}, condition: not s}",
      "title: C\nlevel: low\nname: c\ngenerate: true\ncorrelation:\n  type: event_count\n  rules: [r]\n  timespan: 1h\n  condition: {gte: 2}",
      ruleText(detection, "name: r\n"),
    ].join("\n---\n");
    const { documents, problems } = parse([{ path: "all.yml", text: `---\n${text}\n---\n` }]);
    expect(problems).toEqual([]);
    expect(documents.map(({ kind, title, line }) => [kind, title, line])).toEqual([
      ["filter", "F", 2],
      ["correlation", "C", 6],
      ["rule", "A rule", 16],
    ]);
  });

  test("read a correlation, with the places of what it refers to", () => {
    const text =
      "title: C\nlevel: low\ncorrelation:\n  type: event_count\n  rules: [r]\n  timespan: 1h\n  condition: {gte: 2}\n";
    const [document] = parse([{ path: "c.yml", text }]).documents;
    expect(document).toMatchObject({
      kind: "correlation",
      definition: {
        type: "event_count",
        rules: [{ rule: "r", at: { path: "c.yml", line: 5, column: 11 } }],
        timespanSeconds: 3600,
        condition: { threshold: { gte: 2 } },
      },
    });
  });

  test("carry what they say about themselves", () => {
    const attributes = [
      "id: 5b0f6c1e-95c5-4c38-8ba7-b6f9a2a0a5c1",
      "name: a-rule",
      "status: stable",
      "description: |",
      "  two",
      "  lines",
      "author: Someone",
      "date: 2026-01-31",
      "modified: 2026/02/01",
      "license: Apache-2.0",
      "references: [https://example.com]",
      "tags: [attack.t1078, attack.initial-access]",
      "fields: [actor.id]",
      "falsepositives: [None known]",
      "related: [{id: x, type: derived}]",
      "scope: [server]",
      "taxonomy: sigma",
      "team: blue",
      "custom_attributes: {streamwarden.window: 1h, nested: {a: [1]}}",
      "",
    ].join("\n");
    const [rule] = loadClean(ruleText(detection, attributes)).rules;
    expect(rule).toEqual({
      kind: "rule",
      title: "A rule",
      id: "5b0f6c1e-95c5-4c38-8ba7-b6f9a2a0a5c1",
      name: "a-rule",
      status: "stable",
      level: "low",
      description: "two\nlines\n",
      author: "Someone",
      date: "2026-01-31",
      modified: "2026/02/01",
      license: "Apache-2.0",
      references: ["https://example.com"],
      tags: ["attack.t1078", "attack.initial-access"],
      fields: ["actor.id"],
      falsePositives: ["None known"],
      related: [{ id: "x", type: "derived" }],
      customAttributes: { team: "blue", "streamwarden.window": "1h", nested: { a: [1] } },
      logsource: { product: "test" },
      places: expect.anything(),
      path: "rule.yml",
      line: 1,
    });
  });

  test("without a level are medium, and say so", () => {
    const { ruleset, problems } = load(ruleText(detection).replace("level: low\n", ""));
    expect(ruleset.rules[0]?.level).toBe("medium");
    expect(problems).toMatchObject([{ code: "missing-level", line: 1 }]);
  });

  test.each([
    ["level: High", "level", "high"],
    ["level: CRITICAL", "level", "critical"],
    ["level: ' low '", "level", "low"],
    ["level: low\nstatus: Stable", "status", "stable"],
    ["level: low\nstatus: DEPRECATED", "status", "deprecated"],
  ] as const)("%j is read as it is meant, with one warning", (line, key, value) => {
    const { ruleset, problems } = load(ruleText(detection).replace("level: low", line));
    expect(ruleset.rules[0]?.[key]).toBe(value);
    expect(problems).toMatchObject([{ code: "invalid-metadata", hint: `Write \`${value}\`.` }]);
  });

  test.each([
    ["level: hgih", "Write `high`."],
    ["level: Medum", "Write `medium`."],
    ["level: urgent", undefined],
  ])("%s is rejected", (line, hint) => {
    const { problems } = load(ruleText(detection).replace("level: low", line));
    expect(problems).toMatchObject([{ code: "invalid-level", ...(hint && { hint }) }]);
  });

  test.each([
    ["status: production", ["invalid-metadata"]],
    ["status: unsupported", ["unsupported-rule"]],
    ["taxonomy: ecs", ["foreign-taxonomy"]],
    ["date: 2022-02-31", ["invalid-metadata"]],
    ["date: 2024/2/29", []],
    ["date: 2022/02/29", ["invalid-metadata"]],
    ["related: [{id: 929a690e-bef0-4204-a928-ef5e620d6fcc, type: obsoletes}]", []],
    ["related: [{id: nope, type: similar}]", ["invalid-metadata"]],
    ["related: [{id: 929a690e-bef0-4204-a928-ef5e620d6fcc, type: friend}]", ["invalid-metadata"]],
    ["related: 929a690e-bef0-4204-a928-ef5e620d6fcc", ["invalid-metadata"]],
    ["related:", []],
    ["tags: attack.t1078", ["invalid-metadata"]],
    ["tags: [Attack.T1078]", ["invalid-metadata"]],
    ["references: https://example.com", ["invalid-metadata"]],
    ["author: [a, b]", ["invalid-metadata"]],
    ["id: 7", ["invalid-metadata"]],
    ["id: null", []],
    ["tags: null", []],
    ["description:", []],
    ["descripton: x", ["unknown-key"]],
    ["my_own_key: x", []],
    ["custom_attributes: [x]", ["invalid-attribute"]],
    ["name: [x]", ["invalid-attribute"]],
  ])("%s gives %j", (line, codes) => {
    expect(codesOf(ruleText(detection, `${line}\n`))).toEqual(codes);
  });

  test.each([
    ["a: yes", { a: "yes" }],
    ["a: on", { a: "on" }],
    ["a: 2026-01-31", { a: "2026-01-31" }],
    ["a: 12:30:45", { a: "12:30:45" }],
    ["a: 0o17", { a: 15 }],
    ["a: ~", {}],
    ["' a | contains ': x", { a: "axb" }],
  ])("are YAML 1.2: %s", (line, event) => {
    expect(lineIsTrue(line, event)).toBe(true);
  });

  test("may use anchors, aliases and merged maps", () => {
    const text = ruleText(
      "base: &base {a: 1, b: 2}\nmore:\n  <<: *base\n  b: 3\nalso: *base\ncondition: more or (base and also)",
    );
    const ruleset = loadClean(text);
    expect([{ a: 1, b: 2 }, { a: 1, b: 3 }, { a: 1 }].map((event) => ruleset.match(event).length)).toEqual([
      1, 1, 0,
    ]);
  });

  test("may begin with a byte order mark and end lines as Windows does", () => {
    const text = `\ufeff${ruleText("s: {a|foo: 1}\ncondition: s")}`.replaceAll("\n", "\r\n");
    expect(load(text).problems).toMatchObject([{ code: "unknown-modifier", line: 5, column: 7 }]);
  });

  test("report every problem of every file at once", () => {
    const files = [
      { path: "a.yml", text: ruleText("s: {a|foo: 1, b|re: '('}\nt: {c: {d: 1}}\ncondition: s and u") },
      { path: "b.yml", text: "title: B\nlogsource: {product: x}\ndetection: {s: {a|cidr: x}}\n---\n- x" },
    ];
    expect(parse(files).problems.map(({ path, line, code }) => `${path}:${line} ${code}`)).toEqual([
      "a.yml:5 unknown-modifier",
      "a.yml:5 invalid-regex",
      "a.yml:6 nested-map",
      "a.yml:7 unknown-identifier",
      "b.yml:1 missing-level",
      "b.yml:3 invalid-cidr",
      "b.yml:3 missing-condition",
      "b.yml:5 not-a-map",
    ]);
  });
});

describe("documents that are not what they should be", () => {
  const good = ruleText(detection);
  const correlation = "correlation:\n  type: event_count\n  rules: [r]\n  timespan: 1h\n";
  const filter = "filter:\n  rules: any\n  t: {b: 1}\n  condition: not t\n";

  test.each([
    [good + filter, ["several-kinds"]],
    [good + correlation, ["several-kinds"]],
    [`title: F\nlogsource: {product: test}\n${filter}${correlation}`, ["several-kinds"]],
    [good + filter + correlation, ["several-kinds"]],
    ["apiVersion: v1\nkind: Pod\nname: x\nlevel: no", ["missing-detection"]],
    ["title: A\nlogsource: {product: x}\nlevel: low", ["missing-detection"]],
    ["title: C\nlevel: low\ntype: event_count\nrules: [r]\ntimespan: 1h", ["missing-detection"]],
    ["title: C\nlevel: low\ndetection: {s: {a: 1}, condition: s}\ntimespan: 1h", ["missing-logsource"]],
    [
      `action: global\ntitle: A\n---\ndetection: {s: {a: 1}, condition: s}\n---\naction: reset`,
      ["legacy-action"],
    ],
    [good.replace("  condition: s", "condition: s"), ["missing-condition"]],
    [`${good}condition: s\n`, ["unknown-key"]],
    [`title: C\nlevel: low\n${correlation}condition: {gte: 2}\n`, ["missing-condition"]],
    [`title: C\nlevel: low\n${correlation}  condition: {gte: 3}\ncondition: {gte: 2}\n`, ["unknown-key"]],
    [good.replace("{product: test}", "{product: test, servise: x}"), ["unknown-key"]],
    [good.replace("{product: test}", "{prodct: test}"), ["unknown-key", "missing-logsource"]],
    [good.replace("{product: test}", "{product: test, definition: x, tenant: y}"), []],
  ])("%j give %j", (text, codes) => {
    const { problems } = parse([{ path: "rule.yml", text }]);
    expect(problems.map(({ code }) => code)).toEqual(codes);
  });

  test("a complete rule of a file with a collection is read", () => {
    const { documents } = parse([{ path: "a.yml", text: `action: global\ntitle: A\n---\n${good}` }]);
    expect(documents).toHaveLength(1);
  });

  test.each([
    ["s: {a: *Create}", "'*Create'", 8],
    ["s:\n  a: *Create*", "'*Create*'", 6],
    ["s:\n  a: *Create User", "begin with `*`", 14],
    ["s:\n  a: *", "begin with `*`", 6],
    ["s:\n  a: foo: bar", "Quote a text that holds `: `", 6],
    ["s: {a: foo: bar}", "Quote a text that holds `: `", 8],
    ["s:\n  a: x\n   b: y", "Indent the lines", 6],
    ["s:\n  a: 'it's'", "Quote the whole text", 10],
    ["s:\n  a: %x%", "begin with `%`", 6],
    ["s:\n\ta: x", "Indent with spaces", 1],
  ])("%j says how to mend it", (text, hint, column) => {
    const [problem] = load(`detection:\n${text}`).problems;
    expect(problem).toMatchObject({ code: "yaml-syntax", hint: expect.stringContaining(hint), column });
  });
});

describe("one slip in YAML is one error", () => {
  const lines = [
    "title: T",
    "logsource: {product: test}",
    "level: low",
    "detection:",
    "  s:",
    "    f: v",
    "    g:",
    "      - a",
    "      - b",
    "  condition: s",
    "",
  ];
  const indented = lines.flatMap((line, index) => {
    const indent = line.length - line.trimStart().length;
    return indent === 0
      ? []
      : [`\t${line.trimStart()}`, `${" ".repeat(indent - 1)}\t${line.trimStart()}`].map(
          (slip) => [slip, index] as const,
        );
  });

  test.each(indented)("a tab: %j as line %i", (slip, index) => {
    const text = lines.with(index, slip).join("\n");
    expect(load(text).problems).toMatchObject([
      { code: "yaml-syntax", line: index + 1, column: slip.indexOf("\t") + 1, hint: "Indent with spaces." },
    ]);
  });

  test("a file indented with tabs", () => {
    const text = lines.join("\n").replaceAll("  ", "\t");
    expect(load(text).problems).toMatchObject([{ code: "yaml-syntax", line: 5, column: 1 }]);
  });

  test.each([
    ["    f: [a", 1],
    ["    f: 'a", 1],
    ["    f: a: b", 1],
    ["   f: v", 1],
    ["    f: *", 1],
    ["    f: [*, *]", 1],
    ["    f: *\n    h: *\n    i: @x", 3],
    ['    f: "\\Windows"\n    h: "\\Users"', 2],
  ])("%j gives no errors of its consequences", (slip, errors) => {
    const { problems } = load(lines.with(5, slip).join("\n"));
    expect(problems.map(({ code }) => code)).toEqual(Array(errors).fill("yaml-syntax"));
  });

  test.each([
    ['{"title": "T",\n "level": "low"\n "logsource": {}}', 3, 2, undefined],
    ['{"title": "T",\n "level": "low",\n "logsource": {"product": "x"}', 3, 31, undefined],
    ['{"title": "T",\n "detection": {"s": {"f": "C:\\Windows"}}}', 2, 30, "Write `\\\\` for one backslash."],
  ])("%j is not JSON, and says where", (text, line, column, hint) => {
    const { problems } = load(text);
    expect(problems).toMatchObject([{ line, column, ...(hint && { hint }) }]);
    expect(problems[0]?.message).toMatch(/^This is not JSON: /);
  });
});

describe("a byte order mark", () => {
  test.each([
    ["\ufeff", ""],
    ["\ufeff# a comment\n", ""],
    ["\ufeff---\n", ""],
    ["", "\ufeff"],
  ])("%j before the first document and %j before the second is no part of them", (first, second) => {
    const rule = ruleText(detection);
    expect(loadClean(`${first}${rule}---\n${second}${rule}`).rules).toHaveLength(2);
  });
});

describe("control characters that double quotes made", () => {
  const rule = (value: string): string => ruleText(`s:\n  f|endswith: ${value}\ncondition: s`);

  test.each([
    ['"\\foo.exe"', "U+000C", "Use single quotes: '\\foo.exe'."],
    ['"\\bar"', "U+0008", "Use single quotes: '\\bar'."],
    ['"\\temp"', "U+0009", "Use single quotes: '\\temp'."],
    ['"\\new\\run"', "U+000A", "Use single quotes: '\\new\\run'."],
    ['"it\'s \\e"', "U+001B", "Use single quotes: 'it''s \\e'."],
    ['"C:\\\\x\\foo"', "U+000C", "Use single quotes."],
    ['[ok, "\\x7f"]', "U+007F", "Use single quotes: '\\x7f'."],
  ])("%s is warned of", (value, character, hint) => {
    const { problems } = load(rule(value));
    expect(problems).toMatchObject([
      {
        code: "control-character",
        severity: "warning",
        line: 6,
        message: expect.stringContaining(character),
        hint: expect.stringContaining(hint),
      },
    ]);
  });

  test.each(["'\\foo'", "\\foo", '"\\\\foo"', '"\\u00e4"', "|\n    two\n    lines", '"\\""'])(
    "%s has none",
    (value) => expect(load(rule(value)).problems).toEqual([]),
  );

  test.each([
    ['description: "two\\nlines\\tand a tab"', 0],
    ['description: "\\e[31m"', 1],
    ['fields: ["\\a"]', 1],
  ])("in prose only what no prose has: %s", (line, count) => {
    expect(load(ruleText(detection, `${line}\n`)).problems).toHaveLength(count);
  });

  test("is told of a field, and of a JSON file without single quotes", () => {
    expect(codesOf(ruleText('s: {"a\\tb": x}\ncondition: s'))).toEqual(["control-character"]);
    const json = JSON.stringify({
      title: "T",
      logsource: { product: "test" },
      level: "low",
      detection: { s: { f: "a\tb" }, condition: "s" },
    });
    expect(load(json).problems).toMatchObject([{ hint: "Write `\\\\` for one backslash." }]);
  });

  test("stand escaped in every problem", () => {
    const { problems } = load(ruleText('s: {"a|f\\e[31moo": x}\ncondition: s'));
    expect(problems[0]?.message).toBe("Sigma has no modifier `f\\u001b[31moo`.");
  });
});

describe("keys that stand twice", () => {
  test.each([
    ["s:\n  a: 1\n  b: 2\n  a: 3\ncondition: s", 8, 5],
    ["s: {a: 1, b: 2, a: 3}\ncondition: s", 5, 19],
    ["s: {1: x, '1': y}\ncondition: s", 5, 13],
    ["s: {a: 1}\ncondition: s\ns: {a: 2}", 7, 3],
    ["t: &t {a: 1}\ns: {<<: *t, b: 1, <<: *t}\ncondition: s or t", 6, 21],
  ])("%j are rejected at line %i, column %i", (text, line, column) => {
    expect(load(ruleText(text)).problems).toMatchObject([{ code: "duplicate-key", line, column }]);
  });
});

describe("aliases", () => {
  test.each<[string, Record<string, unknown>]>([
    ["s: {a: [&x one, &x two], b: *x}", { a: "one", b: "two" }],
    ["s: {a: &x one, b: *x, c: &x two, d: *x}", { a: "one", b: "one", c: "two", d: "two" }],
    ["s: {&x a: q, b: *x}", { a: "q", b: "a" }],
    ["s: {a: &x b, *x : q}", { a: "b", b: "q" }],
  ])("%s names the last anchor before it", (text, event) => {
    expect(loadClean(ruleText(`${text}\ncondition: s`)).match(event)).toHaveLength(1);
  });
});

describe("modifiers that contradict each other", () => {
  test.each([
    "a|contains|re: x",
    "a|re|cased: x",
    "a|re|base64: x",
    "a|re|cidr: 10.0.0.0/8",
    "a|re|gt: 1",
    "a|i: x",
    "a|contains|i: x",
    "a|contains|cidr: 10.0.0.0/8",
    "a|cidr|contains: 10.0.0.0/8",
    "a|exists|contains: true",
    "a|exists|all: true",
    "a|contains|exists: true",
    "a|gt|lt: 1",
    "a|gt|contains: 1",
    "a|gt|cased: 1",
    "a|hour|day: 1",
    "a|hour|contains: 1",
    "a|contains|base64: x",
    "a|contains|wide|base64offset: x",
    "a|fieldref|re: x",
    "a|fieldref|expand: '%x%'",
    "a|base64|fieldref: x",
    "'|exists': true",
    "'|gt': 1",
    "'|fieldref': a",
  ])("%s is rejected", (line) => {
    expect(codesOf(ruleText(`s:\n  ${line}\ncondition: s`))).toEqual(["invalid-modifier-combination"]);
  });
});

describe("modifiers of other languages", () => {
  test.each([
    ["not", "Write `neq`, or `not` before the selection"],
    ["NOT", "Write `neq`, or `not` before the selection"],
    ["ne", "Write `neq`, or `not` before the selection"],
    ["notcontains", "Write `contains|neq`, or `not` before"],
    ["equals", "the whole value is compared"],
    ["regex", "Write `re`."],
    ["ge", "Write `gte`."],
    ["in", "any one is enough"],
    ["like", "are wildcards in any value"],
    ["nocase", "case is ignored"],
    ["startsWith", "Did you mean `startswith`?"],
    ["contain", "Did you mean `contains`?"],
    ["base64offfset", "Did you mean `base64offset`?"],
  ])("`%s` says what to write", (modifier, hint) => {
    expect(load(ruleText(`s:\n  a|${modifier}: x\ncondition: s`)).problems).toMatchObject([
      { code: "unknown-modifier", hint: expect.stringContaining(hint) },
    ]);
  });
});

describe("values that do not fit their modifiers", () => {
  test.each([
    ["a|contains: null", "invalid-value"],
    ["a|contains: [x, null]", "null-in-list"],
    ["a|gt: x", "invalid-value"],
    ["a|gt: null", "invalid-value"],
    ["a|gt: true", "invalid-value"],
    ["a|gt: .inf", "invalid-value"],
    ["a|exists: 'true'", "invalid-value"],
    ["a|exists: 1", "invalid-value"],
    ["a|re: null", "invalid-value"],
    ["a|re: true", "invalid-value"],
    ["a|re: '(?=x)'", "invalid-regex"],
    ["a|cidr: 10", "invalid-cidr"],
    ["a|cidr: 10.0.0.1/8", "invalid-cidr"],
    ["a|fieldref: 'b*'", "invalid-value"],
    ["a|fieldref: 1", "invalid-value"],
    ["a|base64: 'x*'", "invalid-value"],
    ["a|wide: é", "invalid-value"],
    ["a|hour: 24", "invalid-value"],
    ["a|month: 0", "invalid-value"],
    ["a|day: 1.5", "invalid-value"],
    ["a|windash: '-a -b -c -d'", "invalid-value"],
    ["'|contains': null", "invalid-value"],
  ])("%s: %s", (line, code) => {
    expect(codesOf(ruleText(`s:\n  ${line}\ncondition: s`))[0]).toBe(code);
  });
});

describe("what is written wrong is said so that it can be mended", () => {
  test.each([
    ["a|exists: yes", "Write `true`, without"],
    ["a|exists: 'true'", "Write `true`, without"],
    ["a|exists: off", "Write `false`, without"],
    ["a|exists: maybe", "Write `true` or `false`, without"],
    ["a|re: '(?=x)'", "look-around does not"],
    ["a|re: '(?<!x)y'", "look-around does not"],
    ["a|re: '(a)\\1'", "back-references do not"],
    ["a|re: '(?P=n)'", "back-references do not"],
    ["a|re: 'x{1001}'", "at most to 1,000"],
    ["a|re: '(x{100}){100}'", "at most to 1,000"],
    ["a|re: '(?>a)'", "Atomic groups"],
    ["a|re: 'a++'", "one repetition sign"],
    ["a|re: '\\Z'", "Write `\\z`"],
    ["a|re: '\\u0041'", "Write `\\x{...}`"],
    ["a|re: '\\y'", "Leave the backslash out"],
    ["a|re: '[a'", "Close it"],
    ["a|re: '*a'", "meant as a character"],
    ["a|re: 'a\\'", "for one backslash"],
  ])("%s: %s", (line, hint) => {
    expect(load(ruleText(`s:\n  ${line}\ncondition: s`)).problems).toMatchObject([
      { severity: "error", hint: expect.stringContaining(hint) },
    ]);
  });

  test("hints at look-around only where it is", () => {
    for (const expression of ["x{1001}", "\\Z", "[a", "a)", "\\p{Foo}", "[z-a]"]) {
      const [problem] = load(ruleText(`s:\n  a|re: '${expression}'\ncondition: s`)).problems;
      expect(`${problem?.message} ${problem?.hint}`).not.toMatch(/look-around|back-ref|error parsing/);
    }
  });
});

describe("the linter", () => {
  test.each<[string, string[]]>([
    ["s: {a|contains: ''}\ncondition: s", ["matches-everything"]],
    ["s: {a|startswith: ['', x]}\ncondition: s", ["matches-everything", "dead-value"]],
    ["s: {a|contains: '*'}\ncondition: s", []],
    ["s: {a: ''}\ncondition: s", []],
    ["s: {a|re: ''}\ncondition: s", ["matches-everything"]],
    ["s: ['']\ncondition: s", ["matches-everything"]],
    ["s: ['*']\ncondition: s", ["matches-everything"]],
    ["s: {a|base64offset|contains: 'x'}\ncondition: s", []],
    ["s: {a|base64offset|contains: ''}\ncondition: s", ["invalid-value"]],
    ["s: {a: '%x%'}\ncondition: s", ["placeholder-without-expand"]],
    ["s: {a|contains: [b, 'arn:%Account%:']}\ncondition: s", ["placeholder-without-expand"]],
    ["s: ['%x%']\ncondition: s", ["placeholder-without-expand"]],
    ["s: {a|contains: ['%TEMP%', '%APPDATA%\\x']}\ncondition: s", []],
    ["s: {a: '\\%x%'}\ncondition: s", []],
    ["s: {a: ['%comspec%', 'x%LocalAppData%y', 'echo %username%']}\ncondition: s", []],
    ["s: {a: ['%temp%-%Account%']}\ncondition: s", ["placeholder-without-expand"]],
    [
      "s: {a: ['C:\\Windows\\Temp\\*', '*\\Temp\\?x']}\ncondition: s",
      ["escaped-wildcard", "escaped-wildcard"],
    ],
    ["s: {a: ['C:\\Windows\\\\*', 's3:Get\\*', '\\*', 'a\\b*']}\ncondition: s", []],
    ["s: {'a{}.b': x}\ncondition: s", ["field-braces"]],
    ["s: {a: ['4624', 4624]}\ncondition: s", ["dead-value"]],
    ["s: {a: [114567890123456789012, 114567890123456789013]}\ncondition: s", []],
    ["s: {a: [x*, '46*', 4624]}\ncondition: s", []],
    ["s: {a: ['100%', '5% of 6%', '%C3%A9', '%2Fx%2F']}\ncondition: s", []],
    ["s: {a: [x, X]}\ncondition: s", ["dead-value"]],
    ["s: {a|cased: [x, X]}\ncondition: s", []],
    ["s: {a: ['x*', xy, zx]}\ncondition: s", ["dead-value"]],
    ["s: {a|contains: [ab, xabx, b?]}\ncondition: s", ["dead-value"]],
    ["s: {a|contains: ['a?', 'abc']}\ncondition: s", []],
    ["s: {a|endswith: [.exe, a.exe]}\ncondition: s", ["dead-value"]],
    ["s: {a|contains|all: [ab, abc]}\ncondition: s", []],
    ["s: [ab, abc]\ncondition: s", ["dead-value"]],
    ["s: {a: 1}\nt: {a: 1}\ncondition: s and not t", ["unsatisfiable"]],
    ["s: {a: x}\nt: {a: [x, y]}\ncondition: s and not t", ["unsatisfiable"]],
    ["s: {a: [x, z]}\nt: {a: [x, y]}\ncondition: s and not t", []],
    ["s: {a: x}\nt: {a: y}\ncondition: s and t", ["unsatisfiable"]],
    ["s: {a: x}\nt: {a: y}\ncondition: s or t", []],
    ["s: {a: x}\nt: {a: y}\nu: {b: 1}\ncondition: u or (s and t)", ["unsatisfiable"]],
    ["s: {a: x}\nt: {a: x, b: 1}\ncondition: s and not t", []],
    ["s: {a: x}\nt: {a: x, b: 1}\ncondition: not s and t", ["unsatisfiable"]],
    ["s: {a: x}\nt: {b: 1}\ncondition: s and not (s or t)", ["unsatisfiable"]],
    ["s: {a|all: [x, y]}\ncondition: s", ["unsatisfiable"]],
    ["s: {a|contains: x}\nt: {a|contains: y}\ncondition: s and t", []],
    ["s: {a: x}\ncondition: s or not s", ["always-true"]],
    ["s: {a: x}\nt: {a: y}\ncondition: not (s and t)", ["always-true"]],
    ["s: {a: 1}\nt: {a: 1.0}\ncondition: s and t", []],
  ])("%j gives %j", (text, codes) => {
    expect(codesOf(ruleText(text))).toEqual(codes);
  });
});
