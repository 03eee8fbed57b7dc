import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDbStateStore, MemoryStateStore, type StateStore } from "@streamwarden/detection";
import { type LocalAws, startLocalAws } from "@streamwarden/local";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

interface Listing extends StateStore {
  list(prefix?: string): unknown[] | Promise<unknown[]>;
}

let aws: LocalAws;
let client: DynamoDBClient;
let now = Date.parse("2026-01-01T00:00:00Z");
const clock = { now: () => now };

beforeAll(async () => {
  aws = await startLocalAws();
  client = new DynamoDBClient({
    endpoint: aws.endpoints.dynamodb,
    region: aws.region,
    credentials: aws.credentials,
    maxAttempts: 3,
  });
});

afterAll(async () => {
  client.destroy();
  await aws.close();
});

function dynamodb(): DynamoDbStateStore {
  return new DynamoDbStateStore({ client, tableName: aws.resources.stateTable, clock });
}

/** One contract for every store: `same` opens the same state again, as another consumer would. */
const stores: [string, () => { store: Listing; same: () => Listing }][] = [
  [
    "memory",
    () => {
      const store = new MemoryStateStore({ clock });
      return { store, same: () => store };
    },
  ],
  ["DynamoDB", () => ({ store: dynamodb(), same: dynamodb })],
];

describe.each(stores)("the state store contract: %s", (name, open) => {
  let store: Listing;
  let same: () => Listing;
  let key: string;

  beforeEach(({ task }) => {
    ({ store, same } = open());
    key = `contract#${name}#${task.id}`;
  });

  test("reads what is written, and nothing of what is not there or expired", async () => {
    expect(await store.read(key)).toBeUndefined();
    await store.update(key, 60, () => ({ n: 1 }));
    expect(await same().read(key)).toEqual({ n: 1 });
    now += 30_000;
    await store.read(key);
    now += 31_000;
    expect(await same().read(key)).toBeUndefined();
  });

  test("a new key starts undefined, and the change is what comes back and what is kept", async () => {
    const seen: unknown[] = [];
    const change = (current: { n: number } | undefined) => {
      seen.push(current);
      return { n: (current?.n ?? 0) + 1 };
    };
    expect(await store.update(key, 60, change)).toEqual({ n: 1 });
    expect(await same().update(key, 60, change)).toEqual({ n: 2 });
    expect(seen).toEqual([undefined, { n: 1 }]);
  });

  test("returning the same document writes nothing, so it does not live longer", async () => {
    await store.update(key, 60, () => ({ kept: true }));
    now += 40_000;
    await store.update<unknown>(key, 60, (current) => current);
    now += 40_000;
    expect(await store.read(key)).toBeUndefined();
  });

  test("a document expires after its time to live, counted from its last write", async () => {
    await store.update(key, 60, () => ({ n: 1 }));
    now += 59_000;
    await store.update(key, 60, () => ({ n: 2 }));
    now += 59_000;
    expect(await store.read(key)).toEqual({ n: 2 });
    now += 2000;
    expect(await store.update(key, 60, (current: { n: number } | undefined) => current ?? { n: 3 })).toEqual({
      n: 3,
    });
  });

  test("concurrent changes all happen, none is lost", async () => {
    const writers = [store, same(), same(), same()];
    const increments = Array.from({ length: 40 }, (_, index) =>
      writers[index % writers.length]?.update(key, 60, (current: number[] | undefined) => [
        ...(current ?? []),
        index,
      ]),
    );
    await Promise.all(increments);
    const final = await store.update<number[]>(key, 60, (current) => current ?? []);
    expect(final.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, index) => index));
  });

  test("a change that throws changes nothing and reaches the caller", async () => {
    await store.update(key, 60, () => "before");
    const failing = store.update<string>(key, 60, () => {
      throw new Error("a defect in a reducer");
    });
    await expect(failing).rejects.toThrow("a defect in a reducer");
    expect(await store.update<string>(key, 60, (current) => current ?? "")).toBe("before");
  });

  test("any JSON document comes back as it was", async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue({ maxDepth: 3 }).filter((value) => !JSON.stringify(value).includes("-0")),
        async (value) => {
          count += 1;
          const document = { value: JSON.parse(JSON.stringify(value)) as unknown };
          await store.update(`${key}#${count}`, 60, () => document);
          expect(await same().read(`${key}#${count}`)).toEqual(document);
        },
      ),
      { numRuns: 30 },
    );
  });

  test("lists the living documents under a prefix", async () => {
    await store.update(`${key}#b`, 60, () => 2);
    await store.update(`${key}#a`, 60, () => 1);
    await store.update(`${key}#gone`, 1, () => 3);
    now += 5000;
    const listed = await store.list(`${key}#`);
    expect(listed).toEqual([
      { key: `${key}#a`, document: 1 },
      { key: `${key}#b`, document: 2 },
    ]);
  });
});

describe("DynamoDB's troubles", () => {
  const key = "trouble";

  test("a write whose answer is lost is recognised as ours and made once", async () => {
    const fault = aws.faults.add({
      service: "dynamodb",
      operation: "PutItem",
      kind: "accept-then-timeout",
      times: 1,
    });
    const impatient = new DynamoDBClient({
      endpoint: aws.endpoints.dynamodb,
      region: aws.region,
      credentials: aws.credentials,
      requestHandler: { requestTimeout: 300, throwOnRequestTimeout: true },
    });
    const store = new DynamoDbStateStore({ client: impatient, tableName: aws.resources.stateTable, clock });
    let runs = 0;
    await store.update(key, 60, (current: number | undefined) => {
      runs += 1;
      return (current ?? 0) + 1;
    });
    impatient.destroy();
    aws.faults.remove(fault);
    expect(runs).toBe(1);
    expect(await dynamodb().update<number>(key, 60, (current) => current ?? 0)).toBe(1);
  });

  test.each([
    ["error-500", "state-store-unavailable"],
    ["throttle", "state-store-unavailable"],
    ["access-denied", "state-store-refused"],
    ["not-found", "state-store-refused"],
    ["conflict", "state-store-contended"],
  ] as const)("%s is %s, a sentence that names the table", async (kind, code) => {
    const fault = aws.faults.add({ service: "dynamodb", operation: "PutItem", kind });
    const store = new DynamoDbStateStore({
      client,
      tableName: aws.resources.stateTable,
      clock,
      maximumConflicts: 3,
      random: () => 0,
    });
    await expect(store.update("refused", 60, () => kind)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/streamwarden-state .*\.$/),
    });
    aws.faults.remove(fault);
  });

  test("a document beyond 400 KB is rejected by name", async () => {
    await expect(dynamodb().update("large", 60, () => "x".repeat(500_000))).rejects.toMatchObject({
      code: "state-document-too-large",
    });
  });
});
