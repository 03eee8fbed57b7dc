import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SQSClient } from "@aws-sdk/client-sqs";
import { timerBody } from "@streamwarden/detection";
import { type LocalAws, startLocalAws } from "@streamwarden/local";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Graph } from "../stacks/graph.ts";
import { allowsRecursion, bundledConsumer, LambdaFunction } from "../support/lambda-function.ts";
import { drain } from "../support/queues.ts";
import { createChannel } from "../support/records.ts";
import { TimerWheel, traceOf } from "../support/timer-wheel.ts";
import { subscribeQueue } from "../support/topic.ts";

const configFile = fileURLToPath(new URL("config/streamwarden.yml", import.meta.url));
const hour = 3_600_000;
const day = 24 * hour;
/** A moment after windows of four hours, a day and a week began together. */
const start = Math.ceil(Date.parse("2026-01-01T00:00:00Z") / (7 * day)) * 7 * day + 60_000;
/** Lambda drops what would be invocation number 17 of one chain. */
const longestChain = 16;

let folder: string;
let task: string;
let graph: Graph;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "streamwarden-timers-"));
  ({ task, graph } = await bundledConsumer(folder));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let aws: LocalAws;
let sqs: SQSClient;
let wheel: TimerWheel;
let consumer: LambdaFunction;
let inbox: string;
beforeEach(async () => {
  aws = await startLocalAws();
  sqs = new SQSClient({ region: aws.region, credentials: aws.credentials, endpoint: aws.endpoints.sqs });
  inbox = await subscribeQueue(aws, "every-alert");
  wheel = await TimerWheel.start(aws.endpoints.sqs, "streamwarden-timers", start);
  consumer = new LambdaFunction(task, {
    ...aws.environment,
    AWS_ENDPOINT_URL_SQS: wheel.endpoint,
    STREAMWARDEN_CONFIG: configFile,
    STREAMWARDEN_LOG_LEVEL: "error",
  });
});
afterEach(async () => {
  await consumer.close();
  await wheel.close();
  sqs.destroy();
  await aws.close();
});

/** Invokes the function with one message, as the next of its chain; false where Lambda would have dropped it. */
async function invoke(
  message: { readonly id: string; readonly body: string; readonly invocations: number },
  recursion: "Allow" | "Terminate",
): Promise<boolean> {
  if (message.invocations >= longestChain && recursion === "Terminate") return false;
  const result = await consumer.invoke([{ messageId: message.id, body: message.body }], {
    now: wheel.now,
    traceId: traceOf(message.invocations + 1),
    sourceArn: "arn:aws:sqs:us-east-1:000000000000:streamwarden-timers",
  });
  expect(result).toEqual({ ended: "returned", response: { batchItemFailures: [] } });
  return true;
}

/** Lets time pass until no timer is left. */
async function untilNoTimer(recursion: "Allow" | "Terminate"): Promise<{ hops: number; dropped: number }> {
  const counts = { hops: 0, dropped: 0 };
  for (let message = wheel.next(); message !== undefined; message = wheel.next()) {
    counts.hops += 1;
    if (!(await invoke(message, recursion))) counts.dropped += 1;
  }
  return counts;
}

async function twoCalls(): Promise<void> {
  const eventTime = new Date(start).toISOString();
  for (const eventID of ["first", "second"])
    await invoke(
      {
        id: eventID,
        body: JSON.stringify(createChannel({ eventID, user: "ann", eventTime })),
        invocations: 0,
      },
      "Allow",
    );
}

/** Alerts that arrived, by policy and what they are about. */
async function alerts(): Promise<string[]> {
  await aws.settled();
  const findings = (await drain(sqs, inbox)).map(({ Body = "" }) => JSON.parse(Body));
  return findings
    .map(({ finding_info, is_alert }) => `${finding_info.analytic.name} ${is_alert ? "alert" : "summary"}`)
    .sort();
}

test("as deployed, timers of four hours, a day and a week survive every hop, and each fires once", async () => {
  await twoCalls();
  expect((await alerts()).length).toBe(3);

  const { hops, dropped } = await untilNoTimer(allowsRecursion(graph) ? "Allow" : "Terminate");

  expect(dropped).toBe(0);
  expect(await alerts()).toEqual([
    "channel-created-24h summary",
    "channel-created-4h summary",
    "channel-created-7d summary",
  ]);
  // 15 minutes a hop, and 15 minutes of allowed lateness.
  expect(hops).toBeGreaterThanOrEqual((7 * day + day + 4 * hour) / (hour / 4));
  expect(wheel.now).toBeLessThan(start + 7 * day + hour);
});

test("where loops are stopped, this test sees the same timers dropped", async () => {
  await twoCalls();
  await alerts();
  const { dropped } = await untilNoTimer("Terminate");
  expect(dropped).toBe(3);
  expect(await alerts()).toEqual([]);
});

test.each([
  ["at the end of time", timerBody({ kind: "digest", minuteStart: 0, at: Number.MAX_SAFE_INTEGER })],
  ["that took every hop", timerBody({ kind: "digest", minuteStart: 0, at: start + day }, 10_000)],
])("a forged timer %s is quarantined with a reason, and is not sent on", async (_, body) => {
  await invoke({ id: "forged", body, invocations: 0 }, "Allow");
  expect(wheel.next()).toBeUndefined();
  const [letter, ...others] = await drain(sqs, aws.resources.deadLetterQueueUrl);
  expect(others).toEqual([]);
  expect(letter?.MessageAttributes?.reason?.StringValue).toBe("timer-hop-limit");
});
