import { readFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { gunzipWhole } from "@streamwarden/cloudtrail";
import { isGzip, Layers } from "./layers.ts";

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

/**
 * Hands over the bytes of a file as plain UTF-8, whatever they are packed and written in, and whatever the file is called.
 *
 * @param size of the file in bytes, 0 when nobody knows. Small files are read without yielding: for thousands of them
 * the way through the event loop would take longer than the reading.
 * @throws DamagedGzipError after everything before the damage was handed over; UnknownFormatError; the file system's errors as they are.
 */
export async function readFileBytes(path: string, size: number, handler: BytesHandler): Promise<void> {
  if (size > 0 && size <= smallFile) {
    const bytes = readFileSync(path);
    handler.progress(bytes.length);
    const layers = new Layers(handler);
    if (await layers.chunk((isGzip(bytes) ? unpackedAtOnce(bytes) : undefined) ?? bytes)) await layers.end();
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
  const layers = new Layers(handler);
  for await (const part of parts) {
    handler.progress(part.length);
    if (!(await layers.chunk(part))) return;
  }
  await layers.end();
}
