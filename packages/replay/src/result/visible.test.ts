import fc from "fast-check";
import { expect, test } from "vitest";
import { visibleJson, visibleText } from "./visible.ts";

test("JSON stays the same value, on one line without anything unseen", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ unit: "binary" }), (value, text) => {
      const json = visibleJson({ value, text });
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ value, text })));
      expect(json).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test.each([
  ["plain", 10, "plain"],
  ["\u001b[2Jx", 20, "\\u001b[2Jx"],
  ["a\u202eb", 20, "a\\u202eb"],
  ["a\nb", 20, "a\\u000ab"],
  ["abcdef", 4, "abc…"],
  ["", 4, ""],
])("%j in %i characters", (text, length, expected) => {
  expect(visibleText(text, length)).toBe(expected);
});
