import { deflateRawSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it as test } from "vitest";
import { inChunks } from "../testing/chunks.ts";
import { Layers } from "./layers.ts";

async function open(chunks: readonly Buffer[]): Promise<string> {
  const taken: Buffer[] = [];
  const layers = new Layers({
    chunk: (bytes) => {
      taken.push(Buffer.from(bytes));
      return true;
    },
  });
  for (const chunk of chunks) await layers.chunk(chunk);
  await layers.end();
  return Buffer.concat(taken).toString("utf8");
}

const text = '{"Records":[{"name":"Zürich 東京 \u{1f600}"}]}\n';
const littleEndian = Buffer.from(text, "utf16le");
const bigEndian = Buffer.from(littleEndian).swap16();
function base64(bytes: Uint8Array): Buffer {
  return Buffer.from(Buffer.from(bytes).toString("base64"));
}

const readable: readonly (readonly [string, Buffer])[] = [
  ["plain", Buffer.from(text)],
  ["a byte order mark", Buffer.from(`\ufeff${text}`)],
  ["gzip", gzipSync(text)],
  ["gzip of two members", Buffer.concat([gzipSync(text.slice(0, 9)), gzipSync(text.slice(9))])],
  ["gzip of a byte order mark", gzipSync(`\ufeff${text}`)],
  ["gzip of gzip", gzipSync(gzipSync(text))],
  ["UTF-16, little-endian", Buffer.concat([Buffer.from([0xff, 0xfe]), littleEndian])],
  ["UTF-16, big-endian", Buffer.concat([Buffer.from([0xfe, 0xff]), bigEndian])],
  ["UTF-16 without a mark, little-endian", littleEndian],
  ["UTF-16 without a mark, big-endian", bigEndian],
  ["gzip of UTF-16", gzipSync(Buffer.concat([Buffer.from([0xff, 0xfe]), littleEndian]))],
  ["base64 of gzip", base64(gzipSync(text))],
  [
    "base64 of gzip, in lines",
    Buffer.from(
      base64(gzipSync(text.repeat(9)))
        .toString()
        .replaceAll(/.{76}/g, "$&\r\n"),
    ),
  ],
  ["base64 of gzip of gzip", base64(gzipSync(gzipSync(text)))],
  ["one byte", Buffer.from("7")],
  ["three bytes", Buffer.from("[7]")],
  ["nothing", Buffer.alloc(0)],
];

describe("what a file is written and packed in", () => {
  test.each(readable)("%s", async (name, bytes) => {
    const expected = bytes.length < 4 ? bytes.toString() : name.endsWith("in lines") ? text.repeat(9) : text;
    expect(await open([bytes])).toBe(expected);
  });

  test("however it comes in chunks", async () => {
    const sizes = fc.array(fc.nat({ max: 9 }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...readable), sizes, async ([, bytes], some) => {
        expect(await open(inChunks(bytes, some))).toBe(await open([bytes]));
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ["a ZIP archive", Buffer.from("PK\u0003\u0004rest"), /ZIP archive: unpack it first/],
    ["Zstandard", Buffer.from("28b52ffd04", "hex"), /Zstandard/],
    ["bzip2", Buffer.from("BZh91AY"), /bzip2/],
    ["XZ", Buffer.from("fd377a585a00", "hex"), /XZ/],
    ["UTF-32 with a mark", Buffer.from("fffe00007b000000", "hex"), /UTF-32.*iconv/],
    ["UTF-32 without one", Buffer.from("0000007b00000022", "hex"), /UTF-32.*iconv/],
    [
      "too many layers",
      [1, 2, 3, 4, 5].reduce((bytes) => gzipSync(bytes), Buffer.from(text)),
      /more than 4 layers/,
    ],
  ])("%s is named, with what to do", async (_, bytes, message) => {
    await expect(open([bytes])).rejects.toThrow(message);
    await expect(open([...bytes].map((byte) => Buffer.from([byte])))).rejects.toThrow(message);
  });

  test("and anything else is left as it is", async () => {
    for (const other of [deflateRawSync(text), Buffer.from([0, 0, 0, 0, 1]), Buffer.from("H4sX")])
      expect(await open([other])).toBe(other.toString("utf8"));
  });
});
