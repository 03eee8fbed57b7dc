import { DamageSkipper } from "./damage-skipper.ts";
import { type Container, JsonScanner } from "./json-scanner.ts";
import { LineCounter, type TextPlace } from "./line-counter.ts";

/** Where a value stands: under `Records`, in a LookupEvents page, or loose (a line, an item of a list, the whole). */
export type Place = Container | "loose";

/** What makes a value unreadable where it stands. */
export type Damage =
  /** The bytes end inside a value or a list. */
  | "cut-off"
  /** Not JSON. */
  | "not-json"
  /** Nested beyond any record. */
  | "too-deep"
  /** Larger than the limit for one value. */
  | "too-large";

export interface ValueHandler {
  /** A whole, valid JSON value; `scanner` has just scanned it. The bytes are only valid during the call. */
  value(bytes: Buffer, start: number, end: number, place: Place, scanner: JsonScanner): void;
  /** @param place where it is, or where the value begins that is cut off, too large or too deep. */
  damage(damage: Damage, place: TextPlace): void;
}

interface Frame {
  readonly kind: "list" | Container | "tail";
  /** What may come next: an item (or the end of an empty list), a separator, an item after a comma. */
  next: "first" | "separator" | "item";
}

/** What a carrier or a record can be at most; larger values are damage. Records have 256 KB. */
const defaultLargestValue = 64 * 1024 * 1024;

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
const comma = 0x2c;
const closingList = 0x5d;
const closingObject = 0x7d;

/**
 * Cuts a stream of bytes into the values that may be records, holding one of them at a time: the items under
 * `Records` and `Events`, the items of a list, and everything that stands in sequence, with or without line breaks.
 * Damage is reported once for each value that it reaches, and reading goes on behind it.
 */
export class ValueStream {
  readonly #handler: ValueHandler;
  readonly #largestValue: number;
  readonly #scanner = new JsonScanner();
  readonly #frames: Frame[] = [];
  /** What must be seen again, together with what comes. */
  #rest: Buffer[] = [];
  #restLength = 0;
  #skipper: DamageSkipper | undefined;
  /** A partial value is scanned anew only when its bytes have doubled, so that large values cost no squares. */
  #scanFrom = 0;
  /** Which brackets stand around the current place was lost: separators and closing brackets are passed over. */
  #isLost = false;
  #endedInDamage = false;
  readonly #lines = new LineCounter();

  constructor(handler: ValueHandler, options: { readonly largestValue?: number } = {}) {
    this.#handler = handler;
    this.#largestValue = options.largestValue ?? defaultLargestValue;
  }

  /** Whether what follows can be read without knowing what came before. */
  get isBetweenValues(): boolean {
    return (
      this.#restLength === 0 && this.#skipper === undefined && this.#frames.length === 0 && !this.#isLost
    );
  }

  /** How far the text has come: a part that follows is counted on from here. */
  get reached(): TextPlace {
    return this.#lines.place;
  }

  push(chunk: Buffer): void {
    if (this.#restLength + chunk.length < this.#scanFrom) {
      this.#keep(chunk);
      return;
    }
    const bytes = this.#taken(chunk);
    const from = this.#read(bytes, false);
    this.#lines.pass(bytes, from);
    const length = bytes.length - from;
    if (length > 0) this.#keep(bytes.subarray(from));
    this.#scanFrom =
      length === 0 || this.#skipper !== undefined ? 0 : Math.min(2 * length, this.#largestValue + 1);
  }

  /** Nothing follows. `isWhole` is false when the bytes are known to stop early, which the caller reports itself. */
  end(isWhole = true): void {
    const bytes = this.#taken();
    this.#scanFrom = 0;
    this.#read(bytes, isWhole);
    this.#lines.pass(bytes, bytes.length);
    // What is cut off with the bytes is no second damage.
    if (isWhole && this.#frames.length > 0 && !this.#endedInDamage)
      this.#handler.damage("cut-off", this.#lines.place);
  }

  #keep(bytes: Buffer): void {
    // Copied, because a slice would keep the whole chunk alive, and the caller may reuse it.
    this.#rest.push(Buffer.from(bytes));
    this.#restLength += bytes.length;
  }

  /** All that was kept, and `chunk` behind it. */
  #taken(chunk?: Buffer): Buffer {
    const rest = this.#rest;
    this.#rest = [];
    this.#restLength = 0;
    if (rest.length === 0) return chunk ?? Buffer.alloc(0);
    return Buffer.concat(chunk === undefined ? rest : [...rest, chunk]);
  }

  /** Reads as far as the bytes go; returns the offset of what must be seen again with the next bytes. */
  #read(bytes: Buffer, isFinal: boolean): number {
    let at = 0;
    while (at < bytes.length) {
      if (this.#skipper !== undefined) {
        const skipped = this.#skipper.skip(bytes, at, bytes.length);
        if (skipped < 0) {
          this.#endedInDamage = true;
          return bytes.length;
        }
        this.#endedInDamage = false;
        if (this.#skipper.atLine) {
          this.#frames.length = 0;
          this.#isLost = true;
        }
        this.#skipper = undefined;
        this.#afterValue();
        at = skipped;
        continue;
      }
      const byte = bytes[at] as number;
      // Files that were put together bring their byte order marks along.
      if (byte === 0xef && this.#frames.length === 0) {
        if (bytes.length - at < byteOrderMark.length && !isFinal) return at;
        if (bytes.subarray(at, at + byteOrderMark.length).equals(byteOrderMark)) {
          at += byteOrderMark.length;
          continue;
        }
      }
      if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) {
        at++;
        continue;
      }
      const next = this.#step(bytes, at, byte, isFinal);
      if (next === undefined) return at;
      at = next;
    }
    return at;
  }

  /** Takes one token or value at `at`; returns the offset behind it, or undefined when more bytes are needed. */
  #step(bytes: Buffer, at: number, byte: number, isFinal: boolean): number | undefined {
    const frame = this.#frames.at(-1);
    if (frame === undefined) {
      if (byte === 0x5b) {
        this.#frames.push({ kind: "list", next: "first" });
        return at + 1;
      }
      if (this.#isLost && (byte === comma || byte === closingList || byte === closingObject)) return at + 1;
      return this.#value(bytes, at, isFinal, "loose");
    }
    const closing = frame.kind === "tail" ? closingObject : closingList;
    if (byte === closing) {
      if (frame.next === "item") this.#handler.damage("not-json", this.#lines.placeAt(bytes, at));
      this.#frames.pop();
      this.#afterValue();
      return at + 1;
    }
    if (frame.next === "separator") {
      if (byte === comma) {
        frame.next = "item";
        return at + 1;
      }
      return this.#damaged("not-json", bytes, at);
    }
    if (frame.kind === "tail") return this.#member(bytes, at, isFinal);
    return this.#value(bytes, at, isFinal, frame.kind === "list" ? "loose" : frame.kind);
  }

  #value(bytes: Buffer, at: number, isFinal: boolean, place: Place): number | undefined {
    const status = this.#scanner.scan(bytes, at, bytes.length, isFinal, place !== "records");
    const { end } = this.#scanner;
    switch (status) {
      case "complete":
        if (end - at > this.#largestValue) this.#handler.damage("too-large", this.#lines.placeAt(bytes, at));
        else this.#handler.value(bytes, at, end, place, this.#scanner);
        this.#afterValue();
        return end;
      case "container":
        this.#openContainer();
        return end;
      case "incomplete":
        return this.#incomplete(bytes, at, isFinal);
      case "invalid":
        return this.#damaged("not-json", bytes, at, this.#scanner.end);
      case "too-deep":
        return this.#damaged("too-deep", bytes, at);
    }
  }

  /** One `"key": value` behind the list of a container. Only a further list of items matters. */
  #member(bytes: Buffer, at: number, isFinal: boolean): number | undefined {
    const status = this.#scanner.scanMember(bytes, at, bytes.length, isFinal);
    switch (status) {
      case "complete":
        this.#afterValue();
        return this.#scanner.end;
      case "container":
        this.#frames.push({ kind: this.#scanner.container, next: "first" });
        return this.#scanner.end;
      case "incomplete":
        return this.#incomplete(bytes, at, isFinal);
      case "invalid":
        return this.#damaged("not-json", bytes, at, this.#scanner.end);
      case "too-deep":
        return this.#damaged("too-deep", bytes, at);
    }
  }

  #openContainer(): void {
    this.#frames.push({ kind: "tail", next: "separator" }, { kind: this.#scanner.container, next: "first" });
  }

  #incomplete(bytes: Buffer, at: number, isFinal: boolean): number | undefined {
    if (isFinal) return this.#damaged("cut-off", bytes, at);
    return bytes.length - at > this.#largestValue ? this.#damaged("too-large", bytes, at) : undefined;
  }

  /** @param fault where exactly, inside the value at `at`. */
  #damaged(damage: Damage, bytes: Buffer, at: number, fault = at): number {
    this.#handler.damage(damage, this.#lines.placeAt(bytes, fault));
    this.#skipper = new DamageSkipper();
    return at;
  }

  #afterValue(): void {
    const frame = this.#frames.at(-1);
    if (frame !== undefined) frame.next = "separator";
  }
}
