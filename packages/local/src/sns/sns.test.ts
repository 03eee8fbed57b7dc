import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  BatchEntryIdsNotDistinctException,
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  EmptyBatchRequestException,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  InvalidParameterException,
  InvalidParameterValueException,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTopicsCommand,
  NotFoundException,
  PublishBatchCommand,
  PublishCommand,
  type PublishCommandInput,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
  TooManyEntriesInBatchRequestException,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestWorld, type TestWorld } from "../testing/test-world.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await startTestWorld();
});
afterAll(() => world.close());

let made = 0;
async function newTopic(): Promise<string> {
  made += 1;
  const { TopicArn = "" } = await world.sns.send(new CreateTopicCommand({ Name: `topic-${made}` }));
  return TopicArn;
}

async function newQueue(): Promise<{ url: string; arn: string }> {
  made += 1;
  const { QueueUrl: url = "" } = await world.sqs.send(new CreateQueueCommand({ QueueName: `queue-${made}` }));
  return { url, arn: `arn:aws:sqs:us-east-1:000000000000:queue-${made}` };
}

async function subscribe(
  TopicArn: string,
  Protocol: string,
  Endpoint: string,
  Attributes?: Record<string, string>,
) {
  const { SubscriptionArn = "" } = await world.sns.send(
    new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes, ReturnSubscriptionArn: true }),
  );
  return SubscriptionArn;
}

async function publish(input: PublishCommandInput) {
  const answer = await world.sns.send(new PublishCommand(input));
  await world.aws.settled();
  return answer;
}

function text(StringValue: string, DataType = "String") {
  return { DataType, StringValue };
}

describe("topics", () => {
  test("create is idempotent, list, attributes, delete", async () => {
    const arn = await newTopic();
    const Name = arn.split(":").at(-1);
    expect((await world.sns.send(new CreateTopicCommand({ Name }))).TopicArn).toBe(arn);
    const { Topics } = await world.sns.send(new ListTopicsCommand({}));
    expect(Topics).toContainEqual({ TopicArn: arn });
    await world.sns.send(
      new SetTopicAttributesCommand({
        TopicArn: arn,
        AttributeName: "DisplayName",
        AttributeValue: "<A & B>",
      }),
    );
    const { Attributes } = await world.sns.send(new GetTopicAttributesCommand({ TopicArn: arn }));
    expect(Attributes).toMatchObject({ TopicArn: arn, DisplayName: "<A & B>", SubscriptionsConfirmed: "0" });
    await world.sns.send(new DeleteTopicCommand({ TopicArn: arn }));
    await world.sns.send(new DeleteTopicCommand({ TopicArn: arn }));
    await expect(world.sns.send(new GetTopicAttributesCommand({ TopicArn: arn }))).rejects.toBeInstanceOf(
      NotFoundException,
    );
  });

  test("more than a page of topics", async () => {
    const names = Array.from({ length: 101 }, (_, index) => `page-${index}`);
    for (const Name of names) await world.sns.send(new CreateTopicCommand({ Name }));
    const first = await world.sns.send(new ListTopicsCommand({}));
    const second = await world.sns.send(new ListTopicsCommand({ NextToken: first.NextToken }));
    const arns = [...(first.Topics ?? []), ...(second.Topics ?? [])].map(({ TopicArn }) => TopicArn);
    expect(first.Topics).toHaveLength(100);
    expect(new Set(arns).size).toBe(arns.length);
    for (const name of names) expect(arns).toContain(`arn:aws:sns:us-east-1:000000000000:${name}`);
    for (const TopicArn of arns)
      if (TopicArn?.includes(":page-")) await world.sns.send(new DeleteTopicCommand({ TopicArn }));
  });
});

describe("publish to a queue", () => {
  test("wraps the message, or not with raw delivery", async () => {
    const TopicArn = await newTopic();
    const [wrapped, raw] = [await newQueue(), await newQueue()];
    await subscribe(TopicArn, "sqs", wrapped.arn);
    await subscribe(TopicArn, "sqs", raw.arn, { RawMessageDelivery: "true" });
    const Message = 'a "b" \u{1f600} <c> & \ufffe\r\nd';
    const { MessageId } = await publish({
      TopicArn,
      Subject: "Subject",
      Message: Message.replace("\ufffe", ""),
      MessageAttributes: {
        severity: text("high"),
        list: text('["a","b"]', "String.Array"),
        count: text("3", "Number"),
        bytes: { DataType: "Binary", BinaryValue: new Uint8Array([1, 2, 255]) },
      },
    });
    const [one] = await world.drain(wrapped.url);
    expect(JSON.parse(one?.Body ?? "")).toMatchObject({
      Type: "Notification",
      MessageId,
      TopicArn,
      Subject: "Subject",
      Message: Message.replace("\ufffe", ""),
      MessageAttributes: {
        severity: { Type: "String", Value: "high" },
        list: { Type: "String.Array", Value: '["a","b"]' },
        count: { Type: "Number", Value: "3" },
        bytes: { Type: "Binary", Value: "AQL/" },
      },
    });
    const [two] = await world.drain(raw.url);
    expect(two?.Body).toBe(Message.replace("\ufffe", ""));
    expect(two?.MessageAttributes).toMatchObject({
      severity: { DataType: "String", StringValue: "high" },
      bytes: { DataType: "Binary", BinaryValue: new Uint8Array([1, 2, 255]) },
    });
  });

  test("MessageStructure json picks the body of each protocol", async () => {
    const TopicArn = await newTopic();
    const queue = await newQueue();
    await subscribe(TopicArn, "sqs", queue.arn, { RawMessageDelivery: "true" });
    await subscribe(TopicArn, "email", "on-call@example.com");
    const Message = JSON.stringify({ default: "for machines", email: "for people" });
    await publish({ TopicArn, MessageStructure: "json", Message });
    expect((await world.drain(queue.url)).map(({ Body }) => Body)).toEqual(["for machines"]);
    expect(world.aws.mailbox.mails.at(-1)?.body).toBe("for people");
  });

  test.each<[why: string, input: Omit<PublishCommandInput, "TopicArn">, message: string]>([
    ["empty message", { Message: "" }, "Empty message"],
    ["structure is not JSON", { Message: "{", MessageStructure: "json" }, "failed to parse"],
    ["structure without default", { Message: '{"email":"x"}', MessageStructure: "json" }, "No default entry"],
    ["unknown structure", { Message: "x", MessageStructure: "xml" }, "MessageStructure"],
    ["subject of 100 characters", { Message: "x", Subject: "y".repeat(100) }, "Subject"],
    ["subject with a line break", { Message: "x", Subject: "a\nb" }, "Subject"],
    ["subject with a line separator", { Message: "x", Subject: "a\u2028b" }, "Subject"],
    ["subject with a control character", { Message: "x", Subject: "a\u009bb" }, "Subject"],
    ["subject of 100 UTF-16 units", { Message: "x", Subject: `a${"𝄞".repeat(50)}` }, "Subject"],
    ["subject that begins with a space", { Message: "x", Subject: " a" }, "Subject"],
    ["subject that begins with a symbol", { Message: "x", Subject: "🔴 a" }, "Subject"],
    ["empty subject", { Message: "x", Subject: "" }, "Subject"],
    ["beyond 256 KiB", { Message: "x".repeat(256 * 1024 + 1) }, "Message too long"],
    [
      "beyond 256 KiB with attributes",
      { Message: "x".repeat(256 * 1024 - 5), MessageAttributes: { a: text("b") } },
      "Message too long",
    ],
  ])("rejects %s", async (_why, input, message) => {
    const TopicArn = world.aws.resources.topicArn;
    const rejected = publish({ TopicArn, ...input });
    await expect(rejected).rejects.toBeInstanceOf(InvalidParameterException);
    await expect(publish({ TopicArn, ...input })).rejects.toThrow(message);
  });

  test.each<[why: string, value: { DataType: string; StringValue?: string }]>([
    ["unknown type", text("x", "Text")],
    ["empty value", { DataType: "String" }],
    ["a number that is none", text("x", "Number")],
    ["an array that is none", text("x", "String.Array")],
  ])("rejects an attribute: %s", async (_why, value) => {
    const { topicArn: TopicArn } = world.aws.resources;
    const rejected = publish({ TopicArn, Message: "x", MessageAttributes: { a: value } });
    await expect(rejected).rejects.toBeInstanceOf(InvalidParameterValueException);
  });

  test("a topic that is not there", async () => {
    const TopicArn = "arn:aws:sns:us-east-1:000000000000:no";
    await expect(publish({ TopicArn, Message: "x" })).rejects.toBeInstanceOf(NotFoundException);
    await expect(publish({ TopicArn: "no", Message: "x" })).rejects.toBeInstanceOf(InvalidParameterException);
  });
});

describe("PublishBatch", () => {
  test("takes what is right and names what is wrong", async () => {
    const TopicArn = await newTopic();
    const queue = await newQueue();
    await subscribe(TopicArn, "sqs", queue.arn, { RawMessageDelivery: "true" });
    const PublishBatchRequestEntries = [
      { Id: "a", Message: "1", MessageAttributes: { n: text("1", "Number") } },
      { Id: "b", Message: "2", Subject: "bad\nsubject" },
      { Id: "c", Message: "3" },
    ];
    const answer = await world.sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    await world.aws.settled();
    expect(answer.Successful?.map(({ Id }) => Id)).toEqual(["a", "c"]);
    expect(answer.Failed).toMatchObject([{ Id: "b", Code: "InvalidParameter", SenderFault: true }]);
    expect((await world.drain(queue.url)).map(({ Body }) => Body).sort()).toEqual(["1", "3"]);
  });

  test("rejects bad batches as a whole", async () => {
    const TopicArn = await newTopic();
    const send = (ids: readonly string[]) =>
      world.sns.send(
        new PublishBatchCommand({
          TopicArn,
          PublishBatchRequestEntries: ids.map((Id) => ({ Id, Message: "x" })),
        }),
      );
    await expect(send([])).rejects.toBeInstanceOf(EmptyBatchRequestException);
    await expect(send(["a", "a"])).rejects.toBeInstanceOf(BatchEntryIdsNotDistinctException);
    const eleven = Array.from({ length: 11 }, (_, index) => `id-${index}`);
    await expect(send(eleven)).rejects.toBeInstanceOf(TooManyEntriesInBatchRequestException);
  });
});

describe("subscriptions", () => {
  test("list, attributes, filter, unsubscribe", async () => {
    const TopicArn = await newTopic();
    const queue = await newQueue();
    const SubscriptionArn = await subscribe(TopicArn, "sqs", queue.arn);
    expect(await subscribe(TopicArn, "sqs", queue.arn)).toBe(SubscriptionArn);
    const expected = {
      SubscriptionArn,
      TopicArn,
      Protocol: "sqs",
      Endpoint: queue.arn,
      Owner: "000000000000",
    };
    const byTopic = await world.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    expect(byTopic.Subscriptions).toEqual([expected]);
    const all = await world.sns.send(new ListSubscriptionsCommand({}));
    expect(all.Subscriptions).toContainEqual(expected);

    const set = (AttributeName: string, AttributeValue: string) =>
      world.sns.send(
        new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }),
      );
    await set("FilterPolicy", '{"severity":["high"]}');
    await set("RawMessageDelivery", "true");
    await publish({ TopicArn, Message: "low", MessageAttributes: { severity: text("low") } });
    await publish({ TopicArn, Message: "high", MessageAttributes: { severity: text("high") } });
    expect((await world.drain(queue.url)).map(({ Body }) => Body)).toEqual(["high"]);
    await set("FilterPolicyScope", "MessageBody");
    await publish({ TopicArn, Message: '{"severity":"high"}' });
    await publish({ TopicArn, Message: "not JSON", MessageAttributes: { severity: text("high") } });
    expect((await world.drain(queue.url)).map(({ Body }) => Body)).toEqual(['{"severity":"high"}']);
    await expect(set("FilterPolicy", '{"severity":[{"wildcard":"h*"}]}')).rejects.toBeInstanceOf(
      InvalidParameterException,
    );
    const { Attributes } = await world.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    expect(Attributes).toMatchObject({
      FilterPolicy: '{"severity":["high"]}',
      FilterPolicyScope: "MessageBody",
      RawMessageDelivery: "true",
      PendingConfirmation: "false",
    });
    await world.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    await expect(
      world.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn })),
    ).rejects.toBeInstanceOf(NotFoundException);
  });

  test.each([
    ["sms", "+15550100", "protocol"],
    ["sqs", "https://sqs.us-east-1.amazonaws.com/1/q", "SQS endpoint ARN"],
    ["https", "https://example.com/hook", "loopback addresses only"],
    ["http", "http://127.0.0.1.example.com/", "loopback addresses only"],
    ["http", "http://169.254.169.254/latest/meta-data", "loopback addresses only"],
    ["email", "nobody", "Email address"],
  ])("rejects %s %s", async (protocol, endpoint, message) => {
    await expect(subscribe(world.aws.resources.topicArn, protocol, endpoint)).rejects.toThrow(message);
  });

  test("a delivery that fails for good goes to the subscription's dead-letter queue", async () => {
    const TopicArn = await newTopic();
    const dead = await newQueue();
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn });
    await subscribe(TopicArn, "sqs", "arn:aws:sqs:us-east-1:000000000000:gone", { RedrivePolicy });
    await publish({ TopicArn, Message: "kept" });
    const [message] = await world.drain(dead.url);
    expect(JSON.parse(message?.Body ?? "")).toMatchObject({ Message: "kept" });
  });

  test("a queue that is out of order gets its message once it is back", async () => {
    const TopicArn = await newTopic();
    const queue = await newQueue();
    await subscribe(TopicArn, "sqs", queue.arn, { RawMessageDelivery: "true" });
    const id = world.aws.faults.add({
      service: "sqs",
      operation: "SendMessage",
      kind: "error-500",
      times: 4,
    });
    await publish({ TopicArn, Message: "patient" });
    world.aws.faults.remove(id);
    expect((await world.drain(queue.url)).map(({ Body }) => Body)).toEqual(["patient"]);
  });
});

describe("email", () => {
  test("arrives in the mailbox as AWS renders it", async () => {
    const TopicArn = await newTopic();
    const heard: string[] = [];
    const stop = world.aws.mailbox.onMail(({ subject }) => heard.push(subject));
    await subscribe(TopicArn, "email", "on-call@example.com");
    await subscribe(TopicArn, "email-json", "machine@example.com");
    await publish({
      TopicArn,
      Subject: "IVS: stream key read",
      Message: "line 1\nline 2",
      MessageAttributes: { kind: text("new") },
    });
    stop();
    const [json, plain] = world.aws.mailbox.mails.slice(-2).sort((a, b) => a.to.localeCompare(b.to));
    expect(plain).toMatchObject({
      from: "AWS Notifications <no-reply@sns.amazonaws.com>",
      to: "on-call@example.com",
      subject: "IVS: stream key read",
      body: "line 1\nline 2",
      messageAttributes: { kind: "new" },
    });
    expect(plain?.footer).toContain("unsubscribe");
    expect(JSON.parse(json?.body ?? "")).toMatchObject({
      Type: "Notification",
      Subject: "IVS: stream key read",
    });
    expect(heard).toEqual(["IVS: stream key read", "IVS: stream key read"]);
  });
});

test.each([
  ["99 characters", "y".repeat(99)],
  ["Latin letters with accents", "Größe überschritten"],
  ["Japanese, beginning with a letter", "録画が停止しました"],
  ["Arabic, written from the right", "تم حذف القناة"],
  ["a leading mark of another script", "「録画」"],
  ["a leading ASCII symbol, which AWS counts as punctuation", "<b> & $1"],
  ["an emoji inside", "[HIGH] 🔴 a"],
])("a subject may be %s, and arrives as it was", async (_, Subject) => {
  const TopicArn = await newTopic();
  await subscribe(TopicArn, "email", "on-call@example.com");
  await publish({ TopicArn, Subject, Message: "x" });
  expect(world.aws.mailbox.mails.at(-1)?.subject).toBe(Subject);
});

describe("http", () => {
  interface Received {
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
  }
  let server: Server;
  let endpoint: string;
  const received: Received[] = [];
  let answers: number[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      request.on("end", () => {
        received.push({ headers: request.headers, body });
        response.writeHead(answers.shift() ?? 200).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  test("must confirm, then gets notifications, again after an error of its own", async () => {
    const TopicArn = await newTopic();
    const SubscriptionArn = await subscribe(TopicArn, "http", endpoint);
    await world.aws.settled();
    const [confirmation] = received.splice(0);
    expect(confirmation?.headers["x-amz-sns-message-type"]).toBe("SubscriptionConfirmation");
    await publish({ TopicArn, Message: "too early" });
    expect(received).toEqual([]);
    const { SubscribeURL, Token } = JSON.parse(confirmation?.body ?? "");
    expect((await fetch(SubscribeURL)).status).toBe(200);
    const again = new ConfirmSubscriptionCommand({ TopicArn, Token });
    await expect(world.sns.send(again)).rejects.toBeInstanceOf(InvalidParameterException);

    answers = [503, 200];
    await publish({ TopicArn, Message: "now" });
    expect(received).toHaveLength(2);
    const [, second] = received.splice(0);
    expect(second?.headers).toMatchObject({
      "x-amz-sns-message-type": "Notification",
      "x-amz-sns-topic-arn": TopicArn,
      "x-amz-sns-subscription-arn": SubscriptionArn,
    });
    expect(JSON.parse(second?.body ?? "")).toMatchObject({ Type: "Notification", Message: "now" });
  });

  test("a redirect is not followed", async () => {
    const TopicArn = await newTopic();
    await subscribe(TopicArn, "http", `${endpoint}/redirect`);
    await world.aws.settled();
    const [confirmation] = received.splice(0);
    await fetch(JSON.parse(confirmation?.body ?? "").SubscribeURL);
    answers = [302];
    await publish({ TopicArn, Message: "x" });
    expect(received.splice(0)).toHaveLength(1);
  });
});
