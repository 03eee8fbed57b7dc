import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SelectionNames } from "./selection-names.ts";

describe("the selections that a pattern stands for", () => {
  const names = new SelectionNames(["b_1", "a_1", "_a_1", "a_2", "ab", "them_all"]);

  test.each([
    ["them", ["b_1", "a_1", "a_2", "ab", "them_all"]],
    ["*", ["b_1", "a_1", "a_2", "ab", "them_all"]],
    ["a_*", ["a_1", "a_2"]],
    ["*_1", ["b_1", "a_1"]],
    ["a*1", ["a_1"]],
    ["_*", ["_a_1"]],
    ["_*1", ["_a_1"]],
    ["*a*", ["a_1", "a_2", "ab", "them_all"]],
    ["ab", ["ab"]],
    ["a*b*c", []],
    ["**", ["b_1", "a_1", "a_2", "ab", "them_all"]],
  ])("%s are %j", (pattern, matching) => expect(names.matching(pattern)).toEqual(matching));

  test("are those that a regular expression finds", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "_", "ﬀ", "\u{10400}"), maxLength: 5 });
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "_", "*"), maxLength: 5 });
    fc.assert(
      fc.property(fc.uniqueArray(text), pattern, (given, glob) => {
        const expression = new RegExp(`^${glob.replaceAll("*", ".*")}$`, "su");
        const expected = given.filter(
          (name) => expression.test(name) && (glob.startsWith("_") || !name.startsWith("_")),
        );
        expect(new SelectionNames(given).matching(glob)).toEqual(expected);
      }),
    );
  });
});
