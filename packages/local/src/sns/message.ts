import { AwsServiceError } from "../errors.ts";
import type { QueryForm } from "../http/query-form.ts";

interface MessageAttribute {
  /** `String`, `String.Array`, `Number` or `Binary`, perhaps with a custom label (`String.json`). */
  readonly type: string;
  /** Text; for Binary the base64 form. */
  readonly value: string;
}

export type MessageAttributes = ReadonlyMap<string, MessageAttribute>;

/** A message as published, checked. */
export interface Message {
  readonly id: string;
  readonly topicArn: string;
  readonly subject: string | undefined;
  /** Body by protocol; `default` is always there. */
  readonly bodies: Readonly<Record<string, string>> & { readonly default: string };
  readonly attributes: MessageAttributes;
  /** ISO 8601 with milliseconds. */
  readonly timestamp: string;
}

const maximumBytes = 256 * 1024;
const maximumSubjectLength = 99;

/**
 * What AWS documents of a subject: UTF-8 text without line breaks or control characters, of fewer than 100 characters
 * (API reference of Publish), that begins with a letter, number or punctuation mark (its earlier editions, which allowed
 * ASCII only). AWS does not say what a character is; here it is a UTF-16 unit, the strictest reading.
 */
function isSubject(text: string): boolean {
  return text.length <= maximumSubjectLength && /^[!-~\p{L}\p{N}\p{P}][^\p{Cc}\p{Zl}\p{Zp}]*$/u.test(text);
}
function invalid(reason: string): AwsServiceError {
  return new AwsServiceError("InvalidParameter", `Invalid parameter: ${reason}`);
}

/** The body for a protocol: its own if the publisher wrote one, else the default. */
export function bodyFor(message: Message, protocol: string): string {
  return Object.hasOwn(message.bodies, protocol)
    ? (message.bodies[protocol] ?? message.bodies.default)
    : message.bodies.default;
}

/** Reads and checks the parameters of a Publish or of one entry of a batch. @throws AwsServiceError */
export function parseMessage(
  form: QueryForm,
  id: string,
  topicArn: string,
): { readonly message: Message; readonly bytes: number } {
  const text = form.get("Message");
  if (text === undefined || text === "") throw invalid("Empty message");
  const subject = form.get("Subject");
  if (subject !== undefined && !isSubject(subject)) throw invalid("Subject");
  const attributes = new Map(form.items("MessageAttributes").map(parseAttribute));
  const bytes = [...attributes].reduce(
    (sum, [name, { type, value }]) => sum + Buffer.byteLength(name + type + value),
    Buffer.byteLength(text),
  );
  if (bytes > maximumBytes) throw invalid("Message too long");
  const structure = form.get("MessageStructure");
  if (structure !== undefined && structure !== "json") throw invalid("MessageStructure");
  return {
    bytes,
    message: {
      id,
      topicArn,
      subject,
      bodies: structure === "json" ? parseStructure(text) : { default: text },
      attributes,
      timestamp: new Date().toISOString(),
    },
  };
}

function parseStructure(text: string): Message["bodies"] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw invalid("Message Structure - JSON message body failed to parse");
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw invalid("Message Structure - JSON message body failed to parse");
  }
  const bodies: Record<string, string> = {};
  for (const [protocol, body] of Object.entries(parsed))
    if (typeof body === "string") bodies[protocol] = body;
  const { default: fallback } = bodies;
  if (fallback === undefined) throw invalid("Message Structure - No default entry in JSON message body");
  return { ...bodies, default: fallback };
}

function parseAttribute(form: QueryForm): readonly [string, MessageAttribute] {
  const name = form.get("Name") ?? "";
  if (!/^(?!.*\.\.)(?!\.)[\w.-]{1,256}(?<!\.)$/.test(name))
    throw invalid(`Invalid message attribute name: ${name.slice(0, 100)}`);
  const type = form.get("Value.DataType") ?? "";
  const value = form.get("Value.StringValue") ?? form.get("Value.BinaryValue");
  const bad = (reason: string): AwsServiceError =>
    new AwsServiceError("ParameterValueInvalid", `The message attribute '${name}' ${reason}.`);
  if (!/^(String|Number|Binary)(\.[\w.-]+)?$/.test(type)) {
    throw bad(
      "has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String",
    );
  }
  if (value === undefined || value === "") throw bad("must contain a non-empty message attribute value");
  if (type.startsWith("Number") && !/^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value)) {
    throw bad("could not be cast to number");
  }
  if (type === "String.Array" && !isScalarArray(value))
    throw bad("has a String.Array value that is not a JSON array of scalars");
  return [name, { type, value }];
}

function isScalarArray(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => item === null || typeof item !== "object");
  } catch {
    return false;
  }
}
