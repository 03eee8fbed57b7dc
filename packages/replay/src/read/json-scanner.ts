import { deepestRecord } from "@streamwarden/cloudtrail";
import { KeyTable } from "./key-table.ts";

export type ScanStatus =
  /** A whole JSON value; `end` is the offset behind it. */
  | "complete"
  /** The window ends inside the value. */
  | "incomplete"
  /** Not JSON; `end` is the offset of the first byte that does not fit. */
  | "invalid"
  /** Deeper than a record, or an envelope around one, may be. */
  | "too-deep"
  /** An object around a list of records or wrapped records: `container` says which, `end` is behind its `[`. */
  | "container";

/**
 * Where the items of a container stand: in a trail file, or in a list of what wraps one record each, as a LookupEvents page
 * is, CloudWatch Logs' output and that of `aws sqs receive-message`.
 */
export type Container = "records" | "events";

/** The fields of a record whose text is found on the way. `userIdentity.type` is the only nested one. */
export const scannedFields = [
  "eventSource",
  "eventName",
  "eventTime",
  "eventVersion",
  "eventType",
  "eventCategory",
  "errorCode",
  "userAgent",
  "userIdentity.type",
] as const;
export type ScannedField = (typeof scannedFields)[number];

const nameIndex = scannedFields.indexOf("eventName");
const sourceIndex = scannedFields.indexOf("eventSource");
const identityType = scannedFields.indexOf("userIdentity.type");
/** Meanings of a key at depth 1 beyond the scanned fields, which are their index in `scannedFields`. */
const identity = 100;
const records = 101;
const events = 102;
/** Lists of wrapped records that other services write: CloudWatch Logs and SQS. */
const wrapped = 104;
/** Keys of anything but a plain record: envelopes, notifications, look-up items, digests. */
const foreign = 103;

const topLevelKeys = new KeyTable([
  ...scannedFields.map((name, index): [string, number] => [name, name.includes(".") ? foreign : index]),
  ["userIdentity", identity],
  ["Records", records],
  ["Events", events],
  ["events", wrapped],
  ["logEvents", wrapped],
  ["Messages", wrapped],
  ...["detail", "detail-type", "Type", "TopicArn", "CloudTrailEvent", "s3", "Event", "logFiles"].map(
    (name): [string, number] => [name, foreign],
  ),
]);
const identityKeys = new KeyTable([["type", identityType]]);

const none = -1;
const insideObject = 1;
const insideArray = 2;

/** What the scanner expects next. */
const value = 0;
const valueOrEnd = 1;
const keyOrEnd = 2;
const key = 3;
const colon = 4;
const commaOrEnd = 5;

const quote = 0x22;
const backslash = 0x5c;

/** 1 for the characters that `\` may stand before, besides `u`. */
const escapable = new Uint8Array(256);
for (const character of '"\\/bfnrt') escapable[character.charCodeAt(0)] = 1;
const hexadecimal = new Uint8Array(256);
for (const character of "0123456789abcdefABCDEF") hexadecimal[character.charCodeAt(0)] = 1;

const incompleteAt = -1;
const invalidAt = -2;

/**
 * Finds the end of one JSON value in bytes, and checks its grammar as strictly as `JSON.parse`, without making
 * anything of it. On the way it notes where a record's few deciding fields stand, so that a record that no policy
 * could want is recognized by reading a dozen bytes instead of parsing a thousand.
 *
 * It starts over when the window ended inside a value: resuming would make every state a field, and values are
 * small against windows.
 */
export class JsonScanner {
  end = 0;
  container: Container = "records";
  /**
   * Whether the noted fields are the record's: false when a key or a noted value is written with escapes, is no text
   * and not null, or when another key says that this is no plain record.
   */
  isPlain = true;
  /** Offsets of the noted texts, without their quotes; -1 for a field that is absent or null. */
  readonly starts = new Int32Array(scannedFields.length);
  readonly ends = new Int32Array(scannedFields.length);
  readonly #brackets = new Uint8Array(deepestRecord + 2);
  #hasEscape = false;

  /**
   * Scans the value that begins at `start`, which must not be white space.
   *
   * @param isFinal whether nothing follows `limit`, so that a number may end there.
   * @param findsContainers whether an object with a list under `Records` or `Events` is a container.
   */
  scan(
    bytes: Uint8Array,
    start: number,
    limit: number,
    isFinal: boolean,
    findsContainers: boolean,
  ): ScanStatus {
    return this.#run(bytes, start, limit, isFinal, findsContainers, 0);
  }

  /** Scans one `"key": value` of an object, whose `{` was seen before. Finds containers. */
  scanMember(bytes: Uint8Array, start: number, limit: number, isFinal: boolean): ScanStatus {
    return this.#run(bytes, start, limit, isFinal, true, 1);
  }

  #run(
    bytes: Uint8Array,
    start: number,
    limit: number,
    isFinal: boolean,
    findsContainers: boolean,
    base: 0 | 1,
  ): ScanStatus {
    const brackets = this.#brackets;
    // What stands among records is one itself; anything else may be an envelope, whose record is looked at again.
    const deepest = findsContainers ? deepestRecord + 1 : deepestRecord;
    this.starts.fill(none);
    this.isPlain = true;
    brackets[1] = insideObject;
    let at = start;
    let depth: number = base;
    let expected: number = base === 0 ? value : key;
    let meaning = none;
    let isInIdentity = false;

    while (at < limit) {
      const byte = bytes[at] as number;
      if (byte <= 0x20) {
        if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)
          return this.#stop(at, "invalid");
        at++;
        continue;
      }
      switch (expected) {
        case keyOrEnd:
        case key: {
          if (byte !== quote) {
            if (expected === key || byte !== 0x7d) return this.#stop(at, "invalid");
            at++;
            depth--;
            expected = commaOrEnd;
            break;
          }
          const end = this.#stringEnd(bytes, at + 1, limit);
          if (end < 0) return this.#stopInString(end, limit);
          if (depth === 1) {
            isInIdentity = false;
            meaning = this.#hasEscape ? foreign : topLevelKeys.find(bytes, at + 1, end);
            if (meaning === foreign) this.isPlain = false;
          } else if (isInIdentity && depth === 2) {
            meaning = this.#hasEscape ? foreign : identityKeys.find(bytes, at + 1, end);
            if (meaning === foreign) this.isPlain = false;
          }
          at = end + 1;
          expected = colon;
          break;
        }
        case colon:
          if (byte !== 0x3a) return this.#stop(at, "invalid");
          at++;
          expected = value;
          break;
        case commaOrEnd:
          if (byte === 0x2c) {
            at++;
            expected = brackets[depth] === insideObject ? key : value;
          } else if (byte === 0x7d && brackets[depth] === insideObject) {
            at++;
            depth--;
          } else if (byte === 0x5d && brackets[depth] === insideArray) {
            at++;
            depth--;
          } else return this.#stop(at, "invalid");
          break;
        default: {
          const owner = meaning;
          meaning = none;
          if (byte === quote) {
            const end = this.#stringEnd(bytes, at + 1, limit);
            if (end < 0) return this.#stopInString(end, limit);
            if (owner >= 0 && owner < scannedFields.length) {
              if (this.#hasEscape) this.isPlain = false;
              this.starts[owner] = at + 1;
              this.ends[owner] = end;
            }
            at = end + 1;
            expected = commaOrEnd;
          } else if (byte === 0x7b || byte === 0x5b) {
            const isObject = byte === 0x7b;
            if (owner >= 0) {
              if (owner === identity && isObject) isInIdentity = true;
              else if (!isObject && findsContainers && this.#isContainer(owner)) {
                this.container = owner === records ? "records" : "events";
                return this.#stop(at + 1, "container");
              } else this.isPlain = false;
            }
            depth++;
            if (depth > deepest) return this.#stop(at, "too-deep");
            brackets[depth] = isObject ? insideObject : insideArray;
            at++;
            expected = isObject ? keyOrEnd : valueOrEnd;
          } else if (byte === 0x5d && expected === valueOrEnd) {
            at++;
            depth--;
            expected = commaOrEnd;
          } else {
            const end = scalarEnd(bytes, at, limit);
            // A number may go on behind the window.
            if (end === incompleteAt || (end === limit && !isFinal)) return this.#stop(limit, "incomplete");
            if (end === invalidAt) return this.#stop(at, "invalid");
            if (owner >= 0 && owner < scannedFields.length) {
              this.starts[owner] = none;
              if (byte !== 0x6e) this.isPlain = false;
            }
            at = end;
            expected = commaOrEnd;
          }
        }
      }
      if (depth === base && expected === commaOrEnd) return this.#stop(at, "complete");
    }
    return this.#stop(limit, "incomplete");
  }

  /** A record of CloudTrail's stays one, whatever list it may have some day: its names come before. */
  #isContainer(owner: number): boolean {
    if (owner === records || owner === events) return true;
    return owner === wrapped && this.starts[nameIndex] === none && this.starts[sourceIndex] === none;
  }

  #stop(end: number, status: ScanStatus): ScanStatus {
    this.end = end;
    return status;
  }

  #stopInString(end: number, limit: number): ScanStatus {
    return end === incompleteAt ? this.#stop(limit, "incomplete") : this.#stop(this.end, "invalid");
  }

  /** The offset of the closing quote of the string whose text begins at `at`, or a negative answer. */
  #stringEnd(bytes: Uint8Array, at: number, limit: number): number {
    this.#hasEscape = false;
    for (let index = at; index < limit; index++) {
      const byte = bytes[index] as number;
      if (byte === quote) return index;
      if (byte < 0x20) {
        this.end = index;
        return invalidAt;
      }
      if (byte === backslash) {
        this.#hasEscape = true;
        index++;
        if (index >= limit) return incompleteAt;
        const escaped = bytes[index] as number;
        if (escaped === 0x75) {
          const last = index + 4;
          while (index < last) {
            index++;
            if (index >= limit) return incompleteAt;
            if (hexadecimal[bytes[index] as number] === 0) {
              this.end = index;
              return invalidAt;
            }
          }
        } else if (escapable[escaped] === 0) {
          this.end = index;
          return invalidAt;
        }
      }
    }
    return incompleteAt;
  }
}

const literals = ["true", "false", "null"].map((text) => new TextEncoder().encode(text));

/** The offset behind a number, `true`, `false` or `null`, or a negative answer. */
function scalarEnd(bytes: Uint8Array, start: number, limit: number): number {
  const first = bytes[start] as number;
  if (first === 0x2d || isDigit(first)) return numberEnd(bytes, start, limit);
  for (const literal of literals) {
    if (literal[0] !== first) continue;
    for (const [index, byte] of literal.entries()) {
      if (start + index >= limit) return incompleteAt;
      if (bytes[start + index] !== byte) return invalidAt;
    }
    return start + literal.length;
  }
  return invalidAt;
}

function numberEnd(bytes: Uint8Array, start: number, limit: number): number {
  let at = bytes[start] === 0x2d ? start + 1 : start;
  if (at >= limit) return incompleteAt;
  if (bytes[at] === 0x30) at++;
  else {
    const end = digitsEnd(bytes, at, limit);
    if (end < 0) return end;
    at = end;
  }
  if (at < limit && bytes[at] === 0x2e) {
    const end = digitsEnd(bytes, at + 1, limit);
    if (end < 0) return end;
    at = end;
  }
  if (at < limit && ((bytes[at] as number) | 0x20) === 0x65) {
    const signed = at + 1 < limit && (bytes[at + 1] === 0x2b || bytes[at + 1] === 0x2d) ? at + 2 : at + 1;
    return digitsEnd(bytes, signed, limit);
  }
  return at;
}

/** The offset behind at least one digit. */
function digitsEnd(bytes: Uint8Array, start: number, limit: number): number {
  let at = start;
  while (at < limit && isDigit(bytes[at] as number)) at++;
  if (at > start) return at;
  return start >= limit ? incompleteAt : invalidAt;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
