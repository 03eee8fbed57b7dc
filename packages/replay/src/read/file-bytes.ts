import { readFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { gunzipWhole } from "@streamwarden/cloudtrail";
import { Unpacker } from "./unpacker.ts";

export interface BytesHandler {
  /** Uncompressed bytes, valid until the returned promise settles. Answers false to stop. */
  chunk(bytes: Buffer): boolean | Promise<boolean>;
  /** Bytes of the file that were read since the last call. */
  progress(bytes: number): void;
}

/** Files up to this size are read at once. */
const smallFile = 4 * 1024 * 1024;
/** A small file that unpacks to more is unpacked in parts: a small file may hold anything. */
const largestAtOnce = 4 * 1024 * 1024;
const windowBytes = 1024 * 1024;
/** Header and trailer of gzip without any data. */
const shortestGzip = 18;

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Hands over the bytes of a file, unpacked when they are gzip, whatever the file is called.
 *
 * @param size of the file in bytes, 0 when nobody knows. Small files are read without yielding: for thousands of them
 * the way through the event loop would take longer than the reading.
 * @throws DamagedGzipError after everything before the damage was handed over; the file system's errors as they are.
 */
export async function readFileBytes(path: string, size: number, handler: BytesHandler): Promise<void> {
  if (size > 0 && size <= smallFile) {
    const bytes = readFileSync(path);
    handler.progress(bytes.length);
    await (isGzip(bytes) ? unpackSmall(bytes, handler) : handler.chunk(bytes));
    return;
  }
  const file = await open(path, "r");
  try {
    await readParts(partsOf(file), handler);
  } finally {
    await file.close();
  }
}

async function* partsOf(file: FileHandle): AsyncGenerator<Buffer> {
  const window = Buffer.allocUnsafeSlow(windowBytes);
  for (;;) {
    const { bytesRead } = await file.read(window, 0, windowBytes);
    if (bytesRead === 0) return;
    yield window.subarray(0, bytesRead);
  }
}

/** As `readFileBytes`, from a stream such as standard input. */
export async function readStreamBytes(stream: NodeJS.ReadableStream, handler: BytesHandler): Promise<void> {
  await readParts(
    (async function* () {
      for await (const chunk of stream) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    })(),
    handler,
  );
}

async function unpackSmall(bytes: Buffer, handler: BytesHandler): Promise<void> {
  const plain = unpackedAtOnce(bytes);
  if (plain !== undefined) {
    await handler.chunk(plain);
    return;
  }
  const unpacker = new Unpacker(handler);
  if (await unpacker.feed(bytes)) await unpacker.end();
}

/** The content of sound gzip data; undefined when it is large, or not sound to its end. */
function unpackedAtOnce(bytes: Buffer): Buffer | undefined {
  const promised = promisedSize(bytes);
  if (promised > largestAtOnce) return undefined;
  try {
    // One allocation then holds the whole.
    return gunzipWhole(bytes, { maxOutputLength: largestAtOnce, chunkSize: Math.max(1024, promised + 1) });
  } catch {
    return undefined;
  }
}

/** The size that the last bytes of gzip data promise. It may be a lie. */
function promisedSize(bytes: Buffer): number {
  return bytes.length < shortestGzip ? 0 : bytes.readUInt32LE(bytes.length - 4);
}

async function readParts(parts: AsyncIterable<Buffer>, handler: BytesHandler): Promise<void> {
  let unpacker: Unpacker | undefined;
  let isFirst = true;
  let head: Buffer = Buffer.alloc(0);
  for await (const part of parts) {
    handler.progress(part.length);
    let bytes = part;
    if (isFirst) {
      bytes = head.length === 0 ? part : Buffer.concat([head, part]);
      // Two bytes tell gzip, and a pipe may bring one.
      if (bytes.length < 2) {
        head = Buffer.from(bytes);
        continue;
      }
      head = Buffer.alloc(0);
      isFirst = false;
      if (isGzip(bytes)) unpacker = new Unpacker(handler);
    }
    if (unpacker === undefined) {
      if (!(await handler.chunk(bytes))) return;
    } else if (!(await unpacker.feed(bytes))) return;
  }
  if (head.length > 0) await handler.chunk(head);
  await unpacker?.end();
}
