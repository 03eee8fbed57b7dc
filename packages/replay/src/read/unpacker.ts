import { crc32, createInflateRaw, type InflateRaw } from "node:zlib";
import { endOfHeader } from "./gzip-header.ts";

/** The gzip data is damaged or cut off; everything before the damage was handed over. */
export class DamagedGzipError extends Error {
  override readonly name = "DamagedGzipError";
  readonly code = "damaged-gzip";
}

/** Takes unpacked bytes; answers false to stop. */
export interface Taker {
  chunk(bytes: Buffer): boolean | Promise<boolean>;
}

/** Gzip expands to a thousandfold at most, so that what one part unpacks to is bounded. */
const packedPart = 32 * 1024;
const outputPart = 256 * 1024;
const trailerBytes = 8;

/**
 * Unpacks gzip part by part. Each part is unpacked (by zlib, on a thread of its own) while what the part before it gave is
 * handed over. The members are told apart here and not by zlib, which throws away what it has just unpacked when
 * something else stands behind a member, or when its checksum is wrong. Layout: RFC 1952.
 */
export class Unpacker {
  readonly #taker: Taker;
  /** Behind a member another one may follow, or zeros, but none behind zeros. */
  #state: "beginning" | "data" | "trailer" | "behind" | "padding" = "beginning";
  /** The beginning of a header or trailer of which the rest is still to come. */
  #head: Buffer = Buffer.alloc(0);
  #member: Member | undefined;
  /** What was unpacked and not handed over. */
  #unpacked: Buffer[] = [];

  constructor(taker: Taker) {
    this.#taker = taker;
  }

  /**
   * @returns false when the taker stopped it. `bytes` may be used again when the promise settles.
   * @throws DamagedGzipError
   */
  async feed(bytes: Buffer): Promise<boolean> {
    let rest = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]);
    this.#head = Buffer.alloc(0);
    while (rest.length > 0) {
      const used = this.#state === "data" ? await this.#data(rest) : await this.#between(rest);
      if (used === "stopped") return false;
      if (used === "incomplete") {
        this.#head = Buffer.from(rest);
        return true;
      }
      rest = rest.subarray(used);
    }
    return true;
  }

  /** Nothing follows. @throws DamagedGzipError */
  async end(): Promise<void> {
    if (!(await this.#handOver())) return;
    const isWhole = this.#head.length === 0 && (this.#state === "behind" || this.#state === "padding");
    if (!isWhole) throw new DamagedGzipError("The gzip data is cut off.");
  }

  async #data(bytes: Buffer): Promise<number | "stopped"> {
    this.#member ??= new Member();
    const part = bytes.subarray(0, packedPart);
    const pending = this.#member.unpack(part);
    // Awaited below, whatever the taker does meanwhile.
    pending.catch(() => {});
    const isWanted = await this.#handOver();
    try {
      const used = await pending;
      if (used < part.length) this.#state = "trailer";
      return isWanted ? used : "stopped";
    } catch (error) {
      if (!isWanted) return "stopped";
      return await this.#fail("The gzip data is damaged.", error);
    } finally {
      this.#unpacked = this.#member.taken();
    }
  }

  /** Reads past what is not data. How many bytes it was; `incomplete` when more are needed to know. */
  async #between(bytes: Buffer): Promise<number | "incomplete"> {
    if (this.#state === "trailer") {
      if (bytes.length < trailerBytes) return "incomplete";
      const isSound = this.#member?.isSound(bytes.readUInt32LE(0), bytes.readUInt32LE(4)) ?? false;
      this.#member?.close();
      this.#member = undefined;
      if (!isSound) return await this.#fail("The gzip data is damaged: its checksum is wrong.");
      this.#state = "behind";
      return trailerBytes;
    }
    if (this.#state !== "beginning" && bytes[0] === 0) {
      this.#state = "padding";
      const content = bytes.findIndex((byte) => byte !== 0);
      return content < 0 ? bytes.length : content;
    }
    const end = this.#state === "padding" ? "none" : endOfHeader(bytes);
    if (end === "none") {
      const isBehind = this.#state !== "beginning";
      return await this.#fail(
        isBehind ? "Behind the end of the gzip data stands something else." : "The gzip data is damaged.",
      );
    }
    if (end !== "incomplete") this.#state = "data";
    return end;
  }

  async #fail(message: string, cause?: unknown): Promise<never> {
    this.#unpacked.push(...(this.#member?.taken() ?? []));
    await this.#handOver();
    throw new DamagedGzipError(message, { cause });
  }

  async #handOver(): Promise<boolean> {
    const unpacked = this.#unpacked;
    this.#unpacked = [];
    for (const chunk of unpacked) {
      if (!(await this.#taker.chunk(chunk))) {
        this.#member?.close();
        return false;
      }
    }
    return true;
  }
}

/** The data of one member. */
class Member {
  readonly #inflate: InflateRaw = createInflateRaw({ chunkSize: outputPart });
  #unpacked: Buffer[] = [];
  #checksum = 0;
  #size = 0;
  #failure: Error | undefined;
  /** Called when a write is done with; on failure zlib forgets the callbacks it was given. */
  #settle = (): void => {};

  constructor() {
    this.#inflate.on("data", (chunk: Buffer) => {
      this.#unpacked.push(chunk);
      this.#checksum = crc32(chunk, this.#checksum);
      this.#size += chunk.length;
    });
    this.#inflate.on("error", (error) => {
      this.#failure = error;
      this.#settle();
    });
    this.#inflate.on("close", () => this.#settle());
  }

  /** How many of the bytes belong to the data: fewer than all where it ends. @throws what zlib says of damaged data. */
  async unpack(part: Buffer): Promise<number> {
    const before = this.#inflate.bytesWritten;
    await new Promise<void>((resolve) => {
      this.#settle = resolve;
      this.#inflate.write(part, () => resolve());
    });
    if (this.#failure !== undefined) throw this.#failure;
    return this.#inflate.bytesWritten - before;
  }

  /** What was unpacked since the last time. */
  taken(): Buffer[] {
    const unpacked = this.#unpacked;
    this.#unpacked = [];
    return unpacked;
  }

  isSound(checksum: number, size: number): boolean {
    return this.#checksum === checksum && this.#size % 2 ** 32 === size;
  }

  close(): void {
    this.#inflate.destroy();
  }
}
