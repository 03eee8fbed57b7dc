import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inChunks } from "../testing/chunks.ts";
import { DamagedGzipError, Unpacker } from "./unpacker.ts";

/** What it hands over of bytes that come in the given chunks, and the message of its failure. */
async function unpack(...chunks: readonly Buffer[]): Promise<{ text: string; failure?: string }> {
  const found: Buffer[] = [];
  const unpacker = new Unpacker({ chunk: (bytes) => found.push(Buffer.from(bytes)) > 0 });
  const text = (): string => Buffer.concat(found).toString();
  try {
    for (const chunk of chunks) await unpacker.feed(Buffer.from(chunk));
    await unpacker.end();
    return { text: text() };
  } catch (error) {
    if (!(error instanceof DamagedGzipError)) throw error;
    return { text: text(), failure: error.message };
  }
}

/** A member with every optional part of a header: extra field, name, comment and header checksum. */
function decorated(text: string): Buffer {
  const plain = gzipSync(text);
  const head = Buffer.from(plain.subarray(0, 10));
  head[3] = 2 | 4 | 8 | 16;
  return Buffer.concat([
    head,
    Buffer.from("\u0002\0ab"),
    Buffer.from("name\0comment\0__"),
    plain.subarray(10),
  ]);
}

const long = Array.from({ length: 100_000 }, (_, index) => index.toString(36)).join(" ");
const zeros = Buffer.alloc(100_000);
function withByte(bytes: Buffer, fromEnd: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[changed.length - fromEnd] = (changed[changed.length - fromEnd] as number) ^ 1;
  return changed;
}
const cut = "The gzip data is cut off.";
const behind = "Behind the end of the gzip data stands something else.";
const checksum = "The gzip data is damaged: its checksum is wrong.";

describe("gzip is unpacked to its damage", () => {
  test.each<[string, readonly Buffer[], string, string | undefined]>([
    ["one member", [gzipSync("a")], "a", undefined],
    ["several members", [gzipSync("a"), gzipSync(""), gzipSync(long)], `a${long}`, undefined],
    ["every part of a header", [decorated("named"), gzipSync("b")], "namedb", undefined],
    ["zeros behind the end", [gzipSync("a"), zeros], "a", undefined],
    ["a member behind zeros", [gzipSync(long), Buffer.alloc(5), gzipSync("b")], long, behind],
    ["something else behind zeros", [gzipSync("a"), zeros, Buffer.from("x")], "a", behind],
    ["something else behind the end", [gzipSync(long), Buffer.from("garbage")], long, behind],
    ["a line break behind the end", [gzipSync("a"), Buffer.from("\n")], "a", behind],
    ["a wrong checksum", [withByte(gzipSync(long), 5)], long, checksum],
    ["a wrong size", [withByte(gzipSync(long), 1), gzipSync("b")], long, checksum],
    ["a member without its trailer", [gzipSync(long).subarray(0, -8)], long, cut],
    ["a member without the end of its trailer", [gzipSync("a").subarray(0, -1)], "a", cut],
    ["a second member that is cut off", [gzipSync(long), gzipSync("b").subarray(0, 5)], long, cut],
    ["only a header", [gzipSync("a").subarray(0, 10)], "", cut],
    ["a name without an end", [Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3, 0x61])], "", cut],
    [
      "another method",
      [Buffer.from([0x1f, 0x8b, 7, 0, 0, 0, 0, 0, 0, 3, 0x61])],
      "",
      "The gzip data is damaged.",
    ],
  ])("%s", async (_, parts, text, failure) => {
    const expected = { text, ...(failure === undefined ? {} : { failure }) };
    const bytes = Buffer.concat(parts);
    expect(await unpack(bytes)).toEqual(expected);
    expect(await unpack(bytes.subarray(0, 11), bytes.subarray(11))).toEqual(expected);
    expect(await unpack(...parts)).toEqual(expected);
  });

  test("data that is cut off gives all that came before", async () => {
    const packed = gzipSync(long);
    const { text, failure } = await unpack(packed.subarray(0, packed.length >> 1));
    expect(failure).toBe(cut);
    expect(long.startsWith(text)).toBe(true);
    expect(text.length).toBeGreaterThan(long.length * 0.4);
  });

  test("law: how the bytes are cut into chunks changes nothing", async () => {
    const part = fc.oneof(
      fc.string().map((text) => gzipSync(text)),
      fc.constantFrom(decorated("x"), Buffer.alloc(3), Buffer.from("x"), gzipSync("cut").subarray(0, 15)),
      fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(40), { maxLength: 20 }),
        async (parts, sizes) => {
          const bytes = Buffer.concat(parts);
          const chunks = inChunks(bytes, sizes);
          expect(await unpack(...chunks)).toEqual(await unpack(bytes));
        },
      ),
    );
  });

  test("a member with a changed byte is never taken for a sound one", async () => {
    const bytes = gzipSync("the quick brown fox jumps over the lazy dog ".repeat(5));
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 11), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const changed = Buffer.from(bytes);
        changed[at + 10] = (changed[at + 10] as number) ^ change;
        expect((await unpack(changed)).failure).toBeDefined();
      }),
    );
  });
});
