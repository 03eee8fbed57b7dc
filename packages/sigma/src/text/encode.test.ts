import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Encoder, encode } from "./encode.ts";
import { compileWildcards, formatWildcards, parseWildcards, surround } from "./wildcard.ts";

function encoded(text: string, ...encoders: Encoder[]): string[] | string {
  const result = encode(parseWildcards(text), encoders);
  return typeof result === "string" ? result : result.map(formatWildcards);
}

describe("encodings of a value", () => {
  // The expected values were made with pySigma 1.5, but for "é", which it rejects.
  test.each<[string, Encoder[], string[]]>([
    ["foobar", ["base64"], ["Zm9vYmFy"]],
    ["foobar", ["base64offset"], ["Zm9vYmFy", "Zvb2Jhc", "mb29iYX"]],
    ["f", ["base64offset"], ["Z", "m"]],
    ["foobar", ["wide"], ["f\0o\0o\0b\0a\0r\0"]],
    ["foobar", ["utf16le"], ["f\0o\0o\0b\0a\0r\0"]],
    ["foobar", ["utf16be"], ["\0f\0o\0o\0b\0a\0r"]],
    ["foobar", ["utf16"], ["\ufefff\0o\0o\0b\0a\0r\0"]],
    ["foobar", ["wide", "base64"], ["ZgBvAG8AYgBhAHIA"]],
    ["foobar", ["utf16", "base64"], ["//5mAG8AbwBiAGEAcgA="]],
    ["foobar", ["wide", "base64offset"], ["ZgBvAG8AYgBhAHIA", "YAbwBvAGIAYQByA", "mAG8AbwBiAGEAcg"]],
    ["a*b", ["wide"], ["a\0*b\0"]],
    ["é", ["wide", "base64"], ["6QA="]],
    ["é", ["base64"], ["w6k="]],
  ])("%j through %j", (text, encoders, expected) => {
    expect(encoded(text, ...encoders)).toEqual(expected);
  });

  test.each<[string, Encoder[], string]>([
    ["a*b", ["base64"], "wildcards"],
    ["a?b", ["wide", "base64offset"], "wildcards"],
    ["é", ["wide"], "ASCII"],
    ["a", ["wide", "utf16"], "only once"],
    ["-a", ["wide", "windash"], "before"],
    ["-a -b -c -d", ["windash"], "at most 3"],
  ])("rejects %j through %j", (text, encoders, words) => {
    expect(encoded(text, ...encoders)).toContain(words);
  });

  test("finds a value wherever it stands inside encoded data", () => {
    const bytes = fc.string({ unit: "binary-ascii", minLength: 3, maxLength: 12 });
    const word = fc.stringMatching(/^[a-z0-9 -]{4,12}$/);
    fc.assert(
      fc.property(bytes, word, bytes, (before, value, after) => {
        const data = btoa(before + value + after);
        const variants = encode([value], ["base64offset"]);
        const isFound =
          typeof variants !== "string" &&
          variants.some((variant) => compileWildcards(surround(variant, true, true))(data));
        expect(isFound).toBe(true);
      }),
    );
  });
});

describe("windash", () => {
  test("writes a leading dash in every form", () => {
    expect(encoded("-foo", "windash")).toEqual(["-foo", "/foo", "–foo", "—foo", "―foo"]);
  });

  test("makes every combination of two", () => {
    expect(encoded(" -a /b", "windash")).toHaveLength(25);
  });

  test.each(["a-b", "x:y- z", "- foo"])("leaves %j alone but for dashes that begin a word", (text) => {
    expect(encoded(text, "windash")).toEqual([text]);
  });
});
