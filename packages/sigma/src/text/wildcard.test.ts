import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  anyCharacter,
  anyText,
  compileWildcards,
  formatWildcards,
  parseWildcards,
  type WildcardPart,
} from "./wildcard.ts";

describe("escapes of a Sigma string", () => {
  test.each<[string, readonly WildcardPart[]]>([
    ["abc", ["abc"]],
    ["a*c", ["a", anyText, "c"]],
    ["a?c", ["a", anyCharacter, "c"]],
    ["a\\*c", ["a*c"]],
    ["a\\?c", ["a?c"]],
    ["a\\\\*c", ["a\\", anyText, "c"]],
    ["a\\\\\\*c", ["a\\*c"]],
    ["a\\b", ["a\\b"]],
    ["a\\\\b", ["a\\b"]],
    ["a\\\\\\b", ["a\\\\b"]],
    ["a\\\\\\\\b", ["a\\\\b"]],
    ["a\\", ["a\\"]],
    ["a\\\\", ["a\\"]],
    ["C:\\Windows\\*.exe", ["C:\\Windows*.exe"]],
    ["C:\\Windows\\\\*.exe", ["C:\\Windows\\", anyText, ".exe"]],
    ["%name%", ["%name%"]],
    ["", []],
  ])("%j", (text, parts) => {
    expect(parseWildcards(text)).toEqual(parts);
  });

  test("are written back by formatWildcards", () => {
    const part = fc.oneof(fc.string({ unit: fc.constantFrom("a", "\\", "*", "?", "b") }));
    fc.assert(
      fc.property(part, (text) => {
        const parts = parseWildcards(text);
        expect(parseWildcards(formatWildcards(parts))).toEqual(parts);
      }),
    );
  });
});

describe("matching a wildcard string", () => {
  test.each<[string, string, boolean]>([
    ["", "", true],
    ["", "a", false],
    ["*", "", true],
    ["*", "a\nb", true],
    ["?", "", false],
    ["?", "a", true],
    ["?", "\n", true],
    ["?", "😀", true],
    ["??", "😀", false],
    ["*??", "😀", false],
    ["*?b", "😀b", true],
    ["a*", "abc", true],
    ["a*", "ba", false],
    ["*c", "abc", true],
    ["*b*", "abc", true],
    ["a*a", "a", false],
    ["a*a", "aa", true],
    ["ab*ba", "aba", false],
    ["a*b*c", "a-b-b-c", true],
    ["a*b*c", "acb", false],
    ["*a?c*", "xxabcxx", true],
    ["*a?c", "abcabd", false],
    ["a**c", "abc", true],
    ["\\*", "*", true],
    ["\\*", "a", false],
  ])("%j on %j is %s", (pattern, text, expected) => {
    expect(compileWildcards(parseWildcards(pattern))(text)).toBe(expected);
  });

  test("agrees with a regular expression on any pattern and text", () => {
    const pattern = fc.array(
      fc.constantFrom<WildcardPart>(anyText, anyCharacter, "a", "b", "ab", "😀", "\n"),
      {
        maxLength: 7,
      },
    );
    const text = fc.string({ unit: fc.constantFrom("a", "b", "😀", "\n"), maxLength: 10 });
    fc.assert(
      fc.property(pattern, text, (parts, value) => {
        const source = parts
          .map((part) => (part === anyText ? "[^]*" : part === anyCharacter ? "[^]" : part))
          .join("");
        expect(compileWildcards(parts)(value)).toBe(new RegExp(`^(?:${source})$`, "u").test(value));
      }),
      { numRuns: 2000 },
    );
  });

  test("ends on a long text that almost matches", () => {
    const almost = "ab".repeat(200_000);
    expect(compileWildcards(parseWildcards("*a?a?a*b?c*"))(almost)).toBe(false);
    expect(compileWildcards(parseWildcards(`${"*a".repeat(50)}*c`))(almost)).toBe(false);
  });
});
