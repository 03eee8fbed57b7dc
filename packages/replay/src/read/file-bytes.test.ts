import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { type BytesHandler, readFileBytes, readStreamBytes } from "./file-bytes.ts";

const folder = mkdtempSync(join(tmpdir(), "streamwarden-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Text that gzip cannot shrink to nothing, as long as asked. */
function text(length: number): string {
  let state = 7;
  let made = "";
  while (made.length < length) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    made += state.toString(36);
  }
  return made.slice(0, length);
}

async function read(
  start: (handler: BytesHandler) => Promise<void>,
): Promise<{ text: string; failure?: string; seen: number }> {
  const chunks: Buffer[] = [];
  let seen = 0;
  try {
    await start({
      chunk: (bytes) => {
        chunks.push(Buffer.from(bytes));
        return true;
      },
      progress: (bytes) => {
        seen += bytes;
      },
    });
  } catch (error) {
    return {
      text: Buffer.concat(chunks).toString(),
      failure: (error as NodeJS.ErrnoException).code ?? "",
      seen,
    };
  }
  return { text: Buffer.concat(chunks).toString(), seen };
}
function readBytes(bytes: Uint8Array) {
  const path = join(folder, "file");
  writeFileSync(path, bytes);
  return read((handler) => readFileBytes(path, bytes.length, handler));
}

const small = text(100_000);
const large = text(9_000_000);

describe("bytes of files, packed or not, small or large", () => {
  test.each([
    ["plain and small", Buffer.from(small), small],
    ["plain and large", Buffer.from(large), large],
    ["gzip and small", gzipSync(small), small],
    ["gzip and large", gzipSync(large), large],
    ["two gzip members", Buffer.concat([gzipSync(small), gzipSync("end")]), `${small}end`],
    ["small gzip that unpacks to much", gzipSync("x".repeat(40_000_000)), "x".repeat(40_000_000)],
    ["empty", Buffer.alloc(0), ""],
    ["one byte", Buffer.from("1"), "1"],
  ])("%s", async (_, bytes, expected) => {
    const found = await readBytes(bytes);
    expect(found.failure).toBeUndefined();
    expect(found.text === expected).toBe(true);
    expect(found.seen).toBe(bytes.length);
  });

  test.each([
    ["small", small],
    ["large", large],
  ])("a %s gzip file that is cut off gives all that came before", async (_, whole) => {
    const packed = gzipSync(whole);
    const found = await readBytes(packed.subarray(0, Math.floor(packed.length * 0.9)));
    expect(found.failure).toBe("damaged-gzip");
    expect(whole.startsWith(found.text)).toBe(true);
    expect(found.text.length).toBeGreaterThan(whole.length * 0.85);
  });

  test("gzip with a changed byte is damaged, and gives the beginning", async () => {
    const packed = gzipSync(large);
    packed[Math.floor(packed.length / 2)] = (packed[Math.floor(packed.length / 2)] ?? 0) ^ 0xff;
    const found = await readBytes(packed);
    expect(found.failure).toBe("damaged-gzip");
    expect(found.text.length).toBeGreaterThan(large.length * 0.4);
  });

  test.each([
    ["small", small],
    ["large", large],
  ])("a %s gzip file with something else behind its end gives all that is gzip", async (_, content) => {
    const members = Buffer.concat([gzipSync(content), gzipSync("b")]);
    for (const behind of [Buffer.from("garbage"), Buffer.from("\0\0garbage"), Buffer.from("\n")]) {
      const bytes = Buffer.concat([members, behind]);
      const expected = { text: `${content}b`, failure: "damaged-gzip", seen: bytes.length };
      expect(await readBytes(bytes)).toEqual(expected);
      const stream = new PassThrough();
      stream.end(bytes);
      expect(await read((handler) => readStreamBytes(stream, handler))).toEqual(expected);
    }
  });

  test.each([2, 3, 12])("gzip that ends after %i bytes is damaged", async (length) => {
    expect(await readBytes(gzipSync(small).subarray(0, length))).toMatchObject({
      text: "",
      failure: "damaged-gzip",
    });
  });

  test("a stream that brings one byte at a time", async () => {
    const stream = new PassThrough();
    const packed = gzipSync("hello");
    for (const byte of packed) stream.write(Buffer.from([byte]));
    stream.end();
    expect(await read((handler) => readStreamBytes(stream, handler))).toEqual({
      text: "hello",
      seen: packed.length,
    });
  });

  test("a handler that has enough stops the reading", async () => {
    let chunks = 0;
    const path = join(folder, "file");
    writeFileSync(path, gzipSync(large));
    await readFileBytes(path, 0, {
      chunk: () => {
        chunks++;
        return false;
      },
      progress: () => {},
    });
    expect(chunks).toBe(1);
  });
});
