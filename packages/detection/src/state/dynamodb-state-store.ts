import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { type Clock, systemClock } from "@streamwarden/base";
import { StateStoreError } from "../errors.ts";
import { KeyedLock } from "./keyed-lock.ts";
import type { StateStore, StoreCall } from "./state-store.ts";

export interface DynamoDbStateStoreOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly clock?: Clock;
  /** How many lost races are retried before the store counts as contended. */
  readonly maximumConflicts?: number;
  /** Uniform in [0, 1): the jitter of retries. */
  readonly random?: () => number;
}

/** What a row holds. `writer` tells our own write, whose answer was lost, from somebody else's. */
interface Row {
  readonly version: number;
  readonly document: unknown;
  readonly writer: string;
}

const longestPauseMilliseconds = 400;

/**
 * State in one DynamoDB table: partition key `pk` (S), `version` (N), `document` (S, JSON), `writer` (S) and
 * `expiresAt` (N, epoch seconds: the table's TTL attribute). A change is a consistent read and a put on the
 * condition that the version is still the one that was read.
 */
export class DynamoDbStateStore implements StateStore {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #clock: Clock;
  readonly #maximumConflicts: number;
  readonly #random: () => number;
  readonly #lock = new KeyedLock();

  constructor(options: DynamoDbStateStoreOptions) {
    this.#client = options.client;
    this.#tableName = options.tableName;
    this.#clock = options.clock ?? systemClock;
    this.#maximumConflicts = options.maximumConflicts ?? 20;
    this.#random = options.random ?? Math.random;
  }

  async read<T>(key: string, call: StoreCall = {}): Promise<T | undefined> {
    const { row, expired } = await this.#read(key, call);
    return row === undefined || expired ? undefined : (row.document as T);
  }

  async update<T>(
    key: string,
    ttlSeconds: number,
    change: (current: T | undefined) => T,
    call: StoreCall = {},
  ): Promise<T> {
    return await this.#lock.run(key, () => this.#update(key, ttlSeconds, change, call));
  }

  async #update<T>(
    key: string,
    ttlSeconds: number,
    change: (current: T | undefined) => T,
    call: StoreCall,
  ): Promise<T> {
    let written: { writer: string; version: number; document: T } | undefined;
    for (let conflicts = 0; ; conflicts += 1) {
      const { row, expired } = await this.#read(key, call);
      if (written !== undefined && row?.writer === written.writer && row.version === written.version)
        return written.document;
      const current = row === undefined || expired ? undefined : (row.document as T);
      const document = change(current);
      if (document === current) return document;
      written = { writer: randomUUID(), version: (row?.version ?? 0) + 1, document };
      if (await this.#write(key, ttlSeconds, { readVersion: row?.version, next: written, call }))
        return document;
      if (conflicts >= this.#maximumConflicts) {
        throw new StateStoreError(
          "state-store-contended",
          `The state document ${key} in table ${this.#tableName} changed ${conflicts + 1} times while it was being updated. The messages go back to the queue; fewer concurrent consumers would help.`,
        );
      }
      const ceiling = Math.min(longestPauseMilliseconds, 5 * 2 ** conflicts);
      await delay(ceiling * this.#random());
    }
  }

  async #read(key: string, { signal }: StoreCall): Promise<{ row: Row | undefined; expired: boolean }> {
    const answer = await this.#send(() =>
      this.#client.send(
        new GetItemCommand({ TableName: this.#tableName, Key: { pk: { S: key } }, ConsistentRead: true }),
        sdkOptions(signal),
      ),
    );
    const item = answer.Item;
    if (item === undefined) return { row: undefined, expired: false };
    const row = {
      version: Number(item.version?.N ?? 0),
      document: documentOf(item, this.#tableName),
      writer: item.writer?.S ?? "",
    };
    return { row, expired: this.#isExpired(item) };
  }

  /** DynamoDB removes expired items up to days late. */
  #isExpired(item: Record<string, AttributeValue>): boolean {
    return Number(item.expiresAt?.N ?? Number.POSITIVE_INFINITY) * 1000 <= this.#clock.now();
  }

  /** False when another writer was first. */
  async #write(
    key: string,
    ttlSeconds: number,
    {
      readVersion,
      next,
      call,
    }: { readonly readVersion: number | undefined; readonly next: Row; readonly call: StoreCall },
  ): Promise<boolean> {
    const condition =
      readVersion === undefined
        ? { ConditionExpression: "attribute_not_exists(pk)" }
        : {
            ConditionExpression: "#version = :read",
            ExpressionAttributeNames: { "#version": "version" },
            ExpressionAttributeValues: { ":read": { N: String(readVersion) } },
          };
    try {
      await this.#send(() =>
        this.#client.send(
          new PutItemCommand({
            TableName: this.#tableName,
            Item: {
              pk: { S: key },
              version: { N: String(next.version) },
              document: { S: JSON.stringify(next.document) },
              writer: { S: next.writer },
              expiresAt: { N: String(Math.ceil(this.#clock.now() / 1000) + ttlSeconds) },
            },
            ...condition,
          }),
          sdkOptions(call.signal),
        ),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  /** The documents whose key starts with `prefix`, sorted by key. Scans the table: for tests and audits only. */
  async list(prefix = ""): Promise<{ readonly key: string; readonly document: unknown }[]> {
    const found: { key: string; document: unknown }[] = [];
    let from: Record<string, AttributeValue> | undefined;
    do {
      const start = from;
      const page = await this.#send(() =>
        this.#client.send(
          new ScanCommand({
            TableName: this.#tableName,
            ConsistentRead: true,
            ...(start === undefined ? {} : { ExclusiveStartKey: start }),
          }),
        ),
      );
      for (const item of page.Items ?? []) {
        const key = item.pk?.S ?? "";
        if (key.startsWith(prefix) && !this.#isExpired(item))
          found.push({ key, document: documentOf(item, this.#tableName) });
      }
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
    return found.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async #send<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) throw error;
      throw stateStoreError(error, this.#tableName);
    }
  }
}

function sdkOptions(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

function documentOf({ pk, document }: Record<string, AttributeValue>, tableName: string): unknown {
  try {
    return JSON.parse(document?.S ?? "");
  } catch (error) {
    throw new StateStoreError(
      "state-document-unreadable",
      `The item ${pk?.S} of table ${tableName} holds no JSON document. Its messages wait in the queue: restore the item from a backup of the table, or delete it and lose what it knew (docs/operations.md, "A state document that cannot be read").`,
      { cause: error },
    );
  }
}

const rejections: Record<string, string> = {
  ResourceNotFoundException: "does not exist: check STREAMWARDEN_STATE_TABLE and the region",
  AccessDeniedException:
    "may not be used by this role: grant it dynamodb:GetItem and dynamodb:PutItem on the table",
  UnrecognizedClientException: "does not accept these credentials: check the role of the consumer",
};

function advice(name: string): string {
  return /Throttl|ThroughputExceeded|RequestLimit/.test(name)
    ? "if this lasts, raise the table's capacity or set it to on-demand"
    : "check the network path to DynamoDB and the AWS health dashboard";
}

function stateStoreError(error: unknown, tableName: string): StateStoreError {
  const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
  const rejection = rejections[name];
  if (rejection !== undefined)
    return new StateStoreError("state-store-refused", `The state table ${tableName} ${rejection}.`, {
      cause: error,
    });
  if (name === "ValidationException" && /size/i.test(message)) {
    return new StateStoreError(
      "state-document-too-large",
      `A state document outgrew the 400 KB that DynamoDB holds in table ${tableName}.`,
      { cause: error },
    );
  }
  return new StateStoreError(
    "state-store-unavailable",
    `The state table ${tableName} cannot be reached (${name}: ${message}): the messages wait in the queue; ${advice(name)}.`,
    { cause: error },
  );
}
