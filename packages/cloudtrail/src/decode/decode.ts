import { canarySource } from "@streamwarden/capture";
import { type Carrier, type CloudTrailRecord, isObject, type JsonObject, nonEmptyString } from "../record.ts";
import { hasTooManyContainers } from "./container-count.ts";
import {
  type DecodedRecord,
  decodeRecord,
  decodeShallowRecord,
  decodeStoredRecord,
  deepestRecord,
} from "./decode-record.ts";
import { isWithinDepth, mayExceedDepth } from "./depth.ts";
import { gunzipWhole } from "./gunzip.ts";
import { type Rejection, rejection } from "./rejection.ts";
import { unknownWrapper } from "./unknown-wrapper.ts";
import { deliveredWrapperOf, type Origin, storedWrapperOf, type Wrapper } from "./wrapping.ts";

/** What a body turned out to be. */
export type Decoded =
  | {
      readonly outcome: "records";
      readonly carrier: Carrier;
      /** At least one, in the order of the body. */
      readonly records: readonly CloudTrailRecord[];
      /** Items beside the records that are none. */
      readonly rejected: readonly Rejection[];
    }
  /** An event that IVS itself published (stream state, health, limits): not CloudTrail's. */
  | {
      readonly outcome: "service-event";
      readonly source: string;
      readonly detailType: string;
      readonly envelope: JsonObject;
    }
  /** The pipeline's own test event. `time` is ISO 8601. */
  | {
      readonly outcome: "canary";
      readonly id: string;
      readonly time: string;
      readonly envelope: JsonObject;
    }
  | { readonly outcome: "rejected"; readonly rejection: Rejection };

export interface DecodeOptions {
  /** Largest body, in bytes of UTF-8. Default 1 MiB, what SQS and EventBridge can carry. */
  readonly maximumBytes?: number;
  /** How much gzip data of a body may unpack to, in bytes. Default 32 MiB, or `maximumBytes` where that is more. */
  readonly maximumUncompressedBytes?: number;
  /**
   * Where the body comes from. A file may hold more than the queue delivers: what other services wrap records in (the
   * table in `wrapping.ts`), JSON in strings, and times as exports write them. Default `message`.
   */
  readonly origin?: Origin;
}

const mebibyte = 1024 * 1024;
/**
 * An SNS notification inside an SNS notification inside an SQS body is the most that any wiring delivers. A file may hold
 * that with the Lambda event, the log and the dump around it, and each of these is several layers.
 */
const maximumWrappings: Readonly<Record<Origin, number>> = { message: 4, file: 24 };
const openingBrace = 0x7b;

/** One body on its way through its layers. */
interface Context {
  readonly origin: Origin;
  readonly maximumBytes: number;
  readonly maximumUncompressedBytes: number;
  /** Of all that is packed in the body together, so that many small parts cannot unpack to more than one large one. */
  uncompressedBytesLeft: number;
}

function rejected(reason: Rejection["reason"], message: string): Decoded {
  return {
    outcome: "rejected",
    rejection: rejection(reason, message),
  };
}

/**
 * Reads a message or file body in any shape in which CloudTrail records reach us: an EventBridge envelope, an SNS
 * notification around any of the others, a record that stands alone or in a list, a trail file (`{"Records":[...]}`;
 * plain, gzip bytes, or base64 of gzip, because SQS carries text only), a LookupEvents page or one of its items. Of a
 * file also what other services put around these.
 * Total: it never throws; what holds no record is rejected with a stable reason.
 */
export function decode(body: string | Uint8Array, options?: DecodeOptions): Decoded {
  const context = contextOf(options);
  const { maximumBytes } = context;
  const bytes = typeof body === "string" ? byteLengthUpTo(body, maximumBytes) : body.byteLength;
  if (bytes > maximumBytes) {
    return rejected("too-large", `The body is larger than the limit of ${maximumBytes} bytes.`);
  }
  return typeof body === "string" ? decodeText(body, context, 0) : decodeBytes(body, context, 0);
}

function contextOf(options: DecodeOptions = {}): Context {
  const { maximumBytes = mebibyte, origin = "message" } = options;
  const maximumUncompressedBytes = options.maximumUncompressedBytes ?? Math.max(32 * mebibyte, maximumBytes);
  return {
    origin,
    maximumBytes,
    maximumUncompressedBytes,
    uncompressedBytesLeft: maximumUncompressedBytes,
  };
}

/** The UTF-8 length, or anything above `limit` as soon as that is certain: most bodies need no count at all. */
function byteLengthUpTo(text: string, limit: number): number {
  return text.length > limit || text.length * 3 <= limit ? text.length : Buffer.byteLength(text);
}

function decodeBytes(bytes: Uint8Array, context: Context, wrappings: number): Decoded {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer[0] !== 0x1f || buffer[1] !== 0x8b) {
    return isAggregated(buffer) ? aggregated : decodeText(buffer.toString("utf8"), context, wrappings);
  }
  if (wrappings >= maximumWrappings[context.origin]) return tooManyLayers;
  let plain: Buffer;
  try {
    const unpacked = gunzipWhole(buffer, { maxOutputLength: Math.max(1, context.uncompressedBytesLeft) });
    if (unpacked === undefined) {
      return rejected("damaged-gzip", "Behind the end of the gzip data stands something else.");
    }
    plain = unpacked;
    context.uncompressedBytesLeft -= plain.length;
  } catch (error) {
    if (error instanceof RangeError) {
      const limit = context.maximumUncompressedBytes;
      return rejected(
        "too-large-uncompressed",
        `The gzip body unpacks to more than the limit of ${limit} bytes.`,
      );
    }
    return rejected(
      "damaged-gzip",
      "The body starts like gzip but cannot be unpacked: it is damaged or cut off.",
    );
  }
  return decodeBytes(plain, context, wrappings + 1);
}

const tooManyLayers = rejected("too-deep", "The body is wrapped in too many layers.");

/** The Kinesis Producer Library packs many records into one, in a binary format of its own. */
function isAggregated(bytes: Buffer): boolean {
  return bytes.length > 4 && bytes.readUInt32BE(0) === 0xf3899ac2;
}

const aggregated = rejected(
  "unknown-wrapper",
  "This is a Kinesis record that the Kinesis Producer Library aggregated. Deaggregate it first.",
);

function decodeText(text: string, context: Context, wrappings: number): Decoded {
  const start = firstCharacter(text);
  if (start === text.length) return rejected("empty", "The body is empty.");
  // The brace is asked for first, because nearly every body begins with one.
  if (text.charCodeAt(start) !== openingBrace && text.startsWith("H4sI", start)) {
    return decodeBytes(Buffer.from(text.slice(start), "base64"), context, wrappings);
  }
  if (hasTooManyContainers(text)) {
    return rejected("too-large", "The body holds more objects and lists than records of its size would.");
  }
  let value: unknown;
  try {
    value = JSON.parse(start === 0 ? text : text.slice(start));
  } catch {
    return text.startsWith("CWL CONTROL MESSAGE", start)
      ? rejected("log-control-message", "CloudWatch Logs checks its destination with this message.")
      : rejected("not-json", "The body is not JSON.");
  }
  return decodeValue(value, readerOf(text, context.origin), context, wrappings);
}

/** Reads one record of a body: whether its depth must be checked is decided once for the whole text. */
type RecordReader = (value: unknown) => DecodedRecord;

function readerOf(text: string, origin: Origin): RecordReader {
  const read = origin === "file" ? decodeStoredRecord : decodeShallowRecord;
  return mayExceedDepth(text, deepestRecord)
    ? (value) => (isWithinDepth(value, deepestRecord) ? read(value) : decodeRecord(value))
    : read;
}

/** Index of the first character that is neither white space nor a byte order mark. */
function firstCharacter(text: string): number {
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09 && code !== 0xfeff) break;
    at += 1;
  }
  return at;
}

function decodeValue(value: unknown, read: RecordReader, context: Context, wrappings: number): Decoded {
  if (wrappings > maximumWrappings[context.origin]) return tooManyLayers;
  const isFile = context.origin === "file";
  if (Array.isArray(value)) return decodeList(value, undefined, read, context, wrappings);
  // `aws cloudtrail lookup-events --query 'Events[].CloudTrailEvent'` prints a list of such strings.
  if (isFile && typeof value === "string") return decodeText(value, context, wrappings + 1);
  if (!isObject(value))
    return rejected("not-an-object", "The body is JSON, but neither an object nor a list.");
  const wrapper = deliveredWrapperOf(value);
  if (wrapper !== undefined) return decodeWrapped(wrapper, value, read, context, wrappings);
  const alone = decodeOne(value, "bare", read);
  // A record first: no name in it may make it pass for a wrapper.
  if (!isFile || alone.outcome === "records") return alone;
  const stored = storedWrapperOf(value);
  if (stored !== undefined) return decodeWrapped(stored, value, read, context, wrappings);
  return alone.outcome === "rejected" && alone.rejection.reason === "no-record"
    ? { outcome: "rejected", rejection: unknownWrapper(value) }
    : alone;
}

function decodeWrapped(
  wrapper: Wrapper,
  value: JsonObject,
  read: RecordReader,
  context: Context,
  wrappings: number,
): Decoded {
  const { key, holds, carrier } = wrapper;
  const carried = value[key];
  if (carrier === "eventbridge") return decodeEnvelope(value, read);
  if (carrier === "sns" && value.Type !== "Notification") return controlMessage;
  if (holds === "items") {
    return decodeList(carried as readonly unknown[], carrier, read, context, wrappings);
  }
  const inner = decodeCarried(holds, carried, read, context, wrappings + 1);
  return inner.outcome === "records" && carrier !== undefined ? { ...inner, carrier } : inner;
}

function decodeCarried(
  holds: Wrapper["holds"],
  carried: unknown,
  read: RecordReader,
  context: Context,
  wrappings: number,
): Decoded {
  if (typeof carried !== "string") return decodeValue(carried, read, context, wrappings);
  const isPacked = holds === "base64" && !/^\s*[{[]/.test(carried);
  return isPacked
    ? decodeBytes(Buffer.from(carried, "base64"), context, wrappings)
    : decodeText(carried, context, wrappings);
}

const controlMessage = rejected(
  "sns-control-message",
  "This SNS message manages a subscription and carries no event.",
);

const noRejections: readonly Rejection[] = Object.freeze([]);

function decodeOne(value: unknown, carrier: Carrier, read: RecordReader): Decoded {
  const decoded = read(value);
  if (decoded.outcome === "rejected") return decoded;
  return { outcome: "records", carrier, records: [decoded.record], rejected: noRejections };
}

function decodeEnvelope(envelope: JsonObject, read: RecordReader): Decoded {
  const { detail } = envelope;
  if (envelope.source === canarySource) {
    // The sender's own id and time come first: EventBridge gives each copy an id of its own.
    const sent = isObject(detail) ? detail : {};
    const id = nonEmptyString(sent.id) ?? nonEmptyString(envelope.id) ?? "";
    const time = nonEmptyString(sent.time) ?? nonEmptyString(envelope.time) ?? "";
    return { outcome: "canary", id, time, envelope };
  }
  // A relay may rename the detail type, so a detail that is a record counts as one.
  const isRecord = isObject(detail) && "eventName" in detail && "eventSource" in detail;
  const source = nonEmptyString(envelope.source) ?? "";
  const detailType = String(envelope["detail-type"]);
  if (isRecord || detailType.endsWith("via CloudTrail")) return decodeOne(detail, "eventbridge", read);
  if (source === "aws.ivs" || source === "aws.ivschat")
    return { outcome: "service-event", source, detailType, envelope };
  return rejected(
    "foreign-event",
    "This is an EventBridge event, but neither CloudTrail's nor Amazon IVS's.",
  );
}

/**
 * A list's records and rejections. A list of one item that is not a record (an IVS event, a canary) is that item; beside
 * others it is rejected, because a result has one outcome.
 */
function decodeList(
  items: readonly unknown[],
  carrier: Carrier | undefined,
  read: RecordReader,
  context: Context,
  wrappings: number,
): Decoded {
  const records: CloudTrailRecord[] = [];
  const rejections: Rejection[] = [];
  let found = carrier;
  for (const item of items) {
    // Items of a trail file are records; only the loose lists may mix carriers.
    const decoded =
      carrier === "trail-file"
        ? decodeFileItem(item, read, context, wrappings)
        : Array.isArray(item)
          ? decodeRow(item, read, context, wrappings)
          : decodeValue(item, read, context, wrappings + 1);
    if (decoded.outcome === "record") records.push(decoded.record);
    else if (decoded.outcome === "rejected") rejections.push(decoded.rejection);
    else if (decoded.outcome === "records") {
      for (const record of decoded.records) records.push(record);
      for (const one of decoded.rejected) rejections.push(one);
      found ??= decoded.carrier;
    } else if (items.length === 1) return decoded;
    else
      rejections.push(
        rejection("foreign-event", "An event that is not CloudTrail's stands between records."),
      );
  }
  if (records.length > 0)
    return { outcome: "records", carrier: found ?? "bare", records, rejected: rejections };
  const [first] = rejections;
  if (first === undefined) return rejected("no-record", "The list of records is empty.");
  if (items.length === 1) return { outcome: "rejected", rejection: first };
  return rejected(first.reason, `None of the ${items.length} items is a record. The first: ${first.message}`);
}

/** An item under `Records`. The Lambda events of SQS, SNS and Kinesis, which files may hold, use the same key. */
function decodeFileItem(
  item: unknown,
  read: RecordReader,
  context: Context,
  wrappings: number,
): Decoded | DecodedRecord {
  const decoded = read(item);
  if (decoded.outcome === "record" || context.origin === "message") return decoded;
  const { reason } = decoded.rejection;
  return reason === "too-deep" || !isObject(item) ? decoded : decodeValue(item, read, context, wrappings + 1);
}

/** A row of columns, as `--query 'Events[].[EventName,CloudTrailEvent]'` prints it: one of them is the record. */
function decodeRow(
  row: readonly unknown[],
  read: RecordReader,
  context: Context,
  wrappings: number,
): Decoded {
  if (context.origin === "message") return rejected("not-an-object", "A list inside the list is no record.");
  if (wrappings >= maximumWrappings.file) return tooManyLayers;
  const decoded = decodeList(row, undefined, read, context, wrappings + 1);
  if (decoded.outcome !== "records") return decoded;
  const others = decoded.rejected.filter(({ reason }) => !columnReasons.has(reason));
  return { ...decoded, rejected: others };
}

/** What the columns beside a record are. */
const columnReasons: ReadonlySet<Rejection["reason"]> = new Set([
  "empty",
  "not-json",
  "not-an-object",
  "no-record",
]);
