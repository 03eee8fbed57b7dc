import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { ListRulesCommand } from "@aws-sdk/client-eventbridge";
import { ListTopicsCommand } from "@aws-sdk/client-sns";
import { ListQueuesCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { faultKinds } from "../faults/fault.ts";
import { fuzzHttpServer } from "../testing/fuzz-http-server.ts";
import { startTestWorld, type TestWorld } from "../testing/test-world.ts";
import { answerPlainly, listenOnLoopback } from "./loopback-server.ts";
import { services } from "./service-request.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await startTestWorld();
});
afterAll(() => world.close());

/** A good request as raw text. */
function json(target: string, body: unknown): string {
  const text = JSON.stringify(body);
  return `POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: ${target}\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}
function form(text: string): string {
  return `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
}

function examples(): readonly string[] {
  const { queueUrl, queueArn, stateTable, topicArn } = world.aws.resources;
  const topic = encodeURIComponent(topicArn);
  return [
    json("AmazonSQS.SendMessage", { QueueUrl: queueUrl, MessageBody: "\ud83d\ude00", DelaySeconds: 1 }),
    json("AmazonSQS.SendMessageBatch", {
      QueueUrl: queueUrl,
      Entries: [{ Id: "1", MessageBody: "x" }, null],
    }),
    json("AmazonSQS.ReceiveMessage", { QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
    json("AmazonSQS.DeleteMessageBatch", { QueueUrl: queueUrl, Entries: [{ Id: "1", ReceiptHandle: "x" }] }),
    json("AmazonSQS.GetQueueAttributes", { QueueUrl: queueUrl, AttributeNames: ["All"] }),
    json("AWSEvents.PutEvents", { Entries: [{ Source: "x", DetailType: "y", Detail: "{}" }, null] }),
    json("AWSEvents.PutRule", { Name: "r", EventPattern: '{"source":[{"wildcard":"a*"}]}' }),
    json("AWSEvents.PutTargets", { Rule: "r", Targets: [{ Id: "1", Arn: queueArn }, null] }),
    json("DynamoDB_20120810.PutItem", { TableName: stateTable, Item: { pk: { S: "x" }, v: { N: "1" } } }),
    json("DynamoDB_20120810.GetItem", { TableName: stateTable, Key: { pk: { S: "x" } } }),
    json("DynamoDB_20120810.UpdateItem", {
      TableName: stateTable,
      Key: { pk: { S: "x" } },
      UpdateExpression: "SET #v = :v",
      ConditionExpression: "attribute_not_exists(pk) OR #v = :v",
      ExpressionAttributeNames: { "#v": "v" },
      ExpressionAttributeValues: { ":v": { N: "1" } },
    }),
    json("DynamoDB_20120810.Query", { TableName: stateTable, KeyConditions: [null] }),
    json("DynamoDB_20120810.BatchWriteItem", { RequestItems: { [stateTable]: [null, {}] } }),
    form(`Action=Publish&TopicArn=${topic}&Message=x&MessageAttributes.entry.1.Name=a`),
    form(`Action=Subscribe&TopicArn=${topic}&Protocol=email&Endpoint=a%40example.com`),
    form("Action=CreateTopic&Name=x&Attributes.entry.1.key=__proto__&Attributes.entry.1.value=%ff"),
    "GET /_streamwarden/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "DELETE /_streamwarden/faults/%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    'POST /_streamwarden/seed HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n""',
  ];
}

/** Each of them needs its service to be whole, dynalite and fauxqs included. */
async function allServe(): Promise<boolean> {
  world.aws.faults.clear();
  await world.sqs.send(new ListQueuesCommand({}));
  await world.sns.send(new ListTopicsCommand({}));
  await world.dynamodb.send(new ListTablesCommand({}));
  await world.eventbridge.send(new ListRulesCommand({}));
  return (await fetch(`${world.aws.endpoints.gateway}/_streamwarden/health`)).ok;
}

function portOf(endpoint: string): number {
  return Number(new URL(endpoint).port);
}

test.each([...services, "gateway"] as const)("no request ends the server of %s", async (name) => {
  const port = portOf(world.aws.endpoints[name]);
  const { statuses } = await fuzzHttpServer({ port, isAlive: allServe, runs: 1_000, examples: examples() });
  expect(statuses.get(400)).toBeGreaterThan(0);
});

/** Faults that only one service can have. */
const serviceOf: Readonly<Partial<Record<(typeof faultKinds)[number], (typeof services)[number]>>> = {
  conflict: "dynamodb",
  "duplicate-delivery": "sqs",
  reorder: "sqs",
  "ascii-subjects": "sns",
};

test("no request ends a server while faults are injected into it", async () => {
  const inject = async (): Promise<boolean> => {
    const alive = await allServe();
    for (const service of services) {
      for (const kind of faultKinds) {
        if ((serviceOf[kind] ?? service) !== service) continue;
        world.aws.faults.add({ service, kind, probability: 0.2 });
      }
    }
    return alive;
  };
  const port = portOf(world.aws.endpoints.gateway);
  await inject();
  await fuzzHttpServer({ port, isAlive: inject, runs: 1_000, seed: 2, examples: examples() });
  world.aws.faults.clear();
});

test.each<[what: string, listener: Parameters<typeof listenOnLoopback>[2]]>([
  [
    "throws",
    () => {
      throw new Error("out of order");
    },
  ],
  ["rejects", () => Promise.reject(new Error("out of order"))],
  [
    "throws after the head of its answer",
    (_, outgoing) => {
      outgoing.writeHead(200, { "content-length": 10 }).write("x");
      throw new Error("out of order");
    },
  ],
  [
    "writes after the end",
    (_, outgoing) => {
      outgoing.end("x");
      outgoing.write("y");
    },
  ],
])("a listener that %s costs one connection", async (_, listener) => {
  const server = await listenOnLoopback("a test", 0, (incoming, outgoing) =>
    incoming.url === "/good" ? answerPlainly(outgoing, 200, "ok") : listener(incoming, outgoing),
  );
  const isAlive = async (): Promise<boolean> => (await fetch(`http://${server.host}/good`)).ok;
  await fuzzHttpServer({ port: server.port, isAlive, runs: 200 });
  await server.close();
});
