import { ConditionalCheckFailedException, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, ListRulesCommand } from "@aws-sdk/client-eventbridge";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PortInUseError } from "./errors.ts";
import { startLocalAws } from "./start-local-aws.ts";
import { startTestWorld, type TestWorld } from "./testing/test-world.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await startTestWorld({ visibilityTimeoutSeconds: 7, maximumReceives: 2 });
});
afterAll(() => world.close());

test("every server is on the loopback and in the environment", () => {
  const { endpoints, environment, resources } = world.aws;
  for (const endpoint of Object.values(endpoints)) expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(environment).toEqual({
    AWS_ENDPOINT_URL: endpoints.gateway,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_SNS: endpoints.sns,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.eventbridge,
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    STREAMWARDEN_QUEUE_URL: resources.queueUrl,
    STREAMWARDEN_TIMER_QUEUE_URL: resources.timerQueueUrl,
    STREAMWARDEN_DEAD_LETTER_QUEUE_URL: resources.deadLetterQueueUrl,
    STREAMWARDEN_TOPIC_ARN: resources.topicArn,
    STREAMWARDEN_STATE_TABLE: resources.stateTable,
  });
});

test("a taken port is named, and nothing is left running", async () => {
  const port = Number(new URL(world.aws.endpoints.sns).port);
  const start = startLocalAws({ ports: { gateway: port } });
  await expect(start).rejects.toBeInstanceOf(PortInUseError);
  await expect(startLocalAws({ ports: { gateway: port } })).rejects.toMatchObject({
    code: "PORT_IN_USE",
    port,
    message: expect.stringMatching(
      new RegExp(`Port ${port} on 127.0.0.1, wanted for the AWS endpoint, is in use`),
    ),
  });
});

test("close while clients wait ends at once", async () => {
  const other = await startTestWorld();
  const QueueUrl = other.aws.resources.queueUrl;
  const poll = other.sqs
    .send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }))
    .catch((error) => error);
  await other.sqs.send(new ListQueuesCommand({}));
  await other.aws.close();
  expect(await poll).toBeInstanceOf(Error);
  await other.close();
});

describe("SQS", () => {
  test("the queue has its dead-letter queue and timeouts", async () => {
    const { Attributes } = await world.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: world.aws.resources.queueUrl, AttributeNames: ["All"] }),
    );
    expect(Attributes?.VisibilityTimeout).toBe("7");
    expect(JSON.parse(Attributes?.RedrivePolicy ?? "")).toEqual({
      deadLetterTargetArn: world.aws.resources.deadLetterQueueArn,
      maxReceiveCount: 2,
    });
  });

  test("what is received too often moves to the dead-letter queue", async () => {
    const { queueUrl: QueueUrl, deadLetterQueueUrl } = world.aws.resources;
    await world.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "poison" }));
    for (let receive = 0; receive < 3; receive += 1) {
      await world.sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }));
    }
    expect((await world.drain(deadLetterQueueUrl)).map(({ Body }) => Body)).toEqual(["poison"]);
  });

  test("characters beyond U+FFFF survive, one by one and in batches, and their digests are right", async () => {
    const { QueueUrl } = await world.sqs.send(new CreateQueueCommand({ QueueName: "astral" }));
    const bodies = [
      "\u{1f600} smile",
      "\uf8ff01f600 is no escape",
      "a\u{10ffff}b\uf8ff",
      "plain",
      "\u{1d11e}".repeat(1_000),
    ];
    // The SDK checks the MD5 of every body it sends and receives.
    await world.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: bodies[0] }));
    const Entries = bodies.slice(1).map((MessageBody, index) => ({ Id: `id-${index}`, MessageBody }));
    const sent = await world.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect(sent.Failed ?? []).toEqual([]);
    expect((await world.drain(QueueUrl ?? "")).map(({ Body }) => Body)).toEqual(bodies);
  });

  test("one mebibyte is taken and one byte more is not", async () => {
    const { QueueUrl } = await world.sqs.send(new CreateQueueCommand({ QueueName: "large" }));
    const body = "x".repeat(1024 * 1024);
    await world.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
    const larger = new SendMessageCommand({ QueueUrl, MessageBody: `${body}x` });
    await expect(world.sqs.send(larger)).rejects.toMatchObject({ name: "InvalidParameterValue" });
    expect((await world.drain(QueueUrl ?? ""))[0]?.Body).toHaveLength(1024 * 1024);
  });
});

test("DynamoDB: conditional writes on the state table", async () => {
  const { stateTable: TableName } = world.aws.resources;
  const write = (version: number) =>
    world.dynamodb.send(
      new UpdateItemCommand({
        TableName,
        Key: { pk: { S: "incident" } },
        UpdateExpression: "SET version = :next, document = :document",
        ConditionExpression: "attribute_not_exists(pk) OR version = :before",
        ExpressionAttributeValues: {
          ":next": { N: String(version + 1) },
          ":before": { N: String(version) },
          ":document": { S: `{"version":${version + 1}}` },
        },
      }),
    );
  await write(0);
  await write(1);
  await expect(write(1)).rejects.toBeInstanceOf(ConditionalCheckFailedException);
  const { Item } = await world.dynamodb.send(
    new GetItemCommand({ TableName, Key: { pk: { S: "incident" } } }),
  );
  expect(Item?.version?.N).toBe("2");
});

describe("the one endpoint", () => {
  const control = (path: string, init: RequestInit = {}) =>
    fetch(`${world.aws.endpoints.gateway}/_streamwarden/${path}`, init);
  const json = { "content-type": "application/json" };

  test("serves every service, and its queue URLs lead back to it", async () => {
    const { gateway: endpoint } = world.aws.endpoints;
    const { region, credentials } = world.aws;
    const sqs = new SQSClient({ endpoint, region, credentials });
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: "streamwarden-dead-letter" }));
    expect(QueueUrl).toBe(`${endpoint}/000000000000/streamwarden-dead-letter`);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "x" }));
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    expect((await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))).Successful).toHaveLength(1);
    const sns = new SNSClient({ endpoint, region, credentials });
    expect((await sns.send(new ListTopicsCommand({}))).Topics).toHaveLength(1);
    const eventbridge = new EventBridgeClient({ endpoint, region, credentials });
    expect((await eventbridge.send(new ListRulesCommand({}))).Rules).toHaveLength(3);
    for (const client of [sqs, sns, eventbridge]) client.destroy();
  });

  test("drives the faults of the world", async () => {
    const fault = { service: "sns", operation: "ListTopics", kind: "throttle", times: 1 };
    const added = await control("faults", { method: "POST", headers: json, body: JSON.stringify(fault) });
    expect(added.status).toBe(201);
    const { ids } = (await added.json()) as { ids: string[] };
    await expect(world.sns.send(new ListTopicsCommand({}))).rejects.toMatchObject({
      name: "ThrottledException",
    });
    expect(await (await control("faults")).json()).toEqual([{ id: ids[0], fault, seen: 1, hits: 1 }]);
    expect((await control(`faults/${ids[0]}`, { method: "DELETE" })).status).toBe(200);
    expect((await control(`faults/${ids[0]}`, { method: "DELETE" })).status).toBe(404);
    expect(await (await control("faults")).json()).toEqual([]);
    expect((await control("seed", { method: "POST", headers: json, body: "42" })).status).toBe(200);
  });

  test("rejects what is wrong with a sentence", async () => {
    const bad = await control("faults", { method: "POST", headers: json, body: '{"service":"s3"}' });
    expect(bad.status).toBe(400);
    expect(await bad.json()).toMatchObject({ message: expect.stringContaining("service must be one of") });
    expect((await control("faults", { method: "POST", headers: json, body: "{" })).status).toBe(400);
    expect(
      (await control("faults", { method: "POST", headers: { "content-type": "text/plain" }, body: "{}" }))
        .status,
    ).toBe(415);
    expect((await control("nothing")).status).toBe(404);
  });

  test("gives its environment and mailbox to other processes", async () => {
    expect(await (await control("environment")).json()).toEqual(world.aws.environment);
    expect(await (await control("mailbox")).json()).toEqual({ received: 0, mails: [] });
    expect((await control("health")).status).toBe(200);
  });

  test("answers to loopback names only", async () => {
    const { request } = await import("node:http");
    const status = await new Promise((resolve) => {
      const headers = { host: "attacker.example" };
      request(`${world.aws.endpoints.gateway}/_streamwarden/mailbox`, { headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).end();
    });
    expect(status).toBe(403);
  });
});
