import type { Carrier, JsonObject } from "../record.ts";

/** Where a body came from: files hold wrappers that no queue of ours delivers. */
export type Origin = "message" | "file";

/**
 * One layer around records: the key that carries them and in which form. One table for all who look inside: decoding
 * follows it to the records, redaction to the secrets. A wrapper that only one of them knew would hide one of the two.
 */
export interface Wrapper {
  readonly key: string;
  /**
   * `value` is JSON, `items` a list of it, `text` JSON in a string, `base64` JSON or gzip in base64; `content` is JSON
   * or JSON in a string, whichever it is.
   */
  readonly holds: "value" | "items" | "text" | "base64" | "content";
  /** Whether the queue delivers it: a message is opened by these only, whatever else it looks like. */
  readonly isDelivered: boolean;
  /** What records inside it are said to have come by; without it, what their own wrapper says. */
  readonly carrier?: Carrier;
  /** What the object has beside the key. */
  readonly isMarked?: (value: JsonObject) => boolean;
}

const delivered = { isDelivered: true } as const;
const stored = { isDelivered: false } as const;

/** The first that fits is the one. Sources: the AWS documentation of each service's output and event format. */
export const wrappers: readonly Wrapper[] = [
  // EventBridge
  {
    ...delivered,
    key: "detail",
    holds: "value",
    carrier: "eventbridge",
    isMarked: (value) => typeof value["detail-type"] === "string",
  },
  // SNS
  {
    ...delivered,
    key: "Message",
    holds: "text",
    carrier: "sns",
    isMarked: (value) => typeof value.Type === "string" && typeof value.TopicArn === "string",
  },
  // A trail file, and the Lambda events of SQS, SNS and Kinesis
  { ...delivered, key: "Records", holds: "items", carrier: "trail-file" },
  // LookupEvents: a page and an item
  { ...delivered, key: "Events", holds: "items", carrier: "lookup" },
  { ...delivered, key: "CloudTrailEvent", holds: "text", carrier: "lookup" },
  // CloudWatch Logs: what a Lambda function gets, a subscription's message, `filter-log-events`, Logs Insights, one event
  { ...stored, key: "awslogs", holds: "value" },
  { ...stored, key: "logEvents", holds: "items" },
  { ...stored, key: "events", holds: "items" },
  { ...stored, key: "results", holds: "items" },
  { ...stored, key: "@message", holds: "content" },
  { ...stored, key: "value", holds: "content", isMarked: ({ field }) => field === "@message" },
  { ...stored, key: "message", holds: "content" },
  // SQS: `receive-message`, one message, and an item of a Lambda event
  { ...stored, key: "Messages", holds: "items" },
  { ...stored, key: "Body", holds: "content" },
  { ...stored, key: "body", holds: "content" },
  // SNS in a Lambda event
  { ...stored, key: "Sns", holds: "value" },
  // Kinesis and Firehose: an item of a Lambda event, `get-records`, a Firehose transformation's event
  { ...stored, key: "kinesis", holds: "value" },
  { ...stored, key: "records", holds: "items" },
  { ...stored, key: "data", holds: "base64" },
  { ...stored, key: "Data", holds: "base64" },
  // What Lambda keeps of an invocation that failed
  { ...stored, key: "requestPayload", holds: "content" },
];

const deliveredWrappers = wrappers.filter(({ isDelivered }) => isDelivered);
const storedWrappers = wrappers.filter(({ isDelivered }) => !isDelivered);

/** The wrapper that an object is, of those that a queue delivers. */
export function deliveredWrapperOf(value: JsonObject): Wrapper | undefined {
  return deliveredWrappers.find((wrapper) => isWrappedIn(wrapper, value));
}

/** The wrapper that an object is, of those that only files hold. Ask only of an object that is not a record. */
export function storedWrapperOf(value: JsonObject): Wrapper | undefined {
  return storedWrappers.find((wrapper) => isWrappedIn(wrapper, value));
}

function isWrappedIn(wrapper: Wrapper, value: JsonObject): boolean {
  return carries(wrapper, value) && (wrapper.isMarked?.(value) ?? true);
}

/** Whether the object has the wrapper's key, with something of the wrapper's form under it. */
export function carries({ key, holds }: Wrapper, value: JsonObject): boolean {
  if (!Object.hasOwn(value, key)) return false;
  const carried = value[key];
  switch (holds) {
    // Nothing is something too: an envelope around it is an envelope.
    case "value":
      return key === "detail" || (typeof carried === "object" && carried !== null);
    case "items":
      return Array.isArray(carried);
    case "text":
    case "base64":
      return typeof carried === "string";
    case "content":
      return typeof carried === "string" || (typeof carried === "object" && carried !== null);
  }
}
