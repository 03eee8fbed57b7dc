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
  ["plain", "plain"],
  ["žluťoučký 配信 🟧", "žluťoučký 配信 🟧"],
  ["\u001b[2Jx", "\\u001b[2Jx"],
  ["a\u009bb", "a\\u009bb"],
  ["a\u202eb", "a\\u202eb"],
  ["a\nb", "a\\u000ab"],
  ["a\u2028b", "a\\u2028b"],
  ["a\u200bb", "a\\u200bb"],
  ["a\u{e0041}b", "a\\udb40\\udc41b"],
  ["a\ud800b", "a\\ud800b"],
  ["", ""],
])("%j is shown as %s", (text, expected) => {
  expect(visibleText(text)).toBe(expected);
});
