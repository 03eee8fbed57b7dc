import fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, test } from "vitest";
import { lineIsTrue } from "../testing/rules.ts";
import { compileRegex } from "./regex.ts";
import { requiredLiteral } from "./regex-literal.ts";

const plain = { ignoreCase: false, multiline: false, dotAll: false, atStart: false, atEnd: false };

describe("a regular expression", () => {
  test("takes linear time where backtracking takes exponential time", () => {
    const regex = compileRegex("(a+)+$", plain);
    expect("message" in regex || regex.test(`${"a".repeat(1_000_000)}b`)).toBe(false);
  });

  test.each(["(?=a)", "(?<=a)b", "(a)\\1", "[", "a{2,1}", "(?P<n"])("%s is rejected in words", (source) => {
    expect(compileRegex(source, plain)).toMatchObject({ message: expect.stringMatching(/\.$/) });
  });
});

describe("the literal that every match contains", () => {
  test.each([
    [".+:assumed-role/aws:.+", ":assumed-role/aws:"],
    ["abc", "abc"],
    ["abc?de", "ab"],
    ["ab{2}cd", "cd"],
    ["a[bc]def", "def"],
    ["a[]b]cde", "cde"],
    ["a[^]b]cde", "cde"],
    ["a[[:alpha:]]cde", "cde"],
    ["(abc)de", "de"],
    ["a\\.b", "a.b"],
    ["\\d+xyz", "xyz"],
    ["\\x41BCD", ""],
    ["\\pLxyz", ""],
    ["\\Qa+b\\E", ""],
    ["abc|def", ""],
    ["(?i)abc", ""],
    ["x😀*y", "x"],
  ])("of %s is %j", (source, literal) => {
    expect(requiredLiteral(source)).toBe(literal);
  });

  test("stands in every text that matches", () => {
    const atom = fc.constantFrom(
      "abc",
      "x",
      ".",
      "\\d",
      "[a-c]",
      "(ab)",
      "\\.",
      "😀",
      "\\x61",
      "\\b",
      "^",
      "$",
    );
    const piece = fc
      .tuple(atom, fc.constantFrom("", "", "", "*", "+", "?", "{2}", "*?"))
      .map(([a, b]) => a + b);
    const text = fc.string({ unit: fc.constantFrom(..."abcx.1 ", "😀"), maxLength: 12 });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 5 }), text, (pieces, value) => {
        const source = pieces.join("");
        const regex = compileRegex(source, plain);
        if ("test" in regex) {
          expect(regex.test(value)).toBe(RE2JS.compile(source).matcher(value).find());
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("classes of characters are ASCII", () => {
  test.each([
    ["^\\w$", "é", false],
    ["^\\w$", "e", true],
    ["^\\d$", "\u0663", false],
    ["^\\d$", "3", true],
    ["\\bt\\b", "été", true],
    ["^\\p{L}$", "é", true],
    ["^\\p{Nd}$", "\u0663", true],
  ])("%s on %j is %s", (pattern, text, expected) => {
    expect(lineIsTrue(`f|re: '${pattern}'`, { f: text })).toBe(expected);
  });
});
