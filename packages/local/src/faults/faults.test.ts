import { ConditionalCheckFailedException, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import {
  InvalidParameterException,
  ListTopicsCommand,
  NotFoundException,
  PublishCommand,
  SubscribeCommand,
  ThrottledException,
} from "@aws-sdk/client-sns";
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startTestWorld, type TestWorld } from "../testing/test-world.ts";
import type { Fault, FaultKind } from "./fault.ts";

let world: TestWorld;
// A world for each test: SQS does not let a queue be purged twice in a minute.
beforeEach(async () => {
  world = await startTestWorld();
});
afterEach(() => world.close());

function send(MessageBody: string) {
  return world.sqs.send(new SendMessageCommand({ QueueUrl: world.aws.resources.queueUrl, MessageBody }));
}
function receive(MaxNumberOfMessages = 10, VisibilityTimeout?: number) {
  return world.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: world.aws.resources.queueUrl,
      MaxNumberOfMessages,
      VisibilityTimeout,
    }),
  );
}
function put(pk: string, signal?: AbortSignal) {
  return world.dynamodb.send(
    new PutItemCommand({
      TableName: world.aws.resources.stateTable,
      Item: { pk: { S: pk }, version: { N: "1" } },
      ConditionExpression: "attribute_not_exists(pk)",
    }),
    signal === undefined ? {} : { abortSignal: signal },
  );
}
function publish() {
  return world.sns.send(new PublishCommand({ TopicArn: world.aws.resources.topicArn, Message: "x" }));
}
function putEvents() {
  return world.eventbridge.send(
    new PutEventsCommand({
      Entries: [
        {
          Source: "aws.ivs",
          DetailType: "AWS API Call via CloudTrail",
          Detail: '{"eventName":"CreateChannel"}',
        },
      ],
    }),
  );
}

const calls: Record<Fault["service"], () => Promise<unknown>> = {
  sqs: () => send("x"),
  sns: () => publish(),
  dynamodb: () => put(crypto.randomUUID()),
  eventbridge: putEvents,
};

describe("errors carry the names that SDK clients know", () => {
  test.each<[service: Fault["service"], kind: FaultKind, name: string]>([
    ["sqs", "throttle", "RequestThrottled"],
    ["sqs", "error-500", "InternalFailure"],
    ["sqs", "access-denied", "AccessDenied"],
    ["sqs", "not-found", "QueueDoesNotExist"],
    ["sns", "throttle", "ThrottledException"],
    ["sns", "error-500", "InternalErrorException"],
    ["sns", "access-denied", "AuthorizationErrorException"],
    ["sns", "not-found", "NotFoundException"],
    ["dynamodb", "throttle", "ProvisionedThroughputExceededException"],
    ["dynamodb", "error-500", "InternalServerError"],
    ["dynamodb", "access-denied", "AccessDeniedException"],
    ["dynamodb", "not-found", "ResourceNotFoundException"],
    ["dynamodb", "conflict", "ConditionalCheckFailedException"],
    ["eventbridge", "throttle", "ThrottlingException"],
    ["eventbridge", "error-500", "InternalException"],
    ["eventbridge", "access-denied", "AccessDeniedException"],
    ["eventbridge", "not-found", "ResourceNotFoundException"],
  ])("%s %s is %s, once", async (service, kind, name) => {
    const id = world.aws.faults.add({ service, kind, times: 1, from: "clients" });
    await expect(calls[service]()).rejects.toMatchObject({ name });
    await calls[service]();
    expect(world.aws.faults.list()).toMatchObject([{ id, seen: 2, hits: 1 }]);
  });

  test("as typed exceptions", async () => {
    world.aws.faults.add({ service: "sns", operation: "Publish", kind: "throttle", times: 1 });
    await expect(publish()).rejects.toBeInstanceOf(ThrottledException);
    world.aws.faults.add({ service: "sns", operation: "Publish", kind: "not-found", times: 1 });
    await expect(publish()).rejects.toBeInstanceOf(NotFoundException);
    world.aws.faults.add({ service: "sqs", kind: "not-found", times: 1 });
    await expect(send("x")).rejects.toBeInstanceOf(QueueDoesNotExist);
    world.aws.faults.add({ service: "dynamodb", kind: "conflict", times: 1 });
    await expect(put("typed")).rejects.toBeInstanceOf(ConditionalCheckFailedException);
  });

  test("without the effect", async () => {
    world.aws.faults.add({ service: "sqs", kind: "error-500", times: 1 });
    await expect(send("lost")).rejects.toThrow();
    expect((await receive()).Messages).toBeUndefined();
  });
});

/** Gives up as soon as the fault has hit, as an impatient client does. */
async function giveUp(call: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const controller = new AbortController();
  const result = expect(call(controller.signal)).rejects.toMatchObject({ name: "AbortError" });
  await expect.poll(() => world.aws.faults.list()[0]?.hits, { interval: 5 }).toBe(1);
  controller.abort();
  await result;
}

describe("answers that never come", () => {
  test("timeout: no effect", async () => {
    world.aws.faults.add({ service: "dynamodb", operation: "PutItem", kind: "timeout", times: 1 });
    await giveUp((signal) => put("timeout", signal));
    await put("timeout");
  });

  test("accept-then-timeout: the effect is there", async () => {
    world.aws.faults.add({
      service: "dynamodb",
      operation: "PutItem",
      kind: "accept-then-timeout",
      times: 1,
    });
    await giveUp((signal) => put("accepted", signal));
    const get = new GetItemCommand({
      TableName: world.aws.resources.stateTable,
      Key: { pk: { S: "accepted" } },
    });
    await expect
      .poll(async () => (await world.dynamodb.send(get)).Item?.pk?.S, { interval: 5 })
      .toBe("accepted");
    await expect(put("accepted")).rejects.toBeInstanceOf(ConditionalCheckFailedException);
  });

  test("connection-reset", async () => {
    world.aws.faults.add({ service: "sns", operation: "ListTopics", kind: "connection-reset", times: 1 });
    await expect(world.sns.send(new ListTopicsCommand({}))).rejects.toMatchObject({ code: "ECONNRESET" });
    await world.sns.send(new ListTopicsCommand({}));
  });

  test("a poll whose client went away swallows no message", async () => {
    const controller = new AbortController();
    const poll = world.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: world.aws.resources.queueUrl, WaitTimeSeconds: 5 }),
      { abortSignal: controller.signal },
    );
    const ended = expect(poll).rejects.toMatchObject({ name: "AbortError" });
    world.aws.faults.add({
      service: "sqs",
      operation: "ReceiveMessage",
      kind: "delay",
      delayMilliseconds: 0,
    });
    // The second poll is only there to know that the first has reached the server.
    await receive();
    controller.abort();
    await ended;
    await send("kept");
    await expect.poll(async () => (await receive()).Messages?.[0]?.Body, { interval: 5 }).toBe("kept");
  });
});

describe("distorted deliveries", () => {
  test("delay: the same answer, later", async () => {
    world.aws.faults.add({
      service: "sqs",
      operation: "SendMessage",
      kind: "delay",
      delayMilliseconds: 20,
      times: 1,
    });
    await send("late");
    expect((await receive()).Messages?.[0]?.Body).toBe("late");
  });

  test("duplicate-delivery of a receive hands out the same message twice", async () => {
    await send("one");
    world.aws.faults.add({
      service: "sqs",
      operation: "ReceiveMessage",
      kind: "duplicate-delivery",
      times: 1,
    });
    const [first] = (await receive()).Messages ?? [];
    const [second] = (await receive()).Messages ?? [];
    expect(second?.MessageId).toBe(first?.MessageId);
    expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
    const QueueUrl = world.aws.resources.queueUrl;
    await world.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: second?.ReceiptHandle }));
    expect((await receive()).Messages).toBeUndefined();
  });

  test("duplicate-delivery of PutEvents and Publish takes effect twice", async () => {
    world.aws.faults.add({ service: "eventbridge", kind: "duplicate-delivery", times: 1 });
    await putEvents();
    await world.aws.settled();
    expect((await receive()).Messages).toHaveLength(2);
    const { topicArn: TopicArn } = world.aws.resources;
    await world.sns.send(new SubscribeCommand({ TopicArn, Protocol: "email", Endpoint: "a@example.com" }));
    const before = world.aws.mailbox.received;
    world.aws.faults.add({ service: "sns", kind: "duplicate-delivery", times: 1 });
    await publish();
    expect(world.aws.mailbox.received - before).toBe(2);
  });

  test("ascii-subjects rejects a subject beyond ASCII, and nothing else", async () => {
    const { topicArn: TopicArn } = world.aws.resources;
    const withSubject = (Subject: string) =>
      world.sns.send(new PublishCommand({ TopicArn, Subject, Message: "Größe" }));
    world.aws.faults.add({ service: "sns", kind: "ascii-subjects" });
    await expect(withSubject("Größe")).rejects.toBeInstanceOf(InvalidParameterException);
    await withSubject("Groesse");
    await publish();
  });

  test("reorder of a receive shuffles its answer", async () => {
    const bodies = Array.from({ length: 10 }, (_, index) => String(index));
    await world.sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: world.aws.resources.queueUrl,
        Entries: bodies.map((MessageBody) => ({ Id: MessageBody, MessageBody })),
      }),
    );
    world.aws.faults.add({ service: "sqs", operation: "ReceiveMessage", kind: "reorder", times: 1 });
    const received = (await receive()).Messages?.map(({ Body }) => Body) ?? [];
    expect(received).not.toEqual(bodies);
    expect([...received].sort()).toEqual(bodies);
  });

  test("reorder of a send holds messages back", async () => {
    world.aws.faults.add({ service: "sqs", operation: "SendMessage", kind: "reorder", spreadSeconds: 900 });
    for (let index = 0; index < 20; index += 1) await send(String(index));
    const { Attributes } = await world.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: world.aws.resources.queueUrl, AttributeNames: ["All"] }),
    );
    expect(Number(Attributes?.ApproximateNumberOfMessagesDelayed)).toBeGreaterThan(15);
  });
});
