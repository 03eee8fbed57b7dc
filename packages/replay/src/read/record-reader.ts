import {
  type CloudTrailRecord,
  decode,
  decodeShallowRecord,
  type JsonObject,
  type Rejection,
  type RejectionReason,
} from "@streamwarden/cloudtrail";
import type { JsonScanner } from "./json-scanner.ts";
import type { TextPlace } from "./line-counter.ts";
import { type PartProblem, ProblemCounts } from "./problem.ts";
import { type Damage, type Place, type ValueHandler, ValueStream } from "./value-stream.ts";

/** What AWS stores beside records: named and counted, but nothing is wrong with it. */
const otherEvents: ReadonlySet<RejectionReason> = new Set([
  "insight-event",
  "digest-file",
  "storage-notification",
  "sns-control-message",
  "foreign-event",
  "log-control-message",
]);

const damageMessages: Readonly<Record<Damage, string>> = {
  "cut-off": "The file ends inside a value: its end is missing.",
  "not-json": "Here the file is not JSON.",
  "too-deep": "A value nests deeper than any record.",
  "too-large": "A value is larger than any record.",
};

/** Larger than the largest value that a `ValueStream` hands over, so that size is judged in one place. */
const largestCarrier = 1024 * 1024 * 1024;
/** What may be packed inside one value, unpacked. */
const largestPacked = 64 * 1024 * 1024;

/** What a part of a file gave: the whole of it, or a chunk. Plain data: it crosses threads. */
export interface ReadPart {
  /** Records that could be decoded, the unwanted ones among them. */
  readonly records: number;
  /** What should have been a record and could not be decoded, and places of damage. */
  readonly quarantined: number;
  readonly otherEvents: number;
  /** Values of any kind. */
  readonly values: number;
  /** How far its text goes, counted from its own beginning. */
  readonly reached: TextPlace;
  /** Whether damage of the file itself was found, beside records that are merely wrong. */
  readonly isDamaged: boolean;
  /** Whether any JSON object was found. */
  readonly hasObjects: boolean;
  readonly problems: readonly PartProblem[];
}

/** Tells values that need not be decoded by what the scanner noted of them. */
export interface RecordFilter {
  /** Whether the value is a valid record that nobody wants. */
  isUnwanted(bytes: Buffer, start: number, scanner: JsonScanner): boolean;
}

/** Gets what a file holds, in order; `number` is that of the value in the file, from 1. */
export interface RecordTaker {
  record(record: CloudTrailRecord, number: number): void;
  /** An event of Amazon IVS or of the pipeline itself, with its envelope. */
  event?(envelope: JsonObject, number: number): void;
}

/** The records in the bytes of one file. */
export class RecordReader implements ValueHandler {
  /** Records that could be decoded, the unwanted ones among them. */
  records = 0;
  /** What should have been a record and could not be decoded, and places of damage. */
  quarantined = 0;
  /** Events of other kinds. */
  others = 0;
  /** Whether damage of the file itself was found, beside records that are merely wrong. */
  isDamaged = false;
  /** Whether any JSON object was found. */
  hasObjects = false;
  readonly problems = new ProblemCounts();
  readonly #stream = new ValueStream(this);
  readonly #filter: RecordFilter | undefined;
  readonly #taker: RecordTaker;
  #number = 0;

  /** @param filter tells records that need not be decoded; they are counted all the same, and not handed over. */
  constructor(filter: RecordFilter | undefined, taker: RecordTaker) {
    this.#filter = filter;
    this.#taker = taker;
  }

  /** Whether what follows can be read without knowing what came before. */
  get isBetweenValues(): boolean {
    return this.#stream.isBetweenValues;
  }

  push(chunk: Buffer): void {
    this.#stream.push(chunk);
  }

  /** What was read so far. */
  part(): ReadPart {
    const { records, quarantined, others, isDamaged, hasObjects } = this;
    return {
      records,
      quarantined,
      otherEvents: others,
      values: this.#number,
      reached: this.#stream.reached,
      isDamaged,
      hasObjects,
      problems: this.problems.ofPart(),
    };
  }

  /** `isWhole` is false when the bytes are known to stop early. */
  end(isWhole: boolean): void {
    this.#stream.end(isWhole);
  }

  value(bytes: Buffer, start: number, end: number, place: Place, scanner: JsonScanner): void {
    this.hasObjects ||= bytes[start] === 0x7b;
    this.#number++;
    if (this.#filter?.isUnwanted(bytes, start, scanner)) {
      this.records++;
      return;
    }
    const text = bytes.toString("utf8", start, end);
    if (place === "records") {
      // The scanner has followed it to its deepest level.
      const decoded = decodeShallowRecord(JSON.parse(text));
      if (decoded.outcome === "record") {
        this.#found(decoded.record);
        return;
      }
    }
    // A list in a list is a row of columns, of which one may be a record.
    this.#carrier(bytes[start] === 0x5b ? `[${text}]` : text);
  }

  damage(damage: Damage, place: TextPlace): void {
    this.#number++;
    this.isDamaged = true;
    this.quarantined++;
    this.problems.add("damaged", damage, damageMessages[damage], this.#number, place);
  }

  #carrier(text: string): void {
    const decoded = decode(text, {
      origin: "file",
      maximumBytes: largestCarrier,
      maximumUncompressedBytes: largestPacked,
    });
    switch (decoded.outcome) {
      case "records":
        for (const record of decoded.records) this.#found(record);
        for (const rejection of decoded.rejected) this.#rejected(rejection);
        break;
      case "rejected":
        this.#rejected(decoded.rejection);
        break;
      case "service-event":
        this.#taker.event?.(decoded.envelope, this.#number);
        this.#other("service-event", "This is an event that Amazon IVS itself published.");
        break;
      case "canary":
        this.#taker.event?.(decoded.envelope, this.#number);
        this.#other("canary", "This is a test event of the pipeline.");
        break;
    }
  }

  #found(record: CloudTrailRecord): void {
    this.records++;
    this.#taker.record(record, this.#number);
  }

  #rejected({ reason, message }: Rejection): void {
    if (otherEvents.has(reason)) {
      this.#other(reason, message);
      return;
    }
    this.quarantined++;
    this.problems.add("quarantined", reason, message, this.#number);
  }

  #other(reason: RejectionReason | "service-event" | "canary", message: string): void {
    this.others++;
    this.problems.add("skipped", reason, message, this.#number);
  }
}
