import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type Fault, type LocalAws, startLocalAws } from "@streamwarden/local";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { faultConfig } from "../support/fault-config.ts";
import {
  balanceLines,
  bundledConsumer,
  LambdaFunction,
  type QueueRecord,
} from "../support/lambda-function.ts";
import { receiveBatch } from "../support/queues.ts";
import { createChannel } from "../support/records.ts";
import { alertIds, subscribeQueue } from "../support/topic.ts";

/** Short, and long enough that a busy machine cannot use up what is kept for the answer. */
const remainingMilliseconds = 10_000;

let folder: string;
let task: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "streamwarden-deadlines-"));
  ({ task } = await bundledConsumer(folder));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let aws: LocalAws;
let sqs: SQSClient;
let consumer: LambdaFunction;
let inbox: string;
beforeEach(async () => {
  aws = await startLocalAws({ maximumReceives: 1000, visibilityTimeoutSeconds: 180 });
  sqs = new SQSClient({ region: aws.region, credentials: aws.credentials, endpoint: aws.endpoints.sqs });
  inbox = await subscribeQueue(aws, "every-alert");
  consumer = new LambdaFunction(task, { ...aws.environment, STREAMWARDEN_CONFIG: faultConfig });
});
afterEach(async () => {
  await consumer.close();
  sqs.destroy();
  await aws.close();
});

/** A batch as the event source mapping takes it from the queue. */
async function batch(count: number): Promise<readonly QueueRecord[]> {
  for (let index = 0; index < count; index += 1) {
    const MessageBody = JSON.stringify(createChannel({ eventID: `e${index}`, user: `user-${index}` }));
    await sqs.send(new SendMessageCommand({ QueueUrl: aws.resources.queueUrl, MessageBody }));
  }
  return await receiveBatch(sqs, aws.resources.queueUrl);
}

async function invoke(records: readonly QueueRecord[]) {
  return await consumer.invoke(records, { remainingMilliseconds });
}

function idsOf(records: readonly QueueRecord[]) {
  return { batchItemFailures: records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

describe.each<[string, Fault]>([
  ["a table that hangs", { service: "dynamodb", kind: "timeout" }],
  ["a table that hangs after each effect", { service: "dynamodb", kind: "accept-then-timeout" }],
  ["a table that throttles", { service: "dynamodb", kind: "throttle" }],
  ["a topic that hangs", { service: "sns", kind: "timeout" }],
])("%s", (_, fault) => {
  test("does not outlive the function: the batch is returned, counted and postponed, and alerts later", async () => {
    const records = await batch(10);
    expect(await consumer.invoke([])).toMatchObject({ ended: "returned" });
    aws.faults.add(fault);
    const postponed = aws.faults.add({
      service: "sqs",
      operation: "ChangeMessageVisibilityBatch",
      kind: "delay",
      delayMilliseconds: 0,
    });

    expect(await invoke(records)).toEqual({ ended: "returned", response: idsOf(records) });

    const lines = balanceLines(consumer.log);
    expect(lines).toMatchObject([{ MessagesReceived: 10, MessagesReturned: 10, MessagesProcessed: 0 }]);
    expect(
      lines.map(({ AlertsOwed, AlertsPublished, AlertsPending }) => [
        AlertsPublished,
        AlertsOwed === AlertsPending,
      ]),
    ).toEqual([[0, true]]);
    expect(aws.faults.list().find(({ id }) => id === postponed)?.hits).toBe(1);

    aws.faults.clear();
    // Leases of what was cut off lapse by themselves: the clock of the next invocation is a minute ahead.
    const now = Date.now() + 60_000;
    const again = records.map((record) => ({ ...record, receiveCount: 2 }));
    expect(await consumer.invoke(again, { now })).toEqual({ ended: "returned", response: idsOf([]) });
    await aws.settled();
    expect(new Set(await alertIds(sqs, inbox)).size).toBe(10);
  });
});

test("a queue that hangs keeps nobody from answering: what cannot be postponed comes after its visibility timeout", async () => {
  const records = await batch(3);
  expect(await consumer.invoke([])).toMatchObject({ ended: "returned" });
  aws.faults.add({ service: "sqs", kind: "timeout", from: "clients" });
  expect(await invoke(records)).toEqual({ ended: "returned", response: idsOf(records) });
  expect(balanceLines(consumer.log)).toMatchObject([{ MessagesReceived: 3, MessagesReturned: 3 }]);
});

test("a function that cannot start in time says so, and its batch is counted as returned", async () => {
  const records = await batch(3);
  aws.faults.add({ service: "sqs", kind: "timeout", from: "clients" });
  expect(await invoke(records)).toEqual({
    ended: "failed",
    error: expect.stringMatching(/The queue .* cannot be used/),
  });
  expect(balanceLines(consumer.log)).toMatchObject([{ MessagesReceived: 3, MessagesReturned: 3 }]);
  aws.faults.clear();
  expect(await invoke(records)).toEqual({ ended: "returned", response: idsOf([]) });
});

test("one document that hangs takes only its own messages back", async () => {
  const records = await batch(10);
  expect(await consumer.invoke([])).toMatchObject({ ended: "returned" });
  // The first write hangs for as long as its call may take, at each of the attempts that fit in.
  aws.faults.add({ service: "dynamodb", operation: "PutItem", kind: "timeout", times: 1 });
  const result = await invoke(records);
  if (result.ended !== "returned") throw new Error(`The function ${result.ended}.`);
  await aws.settled();
  const alerts = new Set(await alertIds(sqs, inbox));
  expect(alerts.size).toBe(10 - result.response.batchItemFailures.length);
  expect(result.response.batchItemFailures.length).toBeLessThanOrEqual(1);
});
