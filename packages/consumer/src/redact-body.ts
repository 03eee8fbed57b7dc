import { constants, gunzipSync } from "node:zlib";
import { isObject, type JsonObject, redact, redactText } from "@streamwarden/cloudtrail";

/** Deeper than any wiring wraps: file, notification, envelope and item, each in the other. */
const maximumLayers = 8;
const maximumUnpackedBytes = 32 * 1024 * 1024;

/**
 * A message body without secrets, for the dead-letter queue. Secrets of IVS are told by their place in a record, so
 * every carrier is opened down to its records first; what is no record is redacted by the form of its texts. A packed
 * body is kept unpacked, because packed it could not be redacted.
 */
export const redactBody = (body: string): string => redactLayer(body, 0);

function redactLayer(text: string, layer: number): string {
  if (text.trimStart().startsWith("H4sI")) return redactPacked(text, layer);
  try {
    return JSON.stringify(redactValue(JSON.parse(text), layer));
  } catch {
    // Not JSON: redaction by form is what is left.
    return redactText(text);
  }
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
  for (const key of ["Records", "Events", "detail"]) {
    const { [key]: carried, ...rest } = value;
    if (typeof carried === "object" && carried !== null)
      return { ...redact(rest), [key]: redactValue(carried, layer + 1) };
  }
  for (const key of ["Message", "CloudTrailEvent"]) {
    const { [key]: carried, ...rest } = value;
    if (typeof carried === "string") return { ...redact(rest), [key]: redactLayer(carried, layer + 1) };
  }
  return redactRecord(value);
}

/** A record that does not say whose it is may be one of IVS: all secret places of IVS are redacted then. */
function redactRecord(value: JsonObject): JsonObject {
  if (typeof value.eventSource === "string") return redact(value);
  const { eventSource, eventName, ...rest } = value;
  const {
    eventSource: _source,
    eventName: _name,
    ...redacted
  } = redact({
    eventSource: "ivs.amazonaws.com",
    eventName: "unknown",
    ...rest,
  });
  return { ...redact({ eventSource, eventName }), ...redacted };
}
