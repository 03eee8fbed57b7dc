import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fold } from "./fold.ts";

describe("case folding", () => {
  test.each([
    ["CreateChannel", "createchannel"],
    ["ÄÖÜ", "äöü"],
    ["ΟΔΟΣ", "οδοσ"],
    ["οδος", "οδοσ"],
    ["\u212a", "k"],
    ["\u017f", "s"],
    ["\u1e9e", "ß"],
    ["STRASSE", "strasse"],
    ["straße", "straße"],
    ["I", "i"],
    ["\u0130", "\u0130"],
    ["\u0131", "\u0131"],
  ])("%s becomes %s", (text, folded) => {
    expect(fold(text)).toBe(folded);
  });

  test("is what the Unicode tables say, for every code point of the basic plane", () => {
    const wrong: string[] = [];
    for (let codePoint = 0x80; codePoint <= 0xffff; codePoint++) {
      const character = String.fromCodePoint(codePoint);
      const folded = fold(character);
      // JavaScript's /iu compares by simple case folding; Cherokee folds to upper case there, here to lower.
      if (folded !== character && !new RegExp(`^${character}$`, "iu").test(folded)) {
        wrong.push(codePoint.toString(16));
      }
    }
    expect(wrong).toEqual([]);
  });

  test("keeps the length of every code point, so that lengths can be compared before folding", () => {
    for (let codePoint = 0; codePoint <= 0x10ffff; codePoint++) {
      const character = String.fromCodePoint(codePoint);
      if (fold(character).length !== character.length) {
        expect.fail(codePoint.toString(16));
      }
    }
  });

  test("keeps a substring a substring", () => {
    const character = fc.constantFrom(..."aAßẞσςΣİıéÉ𐐀𐐨\ud801\udc00");
    const text = fc.string({ unit: character, maxLength: 8 });
    fc.assert(
      fc.property(text, text, text, (before, middle, after) => {
        expect(fold(before + middle + after)).toBe(fold(before) + fold(middle) + fold(after));
        expect(fold(fold(middle))).toBe(fold(middle));
      }),
    );
  });
});
