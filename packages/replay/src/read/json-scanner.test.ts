import { deepestRecord } from "@streamwarden/cloudtrail";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonScanner, type ScannedField, scannedFields } from "./json-scanner.ts";

function encode(text: string): Buffer {
  return Buffer.from(text);
}
const scanner = new JsonScanner();
function scanText(text: string, findsContainers = false) {
  const bytes = encode(text);
  return scanner.scan(bytes, 0, bytes.length, true, findsContainers);
}
function noted(text: string, field: ScannedField): string | undefined {
  const index = scannedFields.indexOf(field);
  const start = scanner.starts[index] ?? -1;
  return start < 0 ? undefined : encode(text).toString("utf8", start, scanner.ends[index]);
}

/** JSON text with some of its characters changed, so that about half of them are JSON no more. */
const nearlyJson = fc
  .tuple(
    fc.json(),
    fc.nat(),
    fc.constantFrom(
      "",
      '"',
      "\\",
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      "0",
      "-",
      "e",
      ".",
      "\n",
      " ",
      "\u0001",
      "t",
      "ü",
    ),
    fc.boolean(),
  )
  .map(([text, place, change, replaces]) => {
    const at = place % (text.length + 1);
    return text.slice(0, at) + change + text.slice(replaces ? at + 1 : at);
  });

describe("the grammar is that of JSON.parse", () => {
  const isJson = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  test("for arbitrary texts that are nearly JSON", () => {
    fc.assert(
      fc.property(nearlyJson, (text) => {
        const trimmed = text.replace(/^[ \n\r\t]+|[ \n\r\t]+$/g, "");
        fc.pre(trimmed !== "");
        const status = scanText(trimmed);
        expect(status === "complete" && scanner.end === encode(trimmed).length).toBe(isJson(trimmed));
      }),
      { numRuns: 2000 },
    );
  });
  test.each([
    "0",
    "-0",
    "01",
    "-",
    "1.",
    "1.5",
    ".5",
    "1e",
    "1e+",
    "1e+5",
    "1E-05",
    "--1",
    "+1",
    "true",
    "tru",
    "nul",
    "nulll",
    "NaN",
    '"\\u00e9"',
    '"\\u00g9"',
    '"\\x"',
    '"\\/"',
    '"a\tb"',
    '""',
    '"',
    "[",
    "[]",
    "[,]",
    "[1,]",
    "[1 2]",
    "{}",
    "{,}",
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{"a":1 "b":2}',
    "{a:1}",
    "[}",
    "{]",
    '{"a":[}]',
    "[[[]]]",
    "\u00a01",
    "1 2",
  ])("for %j", (text) => {
    const status = scanText(text);
    expect(status === "complete" && scanner.end === encode(text).length).toBe(isJson(text));
  });
  test("and a value that is cut anywhere is incomplete, never wrong", () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), (text, place) => {
        fc.pre(/^[[{"]/.test(text));
        const bytes = encode(text);
        const cut = place % bytes.length;
        expect(scanner.scan(bytes, 0, cut, false, false)).toBe("incomplete");
      }),
    );
  });
  test("and what follows the value is not looked at", () => {
    const bytes = encode('  {"a":"}"}garbage');
    expect(scanner.scan(bytes, 2, bytes.length, true, false)).toBe("complete");
    expect(scanner.end).toBe(11);
  });
  test("a number at the end of the window may go on", () => {
    const bytes = encode("12");
    expect(scanner.scan(bytes, 0, 2, false, false)).toBe("incomplete");
    expect(scanner.scan(bytes, 0, 2, true, false)).toBe("complete");
  });
  test("nesting beyond the limit is rejected without recursion", () => {
    expect(scanText("[".repeat(deepestRecord) + "]".repeat(deepestRecord))).toBe("complete");
    expect(scanText("[".repeat(1_000_000))).toBe("too-deep");
  });
});

describe("the deciding fields", () => {
  const read = (text: string) => {
    expect(scanText(text)).toBe("complete");
    return {
      name: noted(text, "eventName"),
      type: noted(text, "userIdentity.type"),
      isPlain: scanner.isPlain,
    };
  };
  test.each<[string, string, { name?: string; type?: string; isPlain?: boolean }]>([
    ["at the top level", '{"eventName":"A","userIdentity":{"type":"Root"}}', { name: "A", type: "Root" }],
    [
      "not those of nested look-alikes",
      '{"x":{"eventName":"B","userIdentity":{"type":"Root"}},"eventName":"A"}',
      { name: "A" },
    ],
    ["not those inside a text", '{"x":"\\"eventName\\":\\"B\\"","eventName":"A"}', { name: "A" }],
    ["the last of equal keys, as JSON.parse", '{"eventName":"A","eventName":"B"}', { name: "B" }],
    ["null is absent", '{"eventName":"A","eventName":null}', {}],
    [
      "a key of the identity's own parts",
      '{"userIdentity":{"sessionContext":{"type":"X"},"type":"Y"}}',
      { type: "Y" },
    ],
    ["a type after the identity", '{"userIdentity":{"a":1},"z":{"type":"X"}}', {}],
    ["a number is not plain", '{"eventName":1}', { isPlain: false }],
    ["a list is not plain", '{"eventName":["A"]}', { isPlain: false }],
    ["an identity in a list is not plain", '{"userIdentity":[{"type":"Root"}]}', { isPlain: false }],
    ["an escaped value is not plain", '{"eventName":"\\u0041"}', { name: "\\u0041", isPlain: false }],
    ["an escaped key is not plain", '{"event\\u004eame":"A"}', { isPlain: false }],
    [
      "an escaped key of the identity is not plain",
      '{"userIdentity":{"typ\\u0065":"Root"}}',
      { isPlain: false },
    ],
    ["an envelope is not plain", '{"detail":{"eventName":"A"}}', { isPlain: false }],
    ["a key with its dots is not plain", '{"userIdentity.type":"Root"}', { isPlain: false }],
    ["escapes elsewhere do not matter", '{"x":"\\u0041","eventName":"A"}', { name: "A" }],
  ])("%s", (_, text, expected) => {
    expect(read(text)).toEqual({ name: undefined, type: undefined, isPlain: true, ...expected });
  });
});

describe("containers", () => {
  test.each([
    ['{"Records":[1]}', "records", 12],
    ['{"a":{"Records":[0]},"Events" : [1]}', "events", 33],
  ])("%s", (text, container, end) => {
    expect(scanText(text, true)).toBe("container");
    expect([scanner.container, scanner.end]).toEqual([container, end]);
    expect(scanText(text, false)).toBe("complete");
  });
  test("only where the value is a list", () => {
    expect(scanText('{"Records":{"a":[]}}', true)).toBe("complete");
  });
});
