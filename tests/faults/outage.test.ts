import { once } from "node:events";
import { CreateQueueCommand, DeleteQueueCommand } from "@aws-sdk/client-sqs";
import type { Faults } from "@streamwarden/local";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { balanceOf } from "../support/balance.ts";
import { type ConsumerProcess, runConsumerProcess } from "../support/consumer-process.ts";
import { type FaultWorld, startFaultWorld } from "../support/fault-world.ts";
import { backlog, drain, eventually, sendAll } from "../support/queues.ts";
import { createChannel } from "../support/records.ts";

type Fault = Parameters<Faults["add"]>[0];

const visibilityTimeoutSeconds = 10;
const messages = 20;
const receivers = 3;

let world: FaultWorld;
beforeAll(async () => {
  world = await startFaultWorld({ visibilityTimeoutSeconds });
});
afterAll(() => world.close());

function records(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    JSON.stringify(createChannel({ eventID: `${prefix}-${index}`, user: `${prefix}-${index}` })),
  );
}

function send(bodies: readonly string[]): Promise<void> {
  return sendAll(world.sqs, world.aws.resources.queueUrl, bodies);
}

async function readiness({ url }: ConsumerProcess): Promise<{ status: number; sentence: string }> {
  const answer = await fetch(`${url}/readyz`);
  return { status: answer.status, sentence: await answer.text() };
}

/** One line for the person on call: no stack, no JSON, and not a novel. */
function expectSentence(text: string): void {
  expect(text).toMatch(/^[A-Z][^\n]{20,600}\.\n$/);
  expect(text).not.toMatch(/\bat .*\.ts:\d|undefined|\[object|\{/);
}

async function onlyConsumer(): Promise<ConsumerProcess> {
  await world.scale(1);
  const [consumer] = world.consumers;
  if (consumer === undefined) throw new Error("No consumer runs.");
  await eventually("the consumer is ready", async () => (await readiness(consumer)).status === 200);
  return consumer;
}

interface Outage {
  readonly name: string;
  readonly fault: Fault;
  readonly says: RegExp;
}

describe.each<Outage>([
  {
    name: "the state table denies the role",
    fault: { service: "dynamodb", kind: "access-denied" },
    says: /^The state table streamwarden-state may not be used by this role: grant it dynamodb:/,
  },
  {
    name: "the state table is gone",
    fault: { service: "dynamodb", kind: "not-found" },
    says: /^The state table streamwarden-state does not exist: check STREAMWARDEN_STATE_TABLE/,
  },
  {
    name: "the state table is throttled",
    fault: { service: "dynamodb", kind: "throttle" },
    says: /^The state table streamwarden-state cannot be reached .*capacity/,
  },
  {
    name: "the topic is gone",
    fault: { service: "sns", operation: "Publish", kind: "not-found" },
    says: /^SNS topic arn:aws:sns:\S+ did not take the alert .*STREAMWARDEN_TOPIC_ARN/,
  },
  {
    name: "the permission to publish is revoked",
    fault: { service: "sns", operation: "Publish", kind: "access-denied" },
    says: /^SNS topic arn:aws:sns:\S+ did not take the alert .*sns:Publish/,
  },
  {
    name: "our own queue takes no timers",
    fault: { service: "sqs", operation: "SendMessage", kind: "access-denied", from: "clients" },
    says: /^The queue http:\S+ does not take timers .*sqs:SendMessage/,
  },
])("while $name", ({ name, fault, says }) => {
  test("messages wait, health says in one sentence what to do, and everything flows when it is over", async () => {
    const consumer = await onlyConsumer();
    const before = (await balanceOf(consumer.url)).messages;
    const id = world.aws.faults.add(fault);
    const prefix = name.replaceAll(/\W+/g, "-");
    await send(records(prefix, messages));
    await eventually(
      "every message came back at least once",
      async () => (await balanceOf(consumer.url)).messages.returned - before.returned >= messages * 2,
    );
    const red = await readiness(consumer);
    expect(red.status).toBe(503);
    expect(red.sentence).toMatch(says);
    expectSentence(red.sentence);

    const during = (await balanceOf(consumer.url)).messages;
    expect(during.processed - before.processed, "nothing is acknowledged").toBe(0);
    expect(await backlog(world.sqs, world.aws.resources.queueUrl)).toBe(messages);
    expect(await drain(world.sqs, world.aws.resources.deadLetterQueueUrl)).toEqual([]);
    expect((during.received - before.received) / messages, "receives of a message so far").toBeLessThan(10);

    world.aws.faults.remove(id);
    await world.idle();
    const green = await readiness(consumer);
    expect(green).toEqual({ status: 200, sentence: expect.stringContaining("all its dependencies answer") });
    const incidents = await world.incidents(`${prefix}-`);
    expect(incidents).toHaveLength(messages);
    expect(incidents.flatMap(({ outbox }) => outbox)).toEqual([]);
    expect((await world.arrived()).sort()).toEqual(incidents.map((incident) => `${incident.id}.new`).sort());
    expect(await drain(world.sqs, world.aws.resources.deadLetterQueueUrl)).toEqual([]);
  });
});

describe("the queues themselves", () => {
  test("poison waits while the dead-letter queue is gone, good messages do not", async () => {
    const consumer = await onlyConsumer();
    const { deadLetterQueueUrl, queueUrl, deadLetterQueueArn } = world.aws.resources;
    await world.sqs.send(new DeleteQueueCommand({ QueueUrl: deadLetterQueueUrl }));
    await send(["poison", ...records("beside-poison", 5)]);
    await eventually("health is red", async () => (await readiness(consumer)).status === 503);
    const { sentence } = await readiness(consumer);
    expect(sentence).toMatch(
      /^The dead-letter queue http:\S+ cannot be written .*STREAMWARDEN_DEAD_LETTER_QUEUE_URL/,
    );
    expectSentence(sentence);
    await eventually("the good messages are through", async () => (await backlog(world.sqs, queueUrl)) === 1);
    expect(await world.arrived()).toHaveLength(5);

    await world.sqs.send(
      new CreateQueueCommand({ QueueName: deadLetterQueueArn.split(":").at(-1) ?? "dead" }),
    );
    await world.idle();
    expect((await readiness(consumer)).status).toBe(200);
    const letters = await drain(world.sqs, deadLetterQueueUrl);
    expect(
      letters.map(({ Body, MessageAttributes }) => [Body, MessageAttributes?.reason?.StringValue]),
    ).toEqual([["poison", "not-json"]]);
  });

  test("a queue that may not be received from turns health red, and is polled seldom", async () => {
    const consumer = await onlyConsumer();
    const denied = world.aws.faults.add({
      service: "sqs",
      operation: "ReceiveMessage",
      kind: "access-denied",
    });
    // Polls that are open already take these; each of the next ones is rejected.
    let sent = 0;
    await eventually("every receiver was rejected", async () => {
      await send(records(`denial-${sent++}`, 1));
      return (world.aws.faults.list()[0]?.hits ?? 0) >= receivers;
    });
    const { status, sentence } = await readiness(consumer);
    expect(status).toBe(503);
    expect(sentence).toMatch(/^The queue http:\S+ cannot be used .*sqs:ReceiveMessage/);
    expectSentence(sentence);
    await send(records("after-denial", 5));
    expect(await backlog(world.sqs, world.aws.resources.queueUrl)).toBeGreaterThanOrEqual(5);
    expect(world.aws.faults.list()[0]?.hits, "polls so far").toBeLessThan(receivers * 5);
    world.aws.faults.remove(denied);
    await world.idle();
    await eventually("health is green", async () => (await readiness(consumer)).status === 200);
    expect(await world.arrived()).toHaveLength(sent + 5);
  });
});

describe("SIGTERM", () => {
  /** Resolves with the exit code; a process that outlives the visibility timeout is an error. */
  async function ended({ child }: ConsumerProcess): Promise<number | null> {
    const exited = once(child, "exit");
    const [code] = await Promise.race([
      exited,
      once(AbortSignal.timeout(visibilityTimeoutSeconds * 1000), "abort").then((): [never] => {
        throw new Error(`The consumer still runs ${visibilityTimeoutSeconds} s after SIGTERM.`);
      }),
    ]);
    return code;
  }

  test("twice, in the middle of work: exit code 0, and the next consumer finds everything", async () => {
    const consumer = await onlyConsumer();
    const count = 600;
    await send(records("terminated", count));
    await eventually(
      "it is at work",
      async () => (await backlog(world.sqs, world.aws.resources.queueUrl)) < count - 30,
    );
    const end = ended(consumer);
    consumer.child.kill("SIGTERM");
    // Two signals at once may be delivered as one.
    await eventually("the first signal is noticed", () =>
      consumer.log.some((line) => line.includes("is stopping")),
    );
    consumer.child.kill("SIGTERM");
    expect(await end).toBe(0);
    expect(consumer.log.at(-1)).toContain("consumer stopped");
    expect(await backlog(world.sqs, world.aws.resources.queueUrl), "there was work left").toBeGreaterThan(0);

    await onlyConsumer();
    await world.idle();
    const incidents = await world.incidents("terminated-");
    expect(incidents).toHaveLength(count);
    expect((await world.arrived()).sort()).toEqual(incidents.map(({ id }) => `${id}.new`).sort());
  });

  test("while the state table hangs: the process does not wait for it, and nothing is lost", async () => {
    const consumer = await onlyConsumer();
    const hanging = world.aws.faults.add({ service: "dynamodb", kind: "timeout" });
    await send(records("hanging", 10));
    await eventually("the table hangs", () => (world.aws.faults.list()[0]?.hits ?? 0) > 0);
    const end = ended(consumer);
    consumer.child.kill("SIGTERM");
    expect(await end).toBe(0);
    world.aws.faults.remove(hanging);
    await onlyConsumer();
    await world.idle();
    const incidents = await world.incidents("hanging-");
    expect(incidents).toHaveLength(10);
    expect(incidents.flatMap(({ outbox }) => outbox)).toEqual([]);
    expect(new Set(await world.arrived())).toEqual(new Set(incidents.map(({ id }) => `${id}.new`)));
  });
});

describe("patience during an outage", () => {
  /** Bounds from below only: a slow machine takes longer, an impatient consumer never does. */
  async function secondsUntil(what: string, isSo: () => Promise<boolean>): Promise<number> {
    const start = performance.now();
    await eventually(what, isSo);
    return (performance.now() - start) / 1000;
  }

  test("a message that is returned comes again after one second, two, four", async () => {
    const consumer = await onlyConsumer();
    const before = (await balanceOf(consumer.url)).messages.received;
    const id = world.aws.faults.add({ service: "dynamodb", kind: "access-denied" });
    await send(records("patient-message", 1));
    const seconds = await secondsUntil(
      "it was received three times",
      async () => (await balanceOf(consumer.url)).messages.received - before >= 3,
    );
    expect(seconds).toBeGreaterThan(2.5);
    world.aws.faults.remove(id);
    await world.idle();
    expect(await world.arrived()).toHaveLength(1);
  });

  test("receivers that get nowhere poll less and less, however much is waiting", async () => {
    const consumer = await onlyConsumer();
    const before = (await balanceOf(consumer.url)).messages.received;
    const id = world.aws.faults.add({ service: "dynamodb", kind: "access-denied" });
    const waiting = 120;
    await send(records("patient-receiver", waiting));
    const seconds = await secondsUntil(
      "every receiver polled four times",
      async () => (await balanceOf(consumer.url)).messages.received - before >= receivers * 4 * 10,
    );
    expect(seconds).toBeGreaterThan(1.2);
    world.aws.faults.remove(id);
    await world.idle();
    expect(await world.arrived()).toHaveLength(waiting);
  });
});

describe("what stops the start is one sentence, exit code 1, and no stack", () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ["no queue", { STREAMWARDEN_QUEUE_URL: "" }, /^STREAMWARDEN_QUEUE_URL is missing: set it to/],
    ["no topic", { STREAMWARDEN_TOPIC_ARN: "" }, /^STREAMWARDEN_TOPIC_ARN is missing: set it to/],
    ["no table", { STREAMWARDEN_STATE_TABLE: "" }, /^STREAMWARDEN_STATE_TABLE is missing: set it to/],
    ["no region", { AWS_REGION: "" }, /^AWS_REGION is missing: set it to/],
    [
      "no dead-letter queue",
      { STREAMWARDEN_DEAD_LETTER_QUEUE_URL: "" },
      /^STREAMWARDEN_DEAD_LETTER_QUEUE_URL is/,
    ],
    [
      "no configuration",
      { STREAMWARDEN_CONFIG: "/nowhere/streamwarden.yml" },
      /streamwarden\.yml.*does not exist/,
    ],
    [
      "an endpoint where nobody listens",
      { AWS_ENDPOINT_URL_SQS: "http://127.0.0.1:9" },
      /^The queue http:\S+ cannot/,
    ],
  ])("%s", async (_, env, says) => {
    const { code, stdout, stderr } = await runConsumerProcess({ ...world.environment, ...env });
    expect(code).toBe(1);
    expect(stderr).toMatch(says);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stdout + stderr).not.toMatch(/^\s+at /m);
  });

  test("a queue that does not exist", async () => {
    const url = world.aws.resources.queueUrl.replace(/[^/]+$/, "no-such-queue");
    const { code, stderr } = await runConsumerProcess({ ...world.environment, STREAMWARDEN_QUEUE_URL: url });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^The queue http:\S+\/no-such-queue cannot be used .*check STREAMWARDEN_QUEUE_URL/,
    );
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  test("a queue whose visibility timeout leaves no time to work", async () => {
    const { QueueUrl = "" } = await world.sqs.send(
      new CreateQueueCommand({ QueueName: "hasty", Attributes: { VisibilityTimeout: "1" } }),
    );
    const { code, stderr } = await runConsumerProcess({
      ...world.environment,
      STREAMWARDEN_QUEUE_URL: QueueUrl,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The queue \S+ hides a received message for 1 s only.*at least 2 s/);
  });

  test("a port that is taken", async () => {
    const { port } = new URL((await onlyConsumer()).url);
    const { code, stderr } = await runConsumerProcess({
      ...world.environment,
      STREAMWARDEN_HTTP_PORT: port,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^Port ${port} on 127.0.0.1 is taken: set STREAMWARDEN_HTTP_PORT`));
  });
});
