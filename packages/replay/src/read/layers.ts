import { TextDecoder } from "node:util";
import { Unpacker } from "./unpacker.ts";

/** Takes bytes; answers false to stop. */
export interface Taker {
  chunk(bytes: Buffer): boolean | Promise<boolean>;
}

/** The bytes are of a format that is not opened; the message says what to do. */
export class UnknownFormatError extends Error {
  override readonly name = "UnknownFormatError";
  readonly code = "unknown-format";
}

/** Firehose may pack what CloudWatch Logs packed already; more layers than these are a bomb. */
const mostLayers = 4;
/** As many bytes as tell every layer. */
const tellingBytes = 4;

/** Formats that people pack files in and that nothing here opens. */
const archives: readonly (readonly [name: string, magic: readonly number[]])[] = [
  ["a ZIP archive", [0x50, 0x4b, 0x03, 0x04]],
  ["Zstandard data", [0x28, 0xb5, 0x2f, 0xfd]],
  ["bzip2 data", [0x42, 0x5a, 0x68]],
  ["XZ data", [0xfd, 0x37, 0x7a, 0x58]],
];

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Opens what the bytes of a file are written or packed in, one in the other: gzip, base64 of gzip, UTF-16, a byte order
 * mark. What each is, its first bytes say, and never its name. What comes out is plain UTF-8.
 */
export class Layers {
  readonly #taker: Taker;
  readonly #left: number;
  #head: Buffer = Buffer.alloc(0);
  #layer: Layer | undefined;

  constructor(taker: Taker, left = mostLayers) {
    this.#taker = taker;
    this.#left = left;
  }

  /** @throws DamagedGzipError, UnknownFormatError */
  async chunk(bytes: Buffer): Promise<boolean> {
    if (this.#layer !== undefined) return await this.#layer.chunk(bytes);
    const head = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]);
    if (head.length < tellingBytes) {
      this.#head = Buffer.from(head);
      return true;
    }
    return await this.#begin(head);
  }

  /** Nothing follows. @throws DamagedGzipError, UnknownFormatError */
  async end(): Promise<void> {
    if (this.#layer === undefined && this.#head.length > 0 && !(await this.#begin(this.#head))) return;
    await this.#layer?.end?.();
  }

  async #begin(head: Buffer): Promise<boolean> {
    this.#head = Buffer.alloc(0);
    const content = hasMark(head) ? head.subarray(3) : head;
    this.#layer = this.#layerOf(content);
    return content.length === 0 || (await this.#layer.chunk(content));
  }

  #layerOf(head: Buffer): Layer {
    const archive = archives.find(([, magic]) => magic.every((byte, index) => head[index] === byte));
    if (archive !== undefined)
      throw new UnknownFormatError(`The file is ${archive[0]}: unpack it first, or pack it with gzip.`);
    const encoding = wideEncodingOf(head);
    const isBase64 = head.toString("latin1", 0, tellingBytes) === "H4sI";
    if (!isGzip(head) && !isBase64 && encoding === undefined) return this.#taker;
    if (this.#left === 0)
      throw new UnknownFormatError(`The file is packed in more than ${mostLayers} layers.`);
    const inner = new Layers(this.#taker, this.#left - 1);
    if (isBase64) return new Base64Layer(inner);
    return encoding === undefined ? new GzipLayer(inner) : new WideTextLayer(inner, encoding);
  }
}

interface Layer extends Taker {
  end?(): Promise<void>;
}

class GzipLayer implements Layer {
  readonly #inner: Layers;
  readonly #unpacker: Unpacker;

  constructor(inner: Layers) {
    this.#inner = inner;
    this.#unpacker = new Unpacker(inner);
  }

  chunk(bytes: Buffer): Promise<boolean> {
    return this.#unpacker.feed(bytes);
  }

  async end(): Promise<void> {
    await this.#unpacker.end();
    await this.#inner.end();
  }
}

/** Base64 of gzip, as it is pasted from a message. */
class Base64Layer implements Layer {
  readonly #inner: Layers;
  /** Characters that do not yet make whole bytes: four of them make three. */
  #rest = "";

  constructor(inner: Layers) {
    this.#inner = inner;
  }

  chunk(bytes: Buffer): Promise<boolean> {
    const text = this.#rest + bytes.toString("latin1").replaceAll(/\s/g, "");
    const whole = text.length - (text.length % 4);
    this.#rest = text.slice(whole);
    return this.#inner.chunk(Buffer.from(text.slice(0, whole), "base64"));
  }

  async end(): Promise<void> {
    if (this.#rest === "" || (await this.#inner.chunk(Buffer.from(this.#rest, "base64"))))
      await this.#inner.end();
  }
}

type WideEncoding = "utf-16le" | "utf-16be";

class WideTextLayer implements Layer {
  readonly #inner: Layers;
  readonly #decoder: TextDecoder;

  constructor(inner: Layers, encoding: WideEncoding) {
    this.#inner = inner;
    this.#decoder = new TextDecoder(encoding);
  }

  chunk(bytes: Buffer): Promise<boolean> {
    return this.#inner.chunk(Buffer.from(this.#decoder.decode(bytes, { stream: true })));
  }

  async end(): Promise<void> {
    const rest = Buffer.from(this.#decoder.decode());
    if (rest.length === 0 || (await this.#inner.chunk(rest))) await this.#inner.end();
  }
}

/** UTF-16 by its byte order mark, or by the zero beside the bracket or quote that JSON begins with. */
function wideEncodingOf(head: Buffer): WideEncoding | undefined {
  const [first = 0, second = 0, third = 0, fourth = 0] = head;
  const isWide =
    third === 0 && fourth === 0
      ? second === 0
        ? isOpening(first)
        : first === 0xff && second === 0xfe
      : first === 0 &&
        second === 0 &&
        ((third === 0xfe && fourth === 0xff) || (third === 0 && isOpening(fourth)));
  if (isWide && head.length >= tellingBytes)
    throw new UnknownFormatError("The file is UTF-32: convert it first, with `iconv -f UTF-32 -t UTF-8`.");
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  if (second === 0 && head.length > 1 && isOpening(first)) return "utf-16le";
  return first === 0 && isOpening(second) ? "utf-16be" : undefined;
}

function isOpening(byte: number): boolean {
  return byte === 0x7b || byte === 0x5b || byte === 0x22;
}

function hasMark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
