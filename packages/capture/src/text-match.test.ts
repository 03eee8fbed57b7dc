import { describe, expect, test } from "vitest";
import {
  endsIgnoringCase,
  equalsIgnoringCase,
  foldCase,
  matchesWildcard,
  parseWildcard,
  startsIgnoringCase,
} from "./text-match.ts";

describe("text without case", () => {
  test.each<[why: string, pattern: string, text: string, equals: boolean, starts: boolean, ends: boolean]>([
    ["the same text", "abc", "abc", true, true, true],
    ["each letter in either case", "aBc", "AbC", true, true, true],
    ["what begins with it", "ab", "ABx", false, true, false],
    ["what ends with it", "ab", "xAB", false, false, true],
    ["what has it within", "ab", "xABx", false, false, false],
    ["what is shorter", "ab", "A", false, false, false],
    ["no text at all", "ab", "", false, false, false],
    ["nothing is the start and the end of all", "", "x", false, true, true],
    ["nothing is nothing", "", "", true, true, true],
    ["a letter that is two in upper case, in upper case", "ß", "SS", true, true, true],
    ["a letter that is two in upper case, as it is", "ß", "ß", true, true, true],
    ["a letter that is two in upper case, half of it", "ß", "S", false, false, false],
    ["text that ends with one, in upper case", "ß", "STRASS", false, false, true],
    ["text that ends with one, as it is", "ß", "naß", false, false, true],
    ["two such letters, each in its own form", "ßß", "ßSS", true, true, true],
    ["a title-case letter is neither of its forms", "\u01c5", "\u01c5", false, false, false],
    ["though each of them is it", "\u01c5", "\u01c6", true, true, true],
    ["what lies beyond 16 bits is two question marks to AWS", "😀", "??", true, true, true],
    ["and not itself", "😀", "😀", false, false, false],
    ["nor one of them", "😀", "?", false, false, false],
    ["whichever half it is", "\ud83d", "?", true, true, true],
    ["up to the last", "\udfff", "?", true, true, true],
  ])("%s", (_, pattern, text, equals, starts, ends) => {
    const folded = foldCase(pattern);
    expect([
      equalsIgnoringCase(folded, text),
      startsIgnoringCase(folded, text),
      endsIgnoringCase(folded, text),
    ]).toEqual([equals, starts, ends]);
  });
});

describe("wildcards", () => {
  test.each<[wildcard: string, parts: readonly string[]]>([
    ["", [""]],
    ["abc", ["abc"]],
    ["*", ["", ""]],
    ["a*", ["a", ""]],
    ["*a", ["", "a"]],
    ["a*b*c", ["a", "b", "c"]],
    ["a\\*b", ["a*b"]],
    ["a\\\\*", ["a\\", ""]],
    ["\\**", ["*", ""]],
    ["*\\*", ["", "*"]],
  ])("%j has the parts %j", (wildcard, parts) => {
    expect(parseWildcard(wildcard)).toEqual(parts);
  });

  test.each([
    ["a**", '"a**" has two * in a row; write one'],
    ["\\***", '"\\***" has two * in a row; write one'],
    ["a\\b", '"a\\b" has a backslash that escapes nothing; only \\* and \\\\ are escapes'],
    ["a\\", '"a\\" has a backslash that escapes nothing; only \\* and \\\\ are escapes'],
  ])("%j is rejected with what to write", (wildcard, rejected) => {
    expect(parseWildcard(wildcard)).toEqual({ rejected });
  });

  test.each<[wildcard: string, text: string, expected: boolean]>([
    ["abc", "abc", true],
    ["abc", "abcd", false],
    ["*", "", true],
    ["*", "anything", true],
    ["a*", "a", true],
    ["a*", "ba", false],
    ["*a", "ba", true],
    ["*a", "ab", false],
    ["ab*ba", "abba", true],
    ["ab*ba", "aba", false],
    ["a*b*c", "axbxc", true],
    ["a*b*c", "abc", true],
    ["a*b*c", "acb", false],
    ["a*bc*c", "abc", false],
    ["a*b*b*c", "abc", false],
    ["a*b*b*c", "abbc", true],
    ["a*ab*c", "aabc", true],
    ["a*ab*c", "abc", false],
  ])("%s and %j: %s", (wildcard, text, expected) => {
    const parts = parseWildcard(wildcard);
    if ("rejected" in parts) throw new Error(parts.rejected);
    expect(matchesWildcard(parts, text)).toBe(expected);
  });
});
