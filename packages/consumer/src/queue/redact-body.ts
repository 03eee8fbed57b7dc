import { constants, gunzipSync } from "node:zlib";
import {
  carries,
  isObject,
  ivsOperations,
  type JsonObject,
  redact,
  redacted,
  redactText,
  type Wrapper,
  wrappers,
} from "@streamwarden/cloudtrail";

/** Deeper than any wiring wraps: file, notification, envelope and item, each in the other. */
const maximumLayers = 8;
const maximumUnpackedBytes = 32 * 1024 * 1024;

/**
 * A message body without secrets, for the dead-letter queue. Secrets of IVS are told by their place in a record, so
 * every carrier is opened down to its records first; anything else is redacted by the form of its texts. A packed
 * body is kept unpacked, because packed it could not be redacted.
 */
export function redactBody(body: string): string {
  return redactLayer(body, 0);
}

function redactLayer(text: string, layer: number): string {
  if (text.trimStart().startsWith("H4sI")) return redactPacked(text, layer);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return redactBroken(text);
  }
  return JSON.stringify(redactValue(value, layer));
}

/** The last names of the catalog's secret places: `value`, `passphrase`, `metadata` ... */
const secretNames = [
  ...new Set(
    ivsOperations
      .flatMap(({ secretInput, secretOutput }) => [...secretInput, ...secretOutput])
      .map((path) => path.split(".").at(-1) ?? path),
  ),
];
/** Quotes may be escaped, in a text that stands in another. */
const namedValue = new RegExp(
  String.raw`(["\\]{1,16}(?:${secretNames.join("|")})["\\]{1,16}\s{0,8}:\s{0,8})(?:["\\]{1,16}[^"\\]*|\{[^}]*)`,
  "gi",
);

/** JSON that was cut off has no places any more, only names: whatever has the name of a secret is one. */
function redactBroken(text: string): string {
  return redactText(text).replace(namedValue, (_, name: string) => `${name}${redacted}`);
}

function redactPacked(text: string, layer: number): string {
  if (layer >= maximumLayers) return tooDeep;
  const bytes = Buffer.from(text, "base64");
  try {
    // A body that was cut off still tells its beginning.
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: maximumUnpackedBytes };
    return redactLayer(gunzipSync(bytes, options).toString("utf8"), layer + 1);
  } catch {
    return `[${bytes.length} bytes of gzip that cannot be unpacked, so they cannot be redacted and are not kept]`;
  }
}

const tooDeep = "[cut: wrapped in too many layers]";

function redactValue(value: unknown, layer: number): unknown {
  if (typeof value === "string") return redactText(value);
  if (layer >= maximumLayers) return tooDeep;
  if (Array.isArray(value)) return value.map((item) => redactValue(item, layer + 1));
  return isObject(value) ? redactCarrier(value, layer) : value;
}

/** A carrier's own fields, and what it carries. */
function redactCarrier(value: JsonObject, layer: number): JsonObject {
  const carriers = wrappers.filter((wrapper) => mayCarry(wrapper, value));
  if (carriers.length === 0) return redactRecord(value);
  const opened = carriers.map(
    ({ key, holds }) => [key, redactCarried(value[key], holds, layer + 1)] as const,
  );
  const carried = new Set(carriers.map(({ key }) => key));
  const rest = Object.fromEntries(Object.entries(value).filter(([key]) => !carried.has(key)));
  return { ...redact(rest), ...Object.fromEntries(opened) };
}

/** What the queue delivers is opened by its key alone: the body may have lost what marks it. */
function mayCarry(wrapper: Wrapper, value: JsonObject): boolean {
  const { key, isDelivered, isMarked } = wrapper;
  if (!carries(wrapper, value) || value[key] === null) return false;
  return isDelivered || (isMarked?.(value) ?? true);
}

function redactCarried(carried: unknown, holds: Wrapper["holds"], layer: number): unknown {
  if (typeof carried !== "string") return redactValue(carried, layer);
  return holds === "base64" ? redactBase64(carried, layer) : redactLayer(carried, layer);
}

/** Kept as the text that it holds: in base64 no secret could be seen. */
function redactBase64(text: string, layer: number): string {
  if (/^\s*[{[]/.test(text) || text.startsWith("H4sI")) return redactLayer(text, layer);
  const plain = Buffer.from(text, "base64").toString("utf8");
  return /^\s*[{[]/.test(plain)
    ? redactLayer(plain, layer)
    : `[${text.length} characters of base64 that hold no JSON, so they cannot be redacted and are not kept]`;
}

/** A record that does not say whose it is may be one of IVS: all secret places of IVS are redacted then. */
function redactRecord(value: JsonObject): JsonObject {
  if (typeof value.eventSource === "string") return redact(value);
  const { eventSource, eventName, ...rest } = value;
  const {
    eventSource: _source,
    eventName: _name,
    ...safe
  } = redact({
    eventSource: "ivs.amazonaws.com",
    eventName: "unknown",
    ...rest,
  });
  return { ...redact({ eventSource, eventName }), ...safe };
}
