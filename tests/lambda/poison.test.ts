import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DeleteMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type Fault, type LocalAws, startLocalAws } from "@streamwarden/local";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { faultConfig } from "../support/fault-config.ts";
import { bundledConsumer, type Ended, LambdaFunction } from "../support/lambda-function.ts";
import { backlog, drain, eventually, receiveBatch, sendAll } from "../support/queues.ts";
import { createChannel } from "../support/records.ts";
import { alertIds, subscribeQueue } from "../support/topic.ts";

const poison = fileURLToPath(new URL("../support/poison.ts", import.meta.url));
const execArgv = ["--import", poison, "--max-old-space-size=128"];
/** Of the functions here; one that loops is killed then. */
const timeoutMilliseconds = 4500;

let folder: string;
let task: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "streamwarden-poison-"));
  ({ task } = await bundledConsumer(folder));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let aws: LocalAws;
let sqs: SQSClient;
let consumer: LambdaFunction;
let inbox: string;
beforeEach(async () => {
  aws = await startLocalAws({ maximumReceives: 1000, visibilityTimeoutSeconds: 6 });
  sqs = new SQSClient({ region: aws.region, credentials: aws.credentials, endpoint: aws.endpoints.sqs });
  inbox = await subscribeQueue(aws, "every-alert");
  consumer = new LambdaFunction(task, { ...aws.environment, STREAMWARDEN_CONFIG: faultConfig }, execArgv);
});
afterEach(async () => {
  await consumer.close();
  sqs.destroy();
  await aws.close();
});

/** Takes one batch to the function as the event source mapping does, and deletes what it does not name. */
async function deliver(): Promise<Ended["ended"] | "nothing"> {
  const records = await receiveBatch(sqs, aws.resources.queueUrl, 1);
  if (records.length === 0) return "nothing";
  const result = await consumer.invoke(records, { remainingMilliseconds: timeoutMilliseconds });
  if (result.ended !== "returned") return result.ended;
  const back = new Set(result.response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const Entries = records
    .filter(({ messageId }) => !back.has(messageId))
    .map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }));
  if (Entries.length > 0)
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: aws.resources.queueUrl, Entries }));
  return "returned";
}

/** Delivers until the queue is empty; how each invocation ended. */
async function untilEmpty(): Promise<string[]> {
  const ends: string[] = [];
  await eventually(
    "the queue is empty",
    async () => {
      const end = await deliver();
      if (end !== "nothing") ends.push(end);
      return (await backlog(sqs, aws.resources.queueUrl)) === 0;
    },
    160,
  );
  return ends;
}

function neighbours(): string[] {
  return Array.from({ length: 9 }, (_, index) =>
    JSON.stringify(createChannel({ eventID: `good-${index}`, user: `user-${index}` })),
  );
}

const eventID = "11111111-2222-4333-8444-555555555555";

describe.each(["exit", "memory", "loop"])("a message that ends the process (%s)", (way) => {
  test("holds up nine neighbours for a moment, and ends in the dead-letter queue without being read again", async () => {
    const bad = JSON.stringify(createChannel({ eventID, user: "mallory", userAgent: `poison-${way}` }));
    await sendAll(sqs, aws.resources.queueUrl, [...neighbours().slice(0, 4), bad, ...neighbours().slice(4)]);

    const ends = await untilEmpty();

    // Twice among the others, twice alone.
    expect(ends.filter((end) => end === (way === "loop" ? "timed-out" : "died"))).toHaveLength(4);
    await aws.settled();
    expect(new Set(await alertIds(sqs, inbox)).size).toBe(9);
    const [letter, ...others] = await drain(sqs, aws.resources.deadLetterQueueUrl);
    expect(others).toEqual([]);
    expect(letter?.MessageAttributes?.reason?.StringValue).toBe("killed-the-process");
    expect(JSON.parse(letter?.Body ?? "")).toMatchObject({ eventIds: [eventID], bytes: bad.length });
    expect(letter?.Body).not.toContain("mallory");
  });
});

describe.each<[string, Fault]>([
  ["the table is throttled", { service: "dynamodb", kind: "throttle", probability: 0.7 }],
  ["the table hangs now and then", { service: "dynamodb", kind: "timeout", probability: 0.2 }],
  [
    "the table takes no writes now and then",
    { service: "dynamodb", operation: "PutItem", kind: "throttle", probability: 0.7 },
  ],
  ["the topic is away", { service: "sns", operation: "Publish", kind: "error-500", probability: 0.9 }],
])("while %s", (_, fault) => {
  test("nothing looks like poison, and every alert arrives in the end", async () => {
    await sendAll(sqs, aws.resources.queueUrl, neighbours());
    aws.faults.add({ ...fault, from: "clients" });
    const ends: string[] = [];
    for (let round = 0; round < 6; round += 1) ends.push(await deliver());
    expect(new Set(ends)).toEqual(new Set(ends.filter((end) => end === "returned" || end === "nothing")));
    aws.faults.clear();
    await untilEmpty();
    await aws.settled();
    expect(new Set(await alertIds(sqs, inbox)).size).toBe(9);
    expect(await drain(sqs, aws.resources.deadLetterQueueUrl)).toEqual([]);
  });
});
