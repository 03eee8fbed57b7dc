import { type Carrier, type CloudTrailRecord, isObject, type JsonObject, nonEmptyString } from "../record.ts";
import { type DecodedRecord, decodeRecord, decodeShallowRecord, deepestRecord } from "./decode-record.ts";
import { mayExceedDepth } from "./depth.ts";
import { gunzipWhole } from "./gunzip.ts";
import { type Rejection, rejection } from "./rejection.ts";

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
  | { readonly outcome: "service-event"; readonly source: string; readonly detailType: string }
  /** The pipeline's own test event. `time` is ISO 8601. */
  | { readonly outcome: "canary"; readonly id: string; readonly time: string }
  | { readonly outcome: "rejected"; readonly rejection: Rejection };

export interface DecodeOptions {
  /** Largest body, in bytes of UTF-8. Default 1 MiB, what SQS and EventBridge can carry. */
  readonly maximumBytes?: number;
  /** Largest body after gunzip, in bytes. Default 32 MiB, or `maximumBytes` where that is more. */
  readonly maximumUncompressedBytes?: number;
}

export const canarySource = "streamwarden.canary";

const mebibyte = 1024 * 1024;
/** An SNS notification inside an SNS notification inside an SQS body is the most that any wiring makes. */
const maximumWrappings = 4;
const openingBrace = 0x7b;
const openingBracket = 0x5b;
const quote = 0x22;
const backslash = 0x5c;
/** Whatever a shorter text holds is small in memory. */
const smallText = 4 * mebibyte;
/**
 * Each object and list takes fifty bytes of memory and more, whatever it holds: a text of brackets alone takes fifty times
 * its size. The records of AWS's documentation have one in seventy characters at most.
 */
const charactersForContainer = 16;

interface Limits {
  readonly maximumBytes: number;
  readonly maximumUncompressedBytes: number;
}

const rejected = (reason: Rejection["reason"], message: string): Decoded => ({
  outcome: "rejected",
  rejection: rejection(reason, message),
});

/**
 * Reads a message or file body in any shape in which CloudTrail records reach us: an EventBridge envelope, an SNS
 * notification around any of the others, a record that stands alone or in a list, a trail file (`{"Records":[...]}`;
 * plain, gzip bytes, or base64 of gzip, because SQS carries text only), a LookupEvents page or one of its items.
 * Total: it never throws; what holds no record is rejected with a stable reason.
 */
export const decode = (body: string | Uint8Array, options?: DecodeOptions): Decoded => {
  const limits = options === undefined ? defaultLimits : limitsOf(options);
  const { maximumBytes } = limits;
  const bytes = typeof body === "string" ? byteLengthUpTo(body, maximumBytes) : body.byteLength;
  if (bytes > maximumBytes) {
    return rejected("too-large", `The body is larger than the limit of ${maximumBytes} bytes.`);
  }
  return typeof body === "string" ? decodeText(body, limits, 0) : decodeBytes(body, limits, 0);
};

const limitsOf = (options: DecodeOptions): Limits => {
  const { maximumBytes = mebibyte } = options;
  const maximumUncompressedBytes = options.maximumUncompressedBytes ?? Math.max(32 * mebibyte, maximumBytes);
  return { maximumBytes, maximumUncompressedBytes };
};

const defaultLimits = limitsOf({});

/** The UTF-8 length, or anything above `limit` as soon as that is certain: most bodies need no count at all. */
const byteLengthUpTo = (text: string, limit: number): number =>
  text.length > limit || text.length * 3 <= limit ? text.length : Buffer.byteLength(text);

const decodeBytes = (bytes: Uint8Array, limits: Limits, wrappings: number): Decoded => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer[0] !== 0x1f || buffer[1] !== 0x8b) return decodeText(buffer.toString("utf8"), limits, wrappings);
  if (wrappings >= maximumWrappings) return rejected("too-deep", "The body is wrapped in too many layers.");
  let plain: Buffer;
  try {
    const unpacked = gunzipWhole(buffer, { maxOutputLength: limits.maximumUncompressedBytes });
    if (unpacked === undefined) {
      return rejected("damaged-gzip", "Behind the end of the gzip data stands something else.");
    }
    plain = unpacked;
  } catch (error) {
    if (error instanceof RangeError) {
      const limit = limits.maximumUncompressedBytes;
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
  return decodeBytes(plain, limits, wrappings + 1);
};

const decodeText = (text: string, limits: Limits, wrappings: number): Decoded => {
  const start = firstCharacter(text);
  if (start === text.length) return rejected("empty", "The body is empty.");
  // The brace is asked for first, because nearly every body begins with one.
  if (text.charCodeAt(start) !== openingBrace && text.startsWith("H4sI", start)) {
    return decodeBytes(Buffer.from(text.slice(start), "base64"), limits, wrappings);
  }
  if (text.length > smallText && hasTooManyContainers(text)) {
    return rejected("too-large", "The body holds more objects and lists than records of its size would.");
  }
  let value: unknown;
  try {
    value = JSON.parse(start === 0 ? text : text.slice(start));
  } catch {
    return rejected("not-json", "The body is not JSON.");
  }
  const read = mayExceedDepth(text, deepestRecord) ? decodeRecord : decodeShallowRecord;
  return decodeValue(value, read, limits, wrappings);
};

/** Reads one record of a body: whether its depth must be checked is decided once for the whole text. */
type RecordReader = (value: unknown) => DecodedRecord;

const hasTooManyContainers = (text: string): boolean => {
  const most = text.length / charactersForContainer;
  let openings = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isInString) {
      if (code === backslash) at += 1;
      else if (code === quote) isInString = false;
    } else if (code === quote) isInString = true;
    else if ((code === openingBrace || code === openingBracket) && ++openings > most) return true;
  }
  return false;
};

/** Index of the first character that is neither white space nor a byte order mark. */
const firstCharacter = (text: string): number => {
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09 && code !== 0xfeff) break;
    at += 1;
  }
  return at;
};

const decodeValue = (value: unknown, read: RecordReader, limits: Limits, wrappings: number): Decoded => {
  if (wrappings > maximumWrappings) return rejected("too-deep", "The body is wrapped in too many layers.");
  if (Array.isArray(value)) return decodeList(value, undefined, read, limits, wrappings);
  if (!isObject(value))
    return rejected("not-an-object", "The body is JSON, but neither an object nor a list.");
  if (typeof value["detail-type"] === "string" && "detail" in value) return decodeEnvelope(value, read);
  if (typeof value.Type === "string" && typeof value.TopicArn === "string") {
    return decodeNotification(value, limits, wrappings);
  }
  if (Array.isArray(value.Records)) return decodeList(value.Records, "trail-file", read, limits, wrappings);
  if (Array.isArray(value.Events)) return decodeList(value.Events, "lookup", read, limits, wrappings);
  if (typeof value.CloudTrailEvent === "string") {
    const inner = decodeText(value.CloudTrailEvent, limits, wrappings + 1);
    return inner.outcome === "records" ? { ...inner, carrier: "lookup" } : inner;
  }
  return decodeOne(value, "bare", read);
};

const noRejections: readonly Rejection[] = Object.freeze([]);

const decodeOne = (value: unknown, carrier: Carrier, read: RecordReader): Decoded => {
  const decoded = read(value);
  if (decoded.outcome === "rejected") return decoded;
  return { outcome: "records", carrier, records: [decoded.record], rejected: noRejections };
};

const decodeEnvelope = (envelope: JsonObject, read: RecordReader): Decoded => {
  const { detail } = envelope;
  if (envelope.source === canarySource) {
    // The sender's own id and time come first: EventBridge gives each copy an id of its own.
    const sent = isObject(detail) ? detail : {};
    const id = nonEmptyString(sent.id) ?? nonEmptyString(envelope.id) ?? "";
    return { outcome: "canary", id, time: nonEmptyString(sent.time) ?? nonEmptyString(envelope.time) ?? "" };
  }
  // A relay may rename the detail type, so a detail that is a record counts as one.
  const isRecord = isObject(detail) && "eventName" in detail && "eventSource" in detail;
  const source = nonEmptyString(envelope.source) ?? "";
  const detailType = String(envelope["detail-type"]);
  if (isRecord || detailType.endsWith("via CloudTrail")) return decodeOne(detail, "eventbridge", read);
  if (source === "aws.ivs" || source === "aws.ivschat")
    return { outcome: "service-event", source, detailType };
  return rejected(
    "foreign-event",
    "This is an EventBridge event, but neither CloudTrail's nor Amazon IVS's.",
  );
};

const decodeNotification = (notification: JsonObject, limits: Limits, wrappings: number): Decoded => {
  if (notification.Type !== "Notification" || typeof notification.Message !== "string") {
    return rejected("sns-control-message", "This SNS message manages a subscription and carries no event.");
  }
  const inner = decodeText(notification.Message, limits, wrappings + 1);
  return inner.outcome === "records" ? { ...inner, carrier: "sns" } : inner;
};

/**
 * A list's records and rejections. A list of one item that is no record (an IVS event, a canary) is that item; beside
 * others it is rejected, because a result has one outcome.
 */
const decodeList = (
  items: readonly unknown[],
  carrier: Carrier | undefined,
  read: RecordReader,
  limits: Limits,
  wrappings: number,
): Decoded => {
  const records: CloudTrailRecord[] = [];
  const rejections: Rejection[] = [];
  let found = carrier;
  for (const item of items) {
    // Items of a trail file are records; only the loose lists may mix carriers.
    const decoded =
      carrier === "trail-file"
        ? read(item)
        : Array.isArray(item)
          ? rejected("not-an-object", "A list inside the list is no record.")
          : decodeValue(item, read, limits, wrappings + 1);
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
};
