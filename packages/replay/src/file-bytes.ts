import { readFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { constants, createGunzip, gunzipSync } from "node:zlib";
import { wholeMembers } from "./gzip-members.ts";

/** The gzip data is damaged or cut off; everything before the damage was handed over. */
export class DamagedGzipError extends Error {
  override readonly name = "DamagedGzipError";
  readonly code = "damaged-gzip";
}

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
/** Gzip expands to a thousandfold at most, so that what one part unpacks to is bounded. */
const packedPart = 32 * 1024;
const outputPart = 512 * 1024;

/** Header and trailer of gzip without any data. */
const shortestGzip = 18;

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

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
  let plain: Buffer;
  try {
    plain = gunzipSync(bytes, { maxOutputLength: largestAtOnce, chunkSize: unpackedSize(bytes) });
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    if (isTooLarge) return await readParts([bytes], { ...handlerOf(handler), progress: () => {} });
    return await unpackDamaged(bytes, handler);
  }
  await handler.chunk(plain);
}

/** The size that the last bytes of gzip data promise, kept within reason: one allocation then holds the whole. */
function unpackedSize(bytes: Buffer): number {
  const promised = bytes.length < shortestGzip ? 0 : bytes.readUInt32LE(bytes.length - 4);
  return Math.min(largestAtOnce, Math.max(1024, promised + 1));
}

/** What can be had of damaged data. A flush that does not ask for the end gives all that came before a cut. */
async function unpackDamaged(bytes: Buffer, handler: BytesHandler): Promise<void> {
  const whole = wholeMembers(bytes, largestAtOnce);
  // Where a further member begins and is not whole, what can be had of it counts too.
  if (whole !== undefined && !isGzip(bytes.subarray(whole.end))) {
    if (!(await handler.chunk(whole.plain))) return;
    throw new DamagedGzipError("Behind the end of the gzip data stands something else.");
  }
  try {
    const plain = gunzipSync(bytes, {
      maxOutputLength: largestAtOnce,
      chunkSize: outputPart,
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    if (!(await handler.chunk(plain))) return;
  } catch {
    return await readParts([bytes], { ...handlerOf(handler), progress: () => {} });
  }
  throw new DamagedGzipError("The gzip data is cut off.");
}

const handlerOf = (handler: BytesHandler): BytesHandler => ({
  chunk: (bytes) => handler.chunk(bytes),
  progress: (bytes) => handler.progress(bytes),
});

async function readParts(
  parts: AsyncIterable<Buffer> | Iterable<Buffer>,
  handler: BytesHandler,
): Promise<void> {
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
      if (isGzip(bytes)) unpacker = new Unpacker();
    }
    if (unpacker === undefined) {
      if (!(await handler.chunk(bytes))) return;
    } else if (!(await unpacker.feed(bytes, handler))) return;
  }
  if (head.length > 0) await handler.chunk(head);
  await unpacker?.end(handler);
}

/**
 * Unpacks part by part, and keeps what was unpacked before damage. Each part is unpacked (by zlib, on a thread of its own)
 * while what the part before it gave is handed over.
 */
class Unpacker {
  readonly #gunzip = createGunzip({ chunkSize: outputPart });
  #unpacked: Buffer[] = [];
  #failure: Error | undefined;
  /** The part that is being unpacked. */
  #pending: Promise<void> = Promise.resolve();
  /** Called when a write or the end is done with; on failure zlib forgets the callbacks it was given. */
  #settle = (): void => {};

  constructor() {
    this.#gunzip.on("data", (chunk: Buffer) => this.#unpacked.push(chunk));
    this.#gunzip.on("error", (error) => {
      this.#failure = error;
      this.#settle();
    });
    this.#gunzip.on("close", () => this.#settle());
  }

  /** `bytes` may be used again when the returned promise settles. */
  async feed(bytes: Buffer, handler: BytesHandler): Promise<boolean> {
    // A copy, because unpacking goes on behind the caller's back.
    const own = Buffer.from(bytes);
    for (let at = 0; at < own.length; at += packedPart) {
      const part = own.subarray(at, at + packedPart);
      const isWanted = await this.#next(handler, (done) => this.#gunzip.write(part, done));
      if (!isWanted) {
        this.#gunzip.destroy();
        return false;
      }
    }
    return true;
  }

  async end(handler: BytesHandler): Promise<void> {
    if (await this.#next(handler, () => this.#gunzip.end())) {
      await this.#pending;
      await this.#handOver(this.#unpacked, handler);
      this.#throwFailure();
    }
  }

  /** Starts the next step and meanwhile hands over what the last one gave. */
  async #next(handler: BytesHandler, start: (done: () => void) => void): Promise<boolean> {
    await this.#pending;
    const unpacked = this.#unpacked;
    this.#unpacked = [];
    if (this.#failure === undefined) {
      this.#pending = new Promise<void>((resolve) => {
        this.#settle = resolve;
        start(resolve);
      });
    }
    const hasFailed = this.#failure !== undefined;
    if (!(await this.#handOver(unpacked, handler))) return false;
    if (hasFailed) this.#throwFailure();
    return true;
  }

  async #handOver(unpacked: readonly Buffer[], handler: BytesHandler): Promise<boolean> {
    for (const chunk of unpacked) {
      if (!(await handler.chunk(chunk))) return false;
    }
    return true;
  }

  #throwFailure(): void {
    if (this.#failure === undefined) return;
    const { code } = this.#failure as NodeJS.ErrnoException;
    const isCut = code === "Z_BUF_ERROR";
    throw new DamagedGzipError(`The gzip data is ${isCut ? "cut off" : "damaged"}.`, {
      cause: this.#failure,
    });
  }
}
