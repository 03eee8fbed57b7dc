import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hostileText } from "../testing/hostile.ts";
import {
  asciiLine,
  cut,
  isVisible,
  manyLines,
  oneLine,
  oneLineValue,
  visible,
  visibleJson,
  wrap,
} from "./text.ts";

describe("visible", () => {
  test.each([
    ["a null byte", "a\u0000b", "a␀b"],
    ["an ANSI colour", "\u001b[31mred", "␛[31mred"],
    ["delete", "a\u007fb", "a␡b"],
    ["a C1 control", "a\u009bb", "a[U+009B]b"],
    ["a bidi override", "\u202egnp.exe", "[U+202E]gnp.exe"],
    ["zero-width spaces, counted", "a\u200b\u200b\u200bb", "a[U+200B x 3]b"],
    ["a hidden tag character", "a\u{e0041}b", "a[U+E0041]b"],
    ["a Hangul filler", "a\u3164b", "a[U+3164]b"],
    ["an annotation mark", "a\ufff9b", "a[U+FFF9]b"],
    ["an Arabic number sign", "\u06001", "[U+0600]1"],
    ["a line separator", "a\u2028b", "a[U+2028]b"],
    ["a blank Braille pattern", "a\u2800b", "a[U+2800]b"],
    ["a lone surrogate", "a\ud800b", "a\ufffdb"],
    ["a noncharacter, which XML rejects", "a\uffffb", "a[U+FFFF]b"],
    ["an emoji style, which means nothing", "❤\ufe0f", "❤"],
    ["accents in reason", "e\u0301", "e\u0301"],
    ["accents piled up", `e${"\u0301".repeat(50)}`, `e${"\u0301".repeat(4)}…`],
    ["ordinary text", "日本語 naïve 😀", "日本語 naïve 😀"],
  ])("shows %s", (_, text, expected) => {
    expect(visible(text)).toBe(expected);
  });

  test("leaves nothing hidden, and changes visible text no further", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const once = visible(text);
        expect(isVisible(once)).toBe(true);
        expect(visible(once)).toBe(once);
      }),
    );
  });
});

describe("cut", () => {
  test.each([
    ["text that fits", "abc", 3, "abc"],
    ["text that does not", "abcd", 3, "ab…"],
    ["an emoji at the edge", "ab😀cd", 4, "ab…"],
    ["a family of emojis", "a👩‍👩‍👧‍👦b", 6, "a…"],
    ["a letter with its accent", "abe\u0301cd", 4, "ab…"],
    ["no room at all", "abc", 0, ""],
  ])("cuts %s", (_, text, length, expected) => {
    expect(cut(text, length)).toBe(expected);
  });

  test("is never longer than asked, and is a beginning of the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 40 }), (text, length) => {
        const short = cut(text, length);
        expect(short.length).toBeLessThanOrEqual(length);
        if (short !== text) expect(text.startsWith(short.slice(0, -1))).toBe(true);
      }),
    );
  });
});

describe("oneLine", () => {
  test.each([
    ["line breaks", "a\r\nb\n\n c", "a ⏎ b ⏎ c"],
    ["Unicode line breaks", "a\u2028b\u0085c", "a ⏎ b ⏎ c"],
    ["runs of spaces", "  a \t\u00a0\u3000 b ", "a b"],
  ])("keeps %s on one line", (_, text, expected) => {
    expect(oneLine(text, 100)).toBe(expected);
  });

  test("keeps any text visible, on one line and short", () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 1, max: 200 }), (text, length) => {
        const line = oneLine(text, length);
        expect(line.length).toBeLessThanOrEqual(length);
        expect(isVisible(line)).toBe(true);
        expect(line).not.toMatch(/[\r\n]/);
      }),
    );
  });

  test("says when it has left something out of a long text", () => {
    expect(oneLine(`${" ".repeat(1_000_000)}end`, 20)).toBe("…");
    expect(oneLine("x".repeat(1_000_000), 20)).toBe(`${"x".repeat(19)}…`);
  });

  test("says that an empty value is empty", () => {
    expect(oneLineValue("\n \t", 20)).toBe("⏎");
    expect(oneLineValue("", 20)).toBe("(empty)");
  });
});

describe("manyLines", () => {
  test("keeps lines, without blank ones around them", () => {
    expect(manyLines("\n\n1. a\r\n\t2. b\u2028c  \n\n", 10, 100)).toBe("1. a\n  2. b\nc");
  });

  test("says when lines are left out", () => {
    expect(manyLines("a\nb\nc", 2, 100)).toBe("a\nb\n…");
    expect(manyLines("a".repeat(200), 2, 100)).toHaveLength(100);
  });
});

describe("wrap", () => {
  test("breaks at spaces, never inside an address", () => {
    expect(wrap("see https://example.com/a/very/long/path for the rest", 20, "  ")).toEqual([
      "see",
      "  https://example.com/a/very/long/path",
      "  for the rest",
    ]);
  });
});

describe("asciiLine", () => {
  test.each([
    ["accents", "Café naïve", "Cafe naive"],
    ["typography", "“a” – b…", '"a" - b...'],
    ["other scripts", "日本", "??"],
    ["a header injection", "x\r\nBcc: all@example.com", "x Bcc: all@example.com"],
  ])("gives %s an ASCII form", (_, text, expected) => {
    expect(asciiLine(text, 99)).toBe(expected);
  });

  test("is printable ASCII of bounded length, whatever the text", () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 1, max: 120 }), (text, length) => {
        expect(asciiLine(text, length)).toMatch(/^[\x20-\x7e]*$/);
        expect(asciiLine(text, length).length).toBeLessThanOrEqual(length);
      }),
    );
  });
});

describe("visibleJson", () => {
  test("loses nothing and hides nothing", () => {
    fc.assert(
      fc.property(fc.dictionary(hostileText, hostileText), (value) => {
        const text = visibleJson(value);
        expect(isVisible(text)).toBe(true);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
