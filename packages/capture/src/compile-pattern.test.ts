import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compilePattern, compilePatternText, type EventMatcher } from "./compile-pattern.ts";
import { PatternError } from "./errors.ts";

function matches(leaf: readonly unknown[], event: string): boolean {
  return compilePattern({ a: leaf })(JSON.parse(event));
}

describe("one leaf", () => {
  test.each<[why: string, leaf: readonly unknown[], event: string, expected: boolean]>([
    ["values are alternatives", ["x", "y"], '{"a":"y"}', true],
    ["no alternative fits", ["x", "y"], '{"a":"z"}', false],
    ["an array matches if any element does", ["x"], '{"a":["y","x"]}', true],
    ["an array of others does not", ["x"], '{"a":["y"]}', false],
    ["1 is 1.0", [1], '{"a":1.0}', true],
    ["3.0e2 is 300", [300], '{"a":3.0e2}', true],
    ['"1" is not 1', ["1"], '{"a":1}', false],
    ['1 is not "1"', [1], '{"a":"1"}', false],
    ["true is not the word", [true], '{"a":"true"}', false],
    ["null is a value", [null], '{"a":null}', true],
    ["null is not absence", [null], "{}", false],
    ["an account number beyond 32 bits", [123456789012], '{"a":123456789012}', true],

    ["prefix", [{ prefix: "ab" }], '{"a":"abc"}', true],
    ["prefix of another text", [{ prefix: "ab" }], '{"a":"cab"}', false],
    ["prefix never of a number", [{ prefix: "1" }], '{"a":12}', false],
    ["empty prefix takes every string", [{ prefix: "" }], '{"a":""}', true],
    ["prefix without case", [{ prefix: { "equals-ignore-case": "AB" } }], '{"a":"aBc"}', true],
    ["suffix", [{ suffix: ".mp4" }], '{"a":"x.mp4"}', true],
    ["suffix with other case", [{ suffix: ".MP4" }], '{"a":"x.mp4"}', false],
    ["suffix without case", [{ suffix: { "equals-ignore-case": ".MP4" } }], '{"a":"x.mP4"}', true],
    ["equals-ignore-case", [{ "equals-ignore-case": "ABC" }], '{"a":"aBc"}', true],
    ["equals-ignore-case is the whole text", [{ "equals-ignore-case": "ABC" }], '{"a":"abcd"}', false],
    [
      "equals-ignore-case where case changes length",
      [{ "equals-ignore-case": "straße" }],
      '{"a":"STRASSE"}',
      true,
    ],

    ["wildcard", [{ wildcard: "a*c" }], '{"a":"abbbc"}', true],
    ["wildcard takes nothing too", [{ wildcard: "a*c" }], '{"a":"ac"}', true],
    ["wildcard parts do not overlap", [{ wildcard: "ab*ba" }], '{"a":"aba"}', false],
    ["several wildcards in order", [{ wildcard: "*x*y*" }], '{"a":"1x2y3"}', true],
    ["several wildcards out of order", [{ wildcard: "*x*y*" }], '{"a":"1y2x3"}', false],
    ["escaped star is a star", [{ wildcard: "a\\*" }], '{"a":"a*"}', true],
    ["escaped star is nothing else", [{ wildcard: "a\\*" }], '{"a":"ab"}', false],
    ["escaped backslash", [{ wildcard: "a\\\\*" }], '{"a":"a\\\\b"}', true],

    ["numeric =", [{ numeric: ["=", 3.018e2] }], '{"a":301.8}', true],
    ["numeric < at its bound", [{ numeric: ["<", 5] }], '{"a":5}', false],
    ["numeric <= at its bound", [{ numeric: ["<=", 5] }], '{"a":5}', true],
    ["numeric range inside", [{ numeric: [">", 0, "<=", 5] }], '{"a":5}', true],
    ["numeric range at its open end", [{ numeric: [">", 0, "<=", 5] }], '{"a":0}', false],
    ["numeric never of a string", [{ numeric: [">", 0] }], '{"a":"5"}', false],

    ["cidr v4", [{ cidr: "10.0.0.0/8" }], '{"a":"10.255.0.1"}', true],
    ["cidr v4 outside", [{ cidr: "10.0.0.0/8" }], '{"a":"11.0.0.1"}', false],
    ["cidr with host bits set", [{ cidr: "10.0.0.5/24" }], '{"a":"10.0.0.1"}', true],
    ["cidr odd mask", [{ cidr: "10.1.0.0/15" }], '{"a":"10.0.3.4"}', true],
    ["cidr v6", [{ cidr: "2001:db8::/32" }], '{"a":"2001:db8:1::1"}', true],
    ["cidr v6 outside", [{ cidr: "2001:db8::/32" }], '{"a":"2001:db9::1"}', false],
    ["cidr of no address", [{ cidr: "0.0.0.0/0" }], '{"a":"ivs.amazonaws.com"}', false],
    ["an address in any spelling", ["::1"], '{"a":"0:0:0:0:0:0:0:1"}', true],

    ["anything-but another value", [{ "anything-but": "x" }], '{"a":"y"}', true],
    ["anything-but that value", [{ "anything-but": "x" }], '{"a":"x"}', false],
    ["anything-but needs the field", [{ "anything-but": "x" }], '{"b":"y"}', false],
    ["anything-but needs a value, [] has none", [{ "anything-but": "x" }], '{"a":[]}', false],
    ["anything-but is true for null", [{ "anything-but": "x" }], '{"a":null}', true],
    ["anything-but, any other element", [{ "anything-but": "x" }], '{"a":["x","y"]}', true],
    ["anything-but, no other element", [{ "anything-but": ["x", "y"] }], '{"a":["x","y"]}', false],
    ["anything-but number", [{ "anything-but": [1, 2] }], '{"a":1.0}', false],
    ["anything-but number, a string", [{ "anything-but": [1, 2] }], '{"a":"1"}', true],
    ["anything-but prefix", [{ "anything-but": { prefix: "Get" } }], '{"a":"GetChannel"}', false],
    ["anything-but prefixes", [{ "anything-but": { prefix: ["Get", "List"] } }], '{"a":"ListX"}', false],
    ["anything-but prefix, a number", [{ "anything-but": { prefix: "1" } }], '{"a":1}', true],
    ["anything-but suffix", [{ "anything-but": { suffix: "s" } }], '{"a":"as"}', false],
    ["anything-but wildcard", [{ "anything-but": { wildcard: "a*z" } }], '{"a":"abz"}', false],
    ["anything-but case", [{ "anything-but": { "equals-ignore-case": ["AB"] } }], '{"a":"ab"}', false],

    ["exists, absent", [{ exists: true }], "{}", false],
    ["exists on an object", [{ exists: true }], '{"a":{"b":1}}', false],
    ["exists on []", [{ exists: true }], '{"a":[]}', false],
    ["exists on null", [{ exists: true }], '{"a":null}', true],
    ["exists in nested arrays", [{ exists: true }], '{"a":[[[1]]]}', true],
    ["exists: false is the reverse, absent", [{ exists: false }], "{}", true],
    ["exists: false is the reverse, object", [{ exists: false }], '{"a":{"b":1}}', true],
    ["exists: false is the reverse, []", [{ exists: false }], '{"a":[]}', true],
    ["exists: false is the reverse, null", [{ exists: false }], '{"a":null}', false],
    ["a value or absence", ["x", { exists: false }], "{}", true],
    ["a value or absence, another value", ["x", { exists: false }], '{"a":"y"}', false],
  ])("%s", (_why, leaf, event, expected) => {
    expect(matches(leaf, event)).toBe(expected);
  });
});

describe("the whole pattern", () => {
  test.each<[why: string, pattern: unknown, event: unknown, expected: boolean]>([
    ["keys must all hold", { a: ["x"], b: ["y"] }, { a: "x", b: "z" }, false],
    ["keys all hold", { a: ["x"], b: ["y"] }, { a: "x", b: "y", c: 1 }, true],
    ["nesting", { a: { b: { c: ["x"] } } }, { a: { b: { c: "x" } } }, true],
    ["a dotted key reaches into the event", { "a.b": [1] }, { a: { b: 1 } }, true],
    ["a dotted key in the event", { a: { b: [1] } }, { "a.b": 1 }, true],
    ["same element", { a: { b: [1], c: [2] } }, { a: [{ b: 1, c: 2 }] }, true],
    ["different elements", { a: { b: [1], c: [2] } }, { a: [{ b: 1 }, { c: 2 }] }, false],
    ["later element", { a: { b: [1], c: [2] } }, { a: [{ b: 1 }, { b: 1, c: 2 }] }, true],
    ["nested arrays are flattened", { a: { b: [1] } }, { a: [[[{ b: 1 }]]] }, true],
    ["nested elements stay apart", { a: { b: [1], c: [2] } }, { a: [[{ b: 1 }, { c: 2 }]] }, false],
    [
      "separate arrays are free",
      { a: { x: [1] }, b: { y: [2] } },
      { a: [{ x: 1 }], b: [{ y: 1 }, { y: 2 }] },
      true,
    ],
    [
      "absence within the element",
      { a: { b: [1], c: [{ exists: false }] } },
      { a: [{ b: 1 }, { c: 2 }] },
      true,
    ],
    [
      "absence within the element, where another has it too",
      { a: { b: [1], c: [{ exists: false }] } },
      { a: [{ b: 1, c: 3 }, { c: 2 }] },
      false,
    ],
    [
      "absence within the element, though the value is outside of it as well",
      { a: { b: [1], c: [{ exists: false }] } },
      { "a.b": 1, a: [{ b: 1 }, { c: 2 }] },
      true,
    ],
    [
      "absence is asked in field order",
      { a: { c: [1], b: [{ exists: false }] } },
      { a: [{ c: 1 }, { b: 2 }] },
      false,
    ],
    ["$or, first", { $or: [{ a: [1] }, { b: [1] }] }, { a: 1 }, true],
    ["$or, none", { $or: [{ a: [1] }, { b: [1] }] }, { a: 2, b: 2 }, false],
    ["$or and a key", { c: [1], $or: [{ a: [1] }, { b: [1] }] }, { b: 1 }, false],
    [
      "$or within an element",
      { a: { $or: [{ b: [1] }, { c: [2] }], d: [3] } },
      { a: [{ c: 2, d: 3 }] },
      true,
    ],
    ["$or that is no relation is a field", { $or: ["x"] }, { $or: "x" }, true],
    ["inherited names are not fields", { toString: [{ exists: true }] }, {}, false],
    ["__proto__ is a name", JSON.parse('{"__proto__":[1]}'), JSON.parse('{"__proto__":1}'), true],
    ["an event that is no object", { a: [{ exists: false }] }, [{ b: 1 }], false],
    ["an event that is null", { a: [{ exists: false }] }, null, false],
    ["an event that is text", { a: [{ exists: false }] }, "a", false],
    ["an event that is a number", { a: [{ exists: false }] }, 1, false],
    ["no event", { a: [{ exists: false }] }, undefined, false],
  ])("%s", (_why, pattern, event, expected) => {
    expect(compilePattern(pattern)(event)).toBe(expected);
  });
});

describe("rejected", () => {
  test.each<[pattern: unknown, code: string, path: string]>([
    [[], "not-an-object", ""],
    ["x", "not-an-object", ""],
    [null, "not-an-object", ""],
    [{}, "empty", ""],
    [{ a: {} }, "empty", "a"],
    [{ a: [] }, "empty", "a"],
    [{ a: { b: "x" } }, "leaf-not-an-array", "a.b"],
    [{ a: null }, "leaf-not-an-array", "a"],
    [{ a: [["x"]] }, "bad-value", "a"],
    [{ a: [{}] }, "empty", "a"],
    [{ a: [{ regex: "x" }] }, "unknown-operator", "a"],
    [{ a: [{ toString: "x" }] }, "unknown-operator", "a"],
    [{ a: [{ prefix: "x", suffix: "y" }] }, "several-operators", "a"],
    [{ a: [{ prefix: 1 }] }, "bad-operand", "a"],
    [{ a: [{ prefix: { wildcard: "x" } }] }, "bad-operand", "a"],
    [{ a: [{ suffix: { "equals-ignore-case": 1 } }] }, "bad-operand", "a"],
    [{ a: [{ "equals-ignore-case": ["x"] }] }, "bad-operand", "a"],
    [{ a: [{ wildcard: "x**" }] }, "bad-operand", "a"],
    [{ a: [{ wildcard: "x\\y" }] }, "bad-operand", "a"],
    [{ a: [{ wildcard: "x\\" }] }, "bad-operand", "a"],
    [{ a: [{ exists: "true" }] }, "bad-operand", "a"],
    [{ a: [{ cidr: "10.0.0.0" }] }, "bad-operand", "a"],
    [{ a: [{ cidr: "10.0.0.0/32" }] }, "bad-operand", "a"],
    [{ a: [{ cidr: "10.0.0/8" }] }, "bad-operand", "a"],
    [{ a: [{ cidr: "300.0.0.0/8" }] }, "bad-operand", "a"],
    [{ a: [{ cidr: "::/128" }] }, "bad-operand", "a"],
    [{ a: [{ cidr: "::/x" }] }, "bad-operand", "a"],
    [{ a: [{ numeric: 5 }] }, "bad-operand", "a"],
    [{ a: [{ numeric: [] }] }, "bad-operand", "a"],
    [{ a: [{ numeric: ["!=", 5] }] }, "bad-operand", "a"],
    [{ a: [{ numeric: [">"] }] }, "bad-operand", "a"],
    [{ a: [{ numeric: [">", "5"] }] }, "bad-operand", "a"],
    [{ a: [{ numeric: ["=", 5, 6] }] }, "bad-operand", "a"],
    [{ a: [{ numeric: ["<", 5, ">", 0] }] }, "bad-operand", "a"],
    [{ a: [{ numeric: [">", 5, "<", 5] }] }, "bad-operand", "a"],
    [{ a: [{ numeric: [">", 0, "<", 5, "<", 6] }] }, "bad-operand", "a"],
    [{ a: [{ "anything-but": [] }] }, "bad-operand", "a"],
    [{ a: [{ "anything-but": ["x", 1] }] }, "bad-operand", "a"],
    [{ a: [{ "anything-but": true }] }, "bad-operand", "a"],
    [{ a: [{ "anything-but": { cidr: "10.0.0.0/8" } }] }, "unknown-operator", "a"],
    [{ a: [{ "anything-but": { prefix: "" } }] }, "bad-operand", "a"],
    [{ a: [{ "anything-but": { prefix: "a", suffix: "b" } }] }, "several-operators", "a"],
    [{ a: [{ "anything-but": { wildcard: "**" } }] }, "bad-operand", "a"],
    [{ $or: [{ a: [1] }] }, "bad-value", "$or"],
    [{ a: { $or: [{ numeric: [1] }, { b: [1] }] } }, "bad-value", "a"],
    [{ a: ["x".repeat(2_048)] }, "too-long", ""],
    [{ $or: Array.from({ length: 1_001 }, () => ({ a: [1] })) }, "too-many-alternatives", "$or"],
  ])("%j", (pattern, code, path) => {
    expect(() => compilePattern(pattern)).toThrow(
      expect.objectContaining({ name: "PatternError", code, path }),
    );
  });

  test("nesting beyond reason, without running out of stack", () => {
    let pattern: unknown = ["x"];
    for (let depth = 0; depth < 10_000; depth += 1) pattern = { a: pattern };
    expect(() => compilePattern(pattern)).toThrow(expect.objectContaining({ code: "too-deep" }));
  });

  test("an event nested deeper than AWS's parser reads", () => {
    const deep = JSON.parse(`{"a":${"[".repeat(100_000)}1${"]".repeat(100_000)}}`);
    expect(() => compilePattern({ a: [1] })(deep)).toThrow(PatternError);
    expect(compilePattern({ b: [{ exists: false }] })(deep)).toBe(true);
  });

  test("the message names the place and the reason", () => {
    expect(() => compilePattern({ detail: { eventName: [{ wildcard: "a**" }] } })).toThrow(
      'Event pattern, at detail.eventName: wildcard: "a**" has two * in a row; write one',
    );
  });
});

describe("laws", () => {
  const scalar = fc.oneof(
    fc.constantFrom("x", "y", "xy", ""),
    fc.constantFrom(0, 1, 2),
    fc.boolean(),
    fc.constant(null),
  );
  const flat = fc.dictionary(fc.constantFrom("a", "b", "c"), scalar);
  const leaf = fc.array(
    fc.oneof(
      scalar,
      fc.record({ prefix: fc.constantFrom("x", "y") }),
      fc.record({ exists: fc.boolean() }),
      fc.record({ "anything-but": fc.constantFrom("x", "y") }),
    ),
    { minLength: 1, maxLength: 3 },
  );
  const flatPattern = fc.dictionary(fc.constantFrom("a", "b", "c"), leaf, { minKeys: 1 });

  /** The definition, written as naively as it reads, for events without nesting. */
  function naive(pattern: Record<string, unknown[]>, event: Record<string, unknown>): boolean {
    return Object.entries(pattern).every(([name, alternatives]) => {
      const present = Object.hasOwn(event, name);
      const value = event[name];
      return alternatives.some((alternative) => {
        if (typeof alternative !== "object" || alternative === null) return present && value === alternative;
        if ("exists" in alternative) return present === alternative.exists;
        if ("prefix" in alternative)
          return typeof value === "string" && value.startsWith(String(alternative.prefix));
        return present && "anything-but" in alternative && value !== alternative["anything-but"];
      });
    });
  }

  test("a flat pattern means what its definition says", () => {
    fc.assert(
      fc.property(flatPattern, flat, (pattern, event) => {
        expect(compilePattern(pattern)(event)).toBe(naive(pattern, event));
      }),
      { numRuns: 500 },
    );
  });

  test("$or is the disjunction of its branches, and distributes over the other keys", () => {
    fc.assert(
      fc.property(leaf, fc.array(leaf, { minLength: 2, maxLength: 3 }), flat, (common, branches, event) => {
        const joined = compilePattern({ a: common, $or: branches.map((branch) => ({ b: branch })) });
        const apart = branches.some((branch) => compilePattern({ a: common, b: branch })(event));
        expect(joined(event)).toBe(apart);
      }),
    );
  });

  test("anything-but is the negation of the value for one present scalar", () => {
    fc.assert(
      fc.property(scalar, fc.oneof(fc.constantFrom("x", "y"), fc.constantFrom(0, 1)), (value, excluded) => {
        const event = { a: value };
        const but = compilePattern({ a: [{ "anything-but": excluded }] });
        expect(but(event)).toBe(!compilePattern({ a: [excluded] })(event));
      }),
    );
  });

  test("a pattern over one element of an array is that pattern over some element", () => {
    const present = fc.dictionary(
      fc.constantFrom("a", "b"),
      fc.array(fc.oneof(scalar, fc.record({ prefix: fc.constantFrom("x", "y") })), { minLength: 1 }),
      { minKeys: 1 },
    );
    fc.assert(
      fc.property(present, fc.array(flat, { maxLength: 4 }), (pattern, elements) => {
        const inside = elements.some((element) => compilePattern(pattern)(element));
        expect(compilePattern({ list: pattern })({ list: elements })).toBe(inside);
      }),
    );
  });

  test("no event makes the matcher fail", () => {
    const matcher = compilePattern({ a: { b: ["x", { wildcard: "*y*" }], c: [{ cidr: "10.0.0.0/8" }] } });
    fc.assert(
      fc.property(fc.jsonValue(), (event) => {
        expect(typeof matcher(event)).toBe("boolean");
      }),
    );
  });
});

describe("rejected in its text", () => {
  test.each<[text: string, code: string, path: string]>([
    ["", "not-json", ""],
    ['{"a":["x"],}', "not-json", ""],
    ['{"a":[{"prefix":"a","prefix":"b"}]}', "duplicate-name", "a.prefix"],
    ['{"a":["x"],"\\u0061":["y"]}', "duplicate-name", "a"],
    ['{"a":{"b":[1]},"c":[1],"a":{"c":[1]}}', "duplicate-name", "a"],
    ['{"$or":[{"a":[1]},{"b":[1],"b":[2]}]}', "duplicate-name", "$or.b"],
    ['{"a":[{"numeric":[">",12345678901234567]}]}', "inexact-number", "a.numeric"],
    ['{"a":["1",-9007199254740993]}', "inexact-number", "a"],
    ['{"a":[0.12345678901234567]}', "inexact-number", "a"],
    ['{"a":[1e400]}', "inexact-number", "a"],
    ['{"a":[{"wildcard":"*a*a*a*a*a*a"}]}', "too-complex", "a"],
    ['{"$or":["x"],"a":[{"anything-but":{"wildcard":"x*"}}]}', "bad-value", "$or"],
    ['{"$or":["x"],"a":[{"anything-but":{"prefix":["x"]}}]}', "bad-value", "$or"],
    [`{"a":["x"]${" ".repeat(2_048)}}`, "too-long", ""],
  ])("%s", (text, code, path) => {
    expect(() => compilePatternText(text)).toThrow(
      expect.objectContaining({ name: "PatternError", code, path }),
    );
  });

  test.each([
    '{"a":["x"],"b":{"a":["x"]},"c":["{\\"a\\":1,\\"a\\":2}"]}',
    '{"a":[9007199254740992,-0.0,1.000000000000000000000,1e300,0.1234567890123456,12300e-2]}',
    '{"$or":[{"a":["x"]},{"a":["y"]}]}',
    '{"$or":["x"],"a":[{"anything-but":{"prefix":"x"}}]}',
    '{"a":[{"wildcard":"*/channel/*/key/*"}]}',
  ])("but not %s", (text) => {
    expect(typeof compilePatternText(text)({})).toBe("boolean");
  });

  test("every pattern is read as its parsed value is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue()), (value, event) => {
        const outcome = (compile: () => EventMatcher): unknown => {
          try {
            return compile()(event);
          } catch (error) {
            return error instanceof PatternError ? error.code : error;
          }
        };
        expect(outcome(() => compilePatternText(JSON.stringify(value)))).toBe(
          outcome(() => compilePattern(value)),
        );
      }),
    );
  });
});
