import type { Clock } from "@streamwarden/base";
import { AwsServiceError } from "../errors.ts";

/**
 * What SQS rejects and fauxqs takes. A mistake that passes here and fails on AWS is found by the first customer, so each
 * check has AWS's code and wording.
 */
export type Json = Readonly<Record<string, unknown>>;

export interface FailedEntry {
  readonly Id: string;
  readonly SenderFault: true;
  readonly Code: string;
  readonly Message: string;
}

const maximumDelaySeconds = 900;
const maximumEntries = 10;
const maximumAttributes = 10;
const maximumAttributeName = 256;
const purgePauseMilliseconds = 60_000;

function invalidValue(message: string): AwsServiceError {
  return new AwsServiceError("InvalidParameterValue", message);
}
function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The body of a request. @throws AwsServiceError (SerializationException) */
export function parseRequest(body: string): Json {
  try {
    const value: unknown = JSON.parse(body === "" ? "{}" : body);
    if (isObject(value)) return value;
  } catch {
    // Answered below: to the caller both are the same mistake.
  }
  throw new AwsServiceError("SerializationException", "The request is not a JSON object.");
}

type Check = (request: Json) => void;

/** @throws AwsServiceError for the first thing that SQS rejects about a request as a whole */
const requestChecks: Readonly<Record<string, Check>> = {
  SendMessage: checkMessage,
  DeleteMessage: checkReceiptHandle,
  ChangeMessageVisibility: checkReceiptHandle,
  SendMessageBatch: checkEntryIds,
  DeleteMessageBatch: checkEntryIds,
  ChangeMessageVisibilityBatch: checkEntryIds,
  CreateQueue: (request) => {
    if (
      typeof request.QueueName !== "string" ||
      !/^[\w-]{1,80}$|^[\w-]{1,75}\.fifo$/.test(request.QueueName)
    ) {
      throw invalidValue(
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
      );
    }
    checkQueueAttributes(request);
  },
  SetQueueAttributes: checkQueueAttributes,
};

const entryChecks: Readonly<Record<string, Check>> = {
  SendMessageBatch: checkMessage,
  DeleteMessageBatch: checkReceiptHandle,
};

export function checkRequest(operation: string, request: Json): void {
  if (Object.hasOwn(requestChecks, operation)) requestChecks[operation]?.(request);
}

/** The entries of a batch that fail on their own, while the others take effect. */
export function failedEntries(operation: string, request: Json): readonly FailedEntry[] {
  const check = Object.hasOwn(entryChecks, operation) ? entryChecks[operation] : undefined;
  if (check === undefined) return [];
  const entries = entriesOf(request);
  // Such a batch is rejected as a whole.
  if (entries.length > maximumEntries || new Set(entries.map(({ Id }) => Id)).size < entries.length)
    return [];
  return entries.flatMap((entry): readonly FailedEntry[] => {
    try {
      check(entry);
      return [];
    } catch (error) {
      if (!(error instanceof AwsServiceError)) throw error;
      return [{ Id: String(entry.Id), SenderFault: true, Code: error.awsCode, Message: error.message }];
    }
  });
}

/** SQS lets a queue be purged once in 60 seconds. @throws AwsServiceError (PurgeQueueInProgress) */
export class PurgeLimit {
  readonly #purgedAt = new Map<string, number>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  check(queueUrl: string): void {
    const name = queueUrl.slice(queueUrl.lastIndexOf("/") + 1);
    const now = this.#clock.now();
    if (now - (this.#purgedAt.get(name) ?? Number.NEGATIVE_INFINITY) < purgePauseMilliseconds) {
      throw new AwsServiceError(
        "PurgeQueueInProgress",
        `Only one PurgeQueue operation on ${name} is allowed every 60 seconds.`,
        403,
      );
    }
    this.#purgedAt.set(name, now);
  }
}

function entriesOf(request: Json): readonly Json[] {
  return (Array.isArray(request.Entries) ? request.Entries : []).filter(isObject);
}

function checkEntryIds(request: Json): void {
  for (const { Id } of entriesOf(request)) {
    if (typeof Id === "string" && /^[\w-]{1,80}$/.test(Id)) continue;
    throw new AwsServiceError(
      "InvalidBatchEntryId",
      "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
    );
  }
}

function checkMessage({ MessageBody, DelaySeconds, MessageAttributes }: Json): void {
  if (MessageBody === undefined || MessageBody === "") {
    throw new AwsServiceError("MissingParameter", "The request must contain the parameter MessageBody.");
  }
  if (DelaySeconds !== undefined && !isWholeWithin(DelaySeconds, 0, maximumDelaySeconds)) {
    throw invalidValue(
      `Value ${String(DelaySeconds)} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= ${maximumDelaySeconds}.`,
    );
  }
  const attributes = isObject(MessageAttributes) ? Object.entries(MessageAttributes) : [];
  if (attributes.length > maximumAttributes) {
    throw invalidValue(
      `Number of message attributes [${attributes.length}] exceeds the allowed maximum [${maximumAttributes}].`,
    );
  }
  for (const [name, value] of attributes) checkAttribute(name, isObject(value) ? value : {});
}

function checkAttribute(name: string, { DataType, StringValue, BinaryValue }: Json): void {
  if (/^(aws|amazon)\./i.test(name)) {
    throw invalidValue(
      "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for internal use.",
    );
  }
  const isName = /^[\w.-]+$/.test(name) && !/^\.|\.$|\.\./.test(name) && name.length <= maximumAttributeName;
  if (!isName) {
    throw invalidValue(
      `The message attribute name '${name.slice(0, 100)}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters.`,
    );
  }
  const type =
    typeof DataType === "string" ? /^(String|Number|Binary)(\..+)?$/.exec(DataType)?.[1] : undefined;
  if (type === undefined) {
    throw invalidValue(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  const value = type === "Binary" ? BinaryValue : StringValue;
  if (typeof value !== "string" || value === "") {
    throw invalidValue(`The message attribute '${name}' must contain a non-empty value of type '${type}'.`);
  }
  if (type === "Number" && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) {
    throw invalidValue(`Can't cast the value of message attribute '${name}' to a number.`);
  }
}

/** Handles of fauxqs are UUIDs. One of a message that is gone is valid, as on AWS. */
function checkReceiptHandle({ ReceiptHandle }: Json): void {
  const isHandle =
    typeof ReceiptHandle === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(ReceiptHandle);
  if (isHandle || ReceiptHandle === undefined || ReceiptHandle === "") return;
  throw new AwsServiceError(
    "ReceiptHandleIsInvalid",
    `The input receipt handle "${String(ReceiptHandle).slice(0, 100)}" is not a valid receipt handle.`,
  );
}

const queueAttributes = new Set(
  `DelaySeconds MaximumMessageSize MessageRetentionPeriod Policy ReceiveMessageWaitTimeSeconds VisibilityTimeout
  RedrivePolicy RedriveAllowPolicy KmsMasterKeyId KmsDataKeyReusePeriodSeconds SqsManagedSseEnabled FifoQueue
  ContentBasedDeduplication DeduplicationScope FifoThroughputLimit`.split(/\s+/),
);

function checkQueueAttributes({ Attributes }: Json): void {
  if (!isObject(Attributes)) return;
  const unknown = Object.keys(Attributes).find((name) => !queueAttributes.has(name));
  if (unknown !== undefined) {
    throw new AwsServiceError("InvalidAttributeName", `Unknown Attribute ${unknown.slice(0, 100)}.`);
  }
  const { RedrivePolicy } = Attributes;
  if (RedrivePolicy !== undefined && RedrivePolicy !== "") checkRedrivePolicy(String(RedrivePolicy));
}

function checkRedrivePolicy(text: string): void {
  const rejected = (reason: string): AwsServiceError =>
    invalidValue(`Value ${text.slice(0, 200)} for parameter RedrivePolicy is invalid. Reason: ${reason}`);
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch {
    // Answered below.
  }
  if (!isObject(policy)) throw rejected("Redrive policy is not a valid JSON map.");
  const receives = Number(policy.maxReceiveCount);
  if (!isWholeWithin(receives, 1, 1_000)) {
    throw rejected(
      `Invalid value for maxReceiveCount: ${String(policy.maxReceiveCount)}, valid values are from 1 to 1000 both inclusive.`,
    );
  }
}

function isWholeWithin(value: unknown, minimum: number, maximum: number): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= minimum && value <= maximum;
}
