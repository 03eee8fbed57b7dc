import { describe, expect, test } from "vitest";
import { PatternError, type PatternErrorCode } from "./errors.ts";
import { compileLeaf, type Scalar } from "./value-matcher.ts";

function compile(leaf: readonly unknown[], relations = true) {
  return compileLeaf(leaf, "a", { relations });
}

/** The code and the sentence that the author of a pattern reads. */
function rejectionOf(leaf: readonly unknown[], relations = true): readonly string[] {
  try {
    compile(leaf, relations);
  } catch (error) {
    if (error instanceof PatternError) return [error.code, error.path, error.reason];
    throw error;
  }
  return [];
}

describe("what a leaf matches", () => {
  const values: readonly Scalar[] = [
    "",
    "a",
    "A",
    "ab",
    "cab",
    '"',
    "10.0.0.1",
    "1",
    0,
    1,
    5,
    true,
    false,
    null,
  ];

  test.each<[leaf: readonly unknown[], matching: readonly Scalar[]]>([
    [["a"], ["a"]],
    [
      ["a", 1, null],
      ["a", 1, null],
    ],
    [["1"], ["1"]],
    [[true], [true]],
    [["010.0.0.1"], ["10.0.0.1"]],
    [[{ exactly: "a" }], ["a"]],
    [[{ prefix: "a" }], ["a", "ab"]],
    [[{ prefix: "" }], ["", "a", "A", "ab", "cab", '"', "10.0.0.1", "1"]],
    [[{ prefix: { "equals-ignore-case": "A" } }], ["a", "A", "ab"]],
    [[{ suffix: "ab" }], ["ab", "cab"]],
    // AWS compares with the quotes of JSON: the suffix `"` is the end of `""`.
    [[{ suffix: '"' }], ["", '"']],
    [[{ suffix: { "equals-ignore-case": "AB" } }], ["ab", "cab"]],
    [[{ "equals-ignore-case": "A" }], ["a", "A"]],
    [[{ wildcard: "*a*" }], ["a", "ab", "cab"]],
    [[{ cidr: "10.0.0.0/8" }], ["10.0.0.1"]],
    [[{ numeric: ["=", 1] }], [1]],
    [[{ numeric: ["<", 1] }], [0]],
    [[{ numeric: ["<=", 1] }], [0, 1]],
    [[{ numeric: [">", 1] }], [5]],
    [[{ numeric: [">=", 1] }], [1, 5]],
    [[{ numeric: [">", 0, "<", 5] }], [1]],
    [[{ numeric: [">=", 0, "<=", 5] }], [0, 1, 5]],
    [[{ numeric: [">=", 0, "<", 5] }], [0, 1]],
    [[{ numeric: [">", 0, "<=", 5] }], [1, 5]],
    [[{ exists: true }], values],
    [[{ exists: false }], []],
    [[{ exists: false }, "a"], ["a"]],
  ])("%j", (leaf, matching) => {
    const { values: matchers, absent } = compile(leaf);
    expect(values.filter((value) => matchers.some((matches) => matches(value)))).toEqual(matching);
    expect(absent).toBe(JSON.stringify(leaf).includes('"exists":false'));
  });

  test.each<[operand: unknown, excluded: readonly Scalar[]]>([
    ["a", ["a"]],
    [
      ["a", "A"],
      ["a", "A"],
    ],
    [1, [1]],
    [
      [0, 5],
      [0, 5],
    ],
    [{ prefix: "a" }, ["a", "ab"]],
    [{ prefix: ["c", "1"] }, ["cab", "10.0.0.1", "1"]],
    [{ suffix: "b" }, ["ab", "cab"]],
    [{ suffix: ["1", "A"] }, ["A", "10.0.0.1", "1"]],
    [{ "equals-ignore-case": "A" }, ["a", "A"]],
    [{ "equals-ignore-case": ["AB", "CAB"] }, ["ab", "cab"]],
    [{ wildcard: "*a*" }, ["a", "ab", "cab"]],
    [{ wildcard: ["c*", "1*"] }, ["cab", "10.0.0.1", "1"]],
  ])("anything but %j", (operand, excluded) => {
    const [matches, ...others] = compile([{ "anything-but": operand }]).values;
    if (matches === undefined) throw new Error("there is no matcher");
    expect(others).toEqual([]);
    expect(values.filter((value) => !matches(value))).toEqual(excluded);
  });
});

describe("what is rejected, and the words for it", () => {
  const value = "a value must be a string, number, true, false, null or an operator object";
  const affix = 'must be a string or {"equals-ignore-case": string}';
  const comparison = "numeric must start with =, <, <=, > or >=";
  const range = 'numeric must be [operator, number] or [">", low, "<", high]';
  const bounds = "numeric must have its lower bound below its upper bound";
  const listed = "anything-but must be strings only or numbers only";
  const known = "exactly, prefix, suffix, equals-ignore-case, wildcard, numeric, cidr, anything-but, exists";
  const complex =
    "its wildcards are too complex for EventBridge; use fewer *, or fewer repeated characters after one";

  test.each<[leaf: readonly unknown[], code: PatternErrorCode, reason: string]>([
    [[], "empty", "[] matches nothing; name at least one value or operator"],
    [[["x"]], "bad-value", value],
    [[undefined], "bad-value", value],
    [[{}], "empty", "{} is no operator"],
    [[{ regex: "x" }], "unknown-operator", `"regex" is not an operator; known are ${known}`],
    [[{ toString: "x" }], "unknown-operator", `"toString" is not an operator; known are ${known}`],
    [
      [{ prefix: "a", suffix: "b" }],
      "several-operators",
      "one operator for each object, not prefix and suffix",
    ],
    [[{ exists: "true" }], "bad-operand", 'exists must be true or false, not "true"'],
    [[{ exactly: 1 }], "bad-operand", "exactly must be a string, not 1"],
    [[{ "equals-ignore-case": ["x"] }], "bad-operand", 'equals-ignore-case must be a string, not ["x"]'],
    [[{ prefix: undefined }], "bad-operand", "prefix must be a string, not undefined"],
    [[{ prefix: {} }], "bad-operand", `prefix ${affix}, not {}`],
    [[{ suffix: { wildcard: "x" } }], "bad-operand", `suffix ${affix}, not {"wildcard":"x"}`],
    [
      [{ prefix: { "equals-ignore-case": "x", wildcard: "y" } }],
      "bad-operand",
      `prefix ${affix}, not {"equals-ignore-case":"x","wildcard":"y"}`,
    ],
    [
      [{ suffix: { "equals-ignore-case": 1 } }],
      "bad-operand",
      "suffix equals-ignore-case must be a string, not 1",
    ],
    [[{ wildcard: 1 }], "bad-operand", "wildcard must be a string, not 1"],
    [[{ wildcard: "**" }], "bad-operand", 'wildcard: "**" has two * in a row; write one'],
    [[{ cidr: 1 }], "bad-operand", "cidr must be a string, not 1"],
    [[{ cidr: "10.0.0.0" }], "bad-operand", 'cidr: "10.0.0.0" must be address/bits with one "/"'],
    // What is shown of a value is bounded.
    [[{ prefix: ["y".repeat(56)] }], "bad-operand", `prefix must be a string, not ["${"y".repeat(56)}"]`],
    [[{ prefix: ["y".repeat(57)] }], "bad-operand", `prefix must be a string, not ["${"y".repeat(57)}"...`],

    [[{ numeric: 5 }], "bad-operand", "numeric must be an array, not 5"],
    [[{ numeric: [] }], "bad-operand", `${comparison}, not []`],
    [[{ numeric: [1, 5] }], "bad-operand", `${comparison}, not 1`],
    [[{ numeric: ["!=", 5] }], "bad-operand", `${comparison}, not "!="`],
    [[{ numeric: ["toString", 5] }], "bad-operand", `${comparison}, not "toString"`],
    [[{ numeric: [">"] }], "bad-operand", 'numeric > must be followed by a number, not [">"]'],
    [[{ numeric: [">", "5"] }], "bad-operand", 'numeric > must be followed by a number, not "5"'],
    [[{ numeric: ["=", Number.NaN] }], "bad-operand", "numeric = must be followed by a number, not null"],
    [[{ numeric: ["=", 5, 6] }], "bad-operand", `${range}, not ["=",5,6]`],
    [[{ numeric: ["=", 0, "<", 5] }], "bad-operand", `${range}, not ["=",0,"<",5]`],
    [[{ numeric: ["<", 5, ">", 0] }], "bad-operand", `${range}, not ["<",5,">",0]`],
    [[{ numeric: [">", 0, ">", 5] }], "bad-operand", `${range}, not [">",0,">",5]`],
    [[{ numeric: [">", 0, "<"] }], "bad-operand", `${range}, not [">",0,"<"]`],
    [[{ numeric: [">", 0, "<", "5"] }], "bad-operand", `${range}, not [">",0,"<","5"]`],
    [[{ numeric: [">", 0, "<", 5, 6] }], "bad-operand", `${range}, not [">",0,"<",5,6]`],
    [[{ numeric: [">", 5, "<", 5] }], "bad-operand", `${bounds}, not [">",5,"<",5]`],
    [[{ numeric: [">=", 6, "<=", 5] }], "bad-operand", `${bounds}, not [">=",6,"<=",5]`],

    [[{ "anything-but": [] }], "bad-operand", `${listed}, not []`],
    [[{ "anything-but": ["x", 1] }], "bad-operand", `${listed}, not ["x",1]`],
    [[{ "anything-but": [true] }], "bad-operand", `${listed}, not [true]`],
    [[{ "anything-but": Number.POSITIVE_INFINITY }], "bad-operand", `${listed}, not null`],
    [[{ "anything-but": {} }], "bad-operand", "anything-but must name an operator, not {}"],
    [
      [{ "anything-but": { prefix: "a", suffix: "b" } }],
      "several-operators",
      "anything-but takes one operator",
    ],
    [
      [{ "anything-but": { cidr: "10.0.0.0/8" } }],
      "unknown-operator",
      'anything-but knows prefix, suffix, equals-ignore-case and wildcard, not "cidr"',
    ],
    [[{ "anything-but": { prefix: "" } }], "bad-operand", 'anything-but prefix must not be empty, not ""'],
    [
      [{ "anything-but": { suffix: ["a", ""] } }],
      "bad-operand",
      'anything-but suffix must not be empty, not ""',
    ],
    [
      [{ "anything-but": { wildcard: [] } }],
      "bad-operand",
      "anything-but wildcard must name at least one string, not []",
    ],
    [[{ "anything-but": { suffix: [1] } }], "bad-operand", "anything-but suffix must be a string, not 1"],

    [[{ wildcard: "*a*a*a*a*a*a" }], "too-complex", complex],
    [[{ "anything-but": { wildcard: "*a*a*a*a*a*a" } }], "too-complex", complex],
    [[{ "anything-but": { wildcard: ["x", "*a*a*a*a*a*a"] } }], "too-complex", complex],
    [["x", 1, { wildcard: "*a*a*a*a*a*a" }], "too-complex", complex],
  ])("%j", (leaf, code, reason) => {
    expect(rejectionOf(leaf)).toEqual([code, "a", reason]);
  });

  test("wildcards count together, and the same one once", () => {
    const wildcard = { wildcard: "*a*a*a*" };
    expect(rejectionOf([wildcard, wildcard, wildcard])).toEqual([]);
    expect(rejectionOf([wildcard, { wildcard: "*aa*a*" }, { wildcard: "*a*aa*" }])[0]).toBe("too-complex");
  });

  test.each<[operand: unknown, reason: string | undefined]>([
    [{ wildcard: "x*" }, 'anything-but wildcard cannot stand beside a field named $or, not "x*"'],
    [{ prefix: ["x"] }, 'anything-but prefix must be one string beside a field named $or, not ["x"]'],
    [{ suffix: ["x"] }, 'anything-but suffix must be one string beside a field named $or, not ["x"]'],
    [{ prefix: "x" }, undefined],
    [{ suffix: "x" }, undefined],
    [{ "equals-ignore-case": ["x", "y"] }, undefined],
    [["x", "y"], undefined],
    ["x", undefined],
  ])("beside a field named $or: anything but %j", (operand, reason) => {
    const leaf = [{ "anything-but": operand }];
    expect(rejectionOf(leaf, false)).toEqual(reason === undefined ? [] : ["bad-operand", "a", reason]);
    expect(rejectionOf(leaf)).toEqual([]);
  });
});
