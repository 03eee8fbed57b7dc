import fc from "fast-check";
import { expect, test } from "vitest";
import { hostileText } from "../testing/hostile.ts";
import { subjectPart } from "./subject-part.ts";
import { isVisible } from "./text.ts";

test.each([
  ["ASCII", "Stream key read", 60, "Stream key read"],
  ["ASCII that is cut", "Stream key read by a person", 12, "Stream ke..."],
  ["ASCII with a line break", "a\r\nBcc: all@example.com", 60, "a Bcc: all@example.com"],
  ["accents", "Größe geändert – jetzt", 60, "Größe geändert – jetzt"],
  ["another script", "録画が停止しました", 60, "録画が停止しました"],
  ["another script that is cut", "録画が停止しました", 6, "録画が停止…"],
  ["a bidi override", "é \u202egpj.exe", 60, "é [U+202E]gpj.exe"],
  ["a line separator", "é\u2028b", 60, "é ⏎ b"],
  ["a letter beyond the basic plane, not cut in two", "é𝄞𝄞", 4, "é𝄞…"],
])("of %s", (_, text, length, expected) => {
  expect(subjectPart(text, length)).toBe(expected);
});

test("is one visible line of bounded length, whatever the text", () => {
  fc.assert(
    fc.property(hostileText, fc.integer({ min: 1, max: 120 }), (text, length) => {
      const part = subjectPart(text, length);
      expect(part).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      expect(isVisible(part)).toBe(true);
      expect(part.length).toBeLessThanOrEqual(length);
    }),
  );
});
