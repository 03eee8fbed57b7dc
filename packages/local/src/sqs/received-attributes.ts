import { createHash } from "node:crypto";
import type { Json } from "./request-checks.ts";

interface Attribute {
  readonly DataType: string;
  readonly StringValue?: string;
  /** Base64. */
  readonly BinaryValue?: string;
}

interface Received {
  Messages?: { MessageAttributes?: Record<string, Attribute>; MD5OfMessageAttributes?: string }[];
}

/** SQS hands out only the attributes that a receiver asks for: by name, by `prefix.*`, or all. fauxqs hands out all. */
export function withRequestedAttributes(answer: string, { MessageAttributeNames }: Json): string {
  if (!answer.includes('"MessageAttributes"')) return answer;
  const names = (Array.isArray(MessageAttributeNames) ? MessageAttributeNames : []).map(String);
  if (names.includes("All") || names.includes(".*")) return answer;
  const isRequested = (name: string): boolean =>
    names.some(
      (wanted) => wanted === name || (wanted.endsWith(".*") && name.startsWith(wanted.slice(0, -2))),
    );
  const received = JSON.parse(answer) as Received;
  for (const message of received.Messages ?? []) {
    const kept = Object.entries(message.MessageAttributes ?? {}).filter(([name]) => isRequested(name));
    delete message.MessageAttributes;
    delete message.MD5OfMessageAttributes;
    if (kept.length === 0) continue;
    message.MessageAttributes = Object.fromEntries(kept);
    message.MD5OfMessageAttributes = digestOf(kept);
  }
  return JSON.stringify(received);
}

/** SQS's digest: names, types and values in the order of names, each after its length in four bytes. */
function digestOf(attributes: readonly (readonly [string, Attribute])[]): string {
  const hash = createHash("md5");
  const add = (bytes: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const [name, { DataType, StringValue, BinaryValue }] of attributes.toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  )) {
    add(Buffer.from(name));
    add(Buffer.from(DataType));
    const isText = StringValue !== undefined;
    hash.update(Buffer.from([isText ? 1 : 2]));
    add(isText ? Buffer.from(StringValue) : Buffer.from(BinaryValue ?? "", "base64"));
  }
  return hash.digest("hex");
}
