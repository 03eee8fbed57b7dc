import {
  type CloudTrailRecord,
  decode,
  decodeShallowRecord,
  type Rejection,
  type RejectionReason,
} from "@streamwarden/cloudtrail";
import type { PreFilter } from "../evaluate/pre-filter.ts";
import type { JsonScanner } from "./json-scanner.ts";
import { ProblemCounts } from "./problem.ts";
import { type Damage, type Place, type ValueHandler, ValueStream } from "./value-stream.ts";

/** What AWS stores beside records: named and counted, but nothing is wrong with it. */
const otherEvents: ReadonlySet<RejectionReason> = new Set([
  "insight-event",
  "digest-file",
  "storage-notification",
  "sns-control-message",
  "foreign-event",
]);

const damageMessages: Readonly<Record<Damage, string>> = {
  "cut-off": "The file ends inside a value: its end is missing.",
  "not-json": "Here the file is not JSON.",
  "too-deep": "A value nests deeper than any record.",
  "too-large": "A value is larger than any record.",
};

/** Larger than the largest value that a `ValueStream` hands over, so that size is judged in one place. */
const largestCarrier = 1024 * 1024 * 1024;

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
  readonly #preFilter: PreFilter | undefined;
  readonly #take: (record: CloudTrailRecord, number: number) => void;
  #number = 0;

  /**
   * @param preFilter tells records that need not be decoded; they are counted all the same.
   * @param take gets every other record and its number in the file, from 1.
   */
  constructor(preFilter: PreFilter | undefined, take: (record: CloudTrailRecord, number: number) => void) {
    this.#preFilter = preFilter;
    this.#take = take;
  }

  /** Values that were read, whatever they are: the number of the last one. */
  get values(): number {
    return this.#number;
  }

  /** Whether what follows can be read without knowing what came before. */
  get isBetweenValues(): boolean {
    return this.#stream.isBetweenValues;
  }

  push(chunk: Buffer): void {
    this.#stream.push(chunk);
  }

  /** `isWhole` is false when the bytes are known to stop early. */
  end(isWhole: boolean): void {
    this.#stream.end(isWhole);
  }

  value(bytes: Buffer, start: number, end: number, place: Place, scanner: JsonScanner): void {
    this.hasObjects ||= bytes[start] === 0x7b;
    this.#number++;
    if (this.#preFilter?.isUnwanted(bytes, start, scanner)) {
      this.records++;
      return;
    }
    const text = bytes.toString("utf8", start, end);
    if (place === "records") {
      // The scanner has followed it to its deepest level.
      const decoded = decodeShallowRecord(JSON.parse(text));
      if (decoded.outcome === "record") this.#found(decoded.record);
      else this.#rejected(decoded.rejection);
    } else {
      this.#carrier(text, bytes[start] === 0x5b);
    }
  }

  damage(damage: Damage): void {
    this.#number++;
    this.isDamaged = true;
    this.quarantined++;
    this.problems.add("damaged", damage, damageMessages[damage], this.#number);
  }

  #carrier(text: string, isList: boolean): void {
    if (isList) {
      this.#rejected({ reason: "not-an-object", message: "A list inside the list is no record." });
      return;
    }
    const decoded = decode(text, { maximumBytes: largestCarrier });
    switch (decoded.outcome) {
      case "records":
        for (const record of decoded.records) this.#found(record);
        for (const rejection of decoded.rejected) this.#rejected(rejection);
        break;
      case "rejected":
        this.#rejected(decoded.rejection);
        break;
      case "service-event":
        this.#other("service-event", "This is an event that Amazon IVS itself published.");
        break;
      case "canary":
        this.#other("canary", "This is a test event of the pipeline.");
        break;
    }
  }

  #found(record: CloudTrailRecord): void {
    this.records++;
    this.#take(record, this.#number);
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
