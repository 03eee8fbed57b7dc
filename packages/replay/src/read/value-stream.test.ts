import { decode } from "@streamwarden/cloudtrail";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inChunks } from "../testing/chunks.ts";
import type { JsonScanner } from "./json-scanner.ts";
import { type Damage, type Place, ValueStream } from "./value-stream.ts";

interface Found {
  readonly values: string[];
  readonly places: Place[];
  readonly damages: Damage[];
  /** `line:column` of each. */
  readonly faults: string[];
}

function readChunks(chunks: readonly Buffer[], largestValue?: number, isWhole = true): Found {
  const found: Found = { values: [], places: [], damages: [], faults: [] };
  const stream = new ValueStream(
    {
      value: (bytes: Buffer, start: number, end: number, place: Place, _: JsonScanner) => {
        found.values.push(bytes.toString("utf8", start, end));
        found.places.push(place);
      },
      damage: (damage, { line, column }) => {
        found.damages.push(damage);
        found.faults.push(`${line}:${column}`);
      },
    },
    largestValue === undefined ? {} : { largestValue },
  );
  for (const chunk of chunks) stream.push(chunk);
  stream.end(isWhole);
  return found;
}
function read(text: string, largestValue?: number): Found {
  return readChunks([Buffer.from(text)], largestValue);
}

describe("values of undamaged bytes", () => {
  test.each<[string, string, string[], Place[]]>([
    ["a trail file", '{"Records":[{"a":1},{"b":"}"}]}', ['{"a":1}', '{"b":"}"}'], ["records", "records"]],
    ["an empty trail file", '{"Records":[]}', [], []],
    [
      "keys before and behind the list",
      '{"x":[{"y":"["}],"Records" : [ 1 ] , "z":{"Records":[2]}, "n": 3 }',
      ["1"],
      ["records"],
    ],
    [
      "a page of LookupEvents",
      '{"NextToken":"t","Events":[{"EventId":"1"}]}',
      ['{"EventId":"1"}'],
      ["events"],
    ],
    [
      "a list",
      '[{"a":1},[2],"s",null]',
      ['{"a":1}', "[2]", '"s"', "null"],
      ["loose", "loose", "loose", "loose"],
    ],
    ["a list of trail files", '[{"Records":[1]},{"Records":[2]}]', ["1", "2"], ["records", "records"]],
    ["a bare record", ' {"a":1} ', ['{"a":1}'], ["loose"]],
    ["lines", '{"a":1}\n\n{"b":2}\r\n', ['{"a":1}', '{"b":2}'], ["loose", "loose"]],
    [
      "lines of trail files",
      '{"Records":[1,2]}\n{"Records":[3]}\n',
      ["1", "2", "3"],
      ["records", "records", "records"],
    ],
    [
      "values without a line break",
      '{"a":1}{"b":2} 3',
      ['{"a":1}', '{"b":2}', "3"],
      ["loose", "loose", "loose"],
    ],
    [
      "output of CloudWatch Logs and of SQS",
      '{"events":[{"a":1}],"next":"t"}{"messageType":"DATA_MESSAGE","logEvents":[2]}{"Messages":[3]}',
      ['{"a":1}', "2", "3"],
      ["events", "events", "events"],
    ],
    [
      "a record with a list of the same name",
      '{"eventName":"a","events":[1]}{"eventSource":"s","Messages":[1]}',
      ['{"eventName":"a","events":[1]}', '{"eventSource":"s","Messages":[1]}'],
      ["loose", "loose"],
    ],
    ["byte order marks", '\ufeff{"a":1}\ufeff\n\ufeff[2]\ufeff', ['{"a":1}', "2"], ["loose", "loose"]],
    ["Records that is no list", '{"Records":{"a":[]}}', ['{"Records":{"a":[]}}'], ["loose"]],
    ["a record with a key Records", '{"Records":[{"Records":[1]}]}', ['{"Records":[1]}'], ["records"]],
    ["nothing", " \n", [], []],
  ])("%s", (_, text, values, places) => {
    expect(read(text)).toEqual({ values, places, damages: [], faults: [] });
  });
});

describe("damage is reported once, and what stands around it is read", () => {
  test.each<[string, string, string[], Damage[]]>([
    ["a cut-off trail file", '{"Records":[{"a":1},{"b":', ['{"a":1}'], ["cut-off"]],
    ["a cut between records", '{"Records":[{"a":1},', ['{"a":1}'], ["cut-off"]],
    ["a cut behind the list", '{"Records":[{"a":1}]', ['{"a":1}'], ["cut-off"]],
    ["a cut inside a text", '{"Records":[{"a":"x', [], ["cut-off"]],
    ["a cut-off line at the end", '{"a":1}\n{"b":', ['{"a":1}'], ["cut-off"]],
    ["a line cut outside a text", '{"a":\n{"b":2}\n{"c":3}\n', ['{"b":2}', '{"c":3}'], ["not-json"]],
    ["a line cut inside a text", '{"a":"x\n{"b":2}\n', ['{"b":2}'], ["not-json"]],
    ["the last but one line cut", '{"a":\n{"b":2}', ['{"b":2}'], ["cut-off"]],
    [
      "a line of a trail file cut",
      '{"Records":[{"a":1},{"b\n{"Records":[{"c":3}]}',
      ['{"a":1}', '{"c":3}'],
      ["not-json"],
    ],
    ["a line that is no JSON", '{"a":1}\nError: no such key\n{"b":2}', ['{"a":1}', '{"b":2}'], ["not-json"]],
    [
      "a damaged record of one line",
      '{"Records":[{"a":1},{"b" 2,"x":[1]},{"c":3}],"z":1}',
      ['{"a":1}', '{"c":3}'],
      ["not-json"],
    ],
    [
      "a damaged record on its own line",
      '{"Records":[\n{"a":1},\n{"b" "2},\n{"c":3}\n]}',
      ['{"a":1}', '{"c":3}'],
      ["not-json"],
    ],
    ["a damaged word in a list", '[{"a":1},nope,{"b":2}]', ['{"a":1}', '{"b":2}'], ["not-json"]],
    ["commas without a list", '{"a":1},{"b":2}', ['{"a":1}', '{"b":2}'], ["not-json"]],
    ["a stray bracket", '{"a":1}}\n{"b":2}', ['{"a":1}', '{"b":2}'], ["not-json"]],
    ["a comma too many", "[1,]", ["1"], ["not-json"]],
    [
      "nesting without end",
      `{"a":1}\n${"[".repeat(3)}${'{"x":['.repeat(2000)}\n{"b":2}`,
      ['{"a":1}', '{"b":2}'],
      ["too-deep"],
    ],
  ])("%s", (_, text, values, damages) => {
    const found = read(text);
    expect({ values: found.values, damages: found.damages }).toEqual({ values, damages });
  });

  test("a value over the limit is passed over without being held", () => {
    const large = JSON.stringify({ a: "x".repeat(5000) });
    const chunks = Buffer.from(`[1,${large},2]`);
    const pieces = Array.from({ length: Math.ceil(chunks.length / 64) }, (_, index) =>
      chunks.subarray(index * 64, index * 64 + 64),
    );
    expect(readChunks(pieces, 1000)).toEqual({
      values: ["1", "2"],
      places: ["loose", "loose"],
      damages: ["too-large"],
      faults: ["1:4"],
    });
  });
});

const pieces = fc.constantFrom(
  '{"Records":[',
  "]}",
  '{"a":1}',
  '{"b":"\\"}{"}',
  ",",
  "[",
  "]",
  "{",
  "}",
  '"',
  "\\",
  "\n",
  " ",
  "1",
  "nope",
  '"Records":[',
  '{"c":[1,{"d":null}]}',
  "ü",
);

describe("laws", () => {
  test("how the bytes are cut into chunks changes nothing", () => {
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 40 }),
        fc.array(fc.nat({ max: 7 }), { maxLength: 60 }),
        fc.boolean(),
        (parts, sizes, isWhole) => {
          const bytes = Buffer.from(parts.join(""));
          const chunks = inChunks(bytes, sizes);
          expect(readChunks(chunks, undefined, isWhole)).toEqual(readChunks([bytes], undefined, isWhole));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("valid JSON has no damage, and its items are those of JSON.parse", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.boolean(), fc.nat({ max: 2 }), (items, isFile, indent) => {
        const whole = isFile ? { note: items, Records: items, end: items } : items;
        const { values, damages } = read(JSON.stringify(whole, null, indent));
        expect(damages).toEqual([]);
        const isContainer = (item: unknown): boolean =>
          /^\{"(?:Records|Events|events|logEvents|Messages)":\[/.test(JSON.stringify(item));
        fc.pre(!items.some(isContainer));
        expect(values.map((text) => JSON.parse(text))).toEqual(JSON.parse(JSON.stringify(items)));
      }),
    );
  });

  test("lines are independent: a damaged one costs only itself", () => {
    const line = fc.oneof(
      fc.json().filter((text) => text.startsWith("{")),
      fc.constantFrom('{"a":', '{"a":"x', '{"a" 1}', "{nope}"),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const isWhole = (text: string): boolean => decode(text).outcome !== "rejected" || isJson(text);
        const expected = lines.filter(isWhole);
        expect(read(lines.join("\n")).values).toEqual(expected);
      }),
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
