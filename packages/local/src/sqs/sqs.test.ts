import { createHash } from "node:crypto";
import * as sqs from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestWorld, type TestWorld } from "../testing/test-world.ts";
import { PurgeLimit } from "./request-checks.ts";

let world: TestWorld;
let QueueUrl: string;
beforeAll(async () => {
  world = await startTestWorld();
  QueueUrl = await newQueue("checks");
});
afterAll(() => world.close());

async function newQueue(QueueName: string): Promise<string> {
  const { QueueUrl: url = "" } = await world.sqs.send(new sqs.CreateQueueCommand({ QueueName }));
  return url;
}

function text(StringValue: string, DataType = "String") {
  return { DataType, StringValue };
}
function attributes(count: number) {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, text("x")]));
}
const MessageBody = "x";

type Sendable = Parameters<typeof world.sqs.send>[0];
function send(input: Partial<sqs.SendMessageCommandInput>): Sendable {
  return new sqs.SendMessageCommand({ QueueUrl, MessageBody, ...input }) as Sendable;
}
function withAttribute(name: string, value: sqs.MessageAttributeValue): Sendable {
  return send({ MessageAttributes: { [name]: value } });
}
function sendBatch(...Entries: sqs.SendMessageBatchRequestEntry[]): Sendable {
  return new sqs.SendMessageBatchCommand({ QueueUrl, Entries }) as Sendable;
}
function create(QueueName: string, Attributes: Record<string, string> = {}): Sendable {
  return new sqs.CreateQueueCommand({ QueueName, Attributes }) as Sendable;
}

describe("what SQS rejects is rejected, by SQS's code", () => {
  test.each<[mistake: string, command: () => Sendable, code: string]>([
    ["a delay over 15 minutes", () => send({ DelaySeconds: 901 }), "InvalidParameterValue"],
    ["a negative delay", () => send({ DelaySeconds: -1 }), "InvalidParameterValue"],
    ["eleven attributes", () => send({ MessageAttributes: attributes(11) }), "InvalidParameterValue"],
    ["a reserved attribute name", () => withAttribute("AWS.trace", text("x")), "InvalidParameterValue"],
    ["a space in an attribute name", () => withAttribute("a b", text("x")), "InvalidParameterValue"],
    ["an attribute name that ends in a dot", () => withAttribute("a.", text("x")), "InvalidParameterValue"],
    ["an attribute of an unknown type", () => withAttribute("a", text("x", "Text")), "InvalidParameterValue"],
    ["an empty attribute", () => withAttribute("a", text("")), "InvalidParameterValue"],
    ["a number that is none", () => withAttribute("a", text("x", "Number")), "InvalidParameterValue"],
    [
      "an attribute without a value",
      () => withAttribute("a", { DataType: "Binary" }),
      "InvalidParameterValue",
    ],
    ["no body", () => send({ MessageBody: "" }), "MissingParameter"],
    ["a control character", () => send({ MessageBody: "\u0001" }), "InvalidMessageContents"],
    ["a message over 1 MiB", () => send({ MessageBody: "x".repeat(1_048_577) }), "InvalidParameterValue"],
    ["an empty batch", () => sendBatch(), "EmptyBatchRequest"],
    [
      "eleven entries",
      () => sendBatch(...Array.from({ length: 11 }, (_, index) => ({ Id: `${index}`, MessageBody }))),
      "TooManyEntriesInBatchRequest",
    ],
    [
      "an entry id twice, even of entries that are wrong in themselves",
      () => sendBatch({ Id: "1", MessageBody: "" }, { Id: "1", MessageBody: "" }),
      "BatchEntryIdsNotDistinct",
    ],
    ["a space in an entry id", () => sendBatch({ Id: "a b", MessageBody }), "InvalidBatchEntryId"],
    [
      "an entry id of 81 characters",
      () => sendBatch({ Id: "a".repeat(81), MessageBody }),
      "InvalidBatchEntryId",
    ],
    [
      "a batch over 1 MiB",
      () => sendBatch(...["1", "2"].map((Id) => ({ Id, MessageBody: "x".repeat(600_000) }))),
      "BatchRequestTooLong",
    ],
    [
      "deleting by a handle that is none",
      () => new sqs.DeleteMessageCommand({ QueueUrl, ReceiptHandle: "garbage" }) as Sendable,
      "ReceiptHandleIsInvalid",
    ],
    [
      "hiding by a handle that is none",
      () =>
        new sqs.ChangeMessageVisibilityCommand({
          QueueUrl,
          ReceiptHandle: "garbage",
          VisibilityTimeout: 1,
        }) as Sendable,
      "ReceiptHandleIsInvalid",
    ],
    ["a queue with a space in its name", () => create("a b"), "InvalidParameterValue"],
    ["an unknown queue attribute", () => create("q", { Color: "red" }), "InvalidAttributeName"],
    ["a redrive policy that is no JSON", () => create("q", { RedrivePolicy: "x" }), "InvalidParameterValue"],
    [
      "a redrive policy without a count",
      () => create("q", { RedrivePolicy: '{"deadLetterTargetArn":"x"}' }),
      "InvalidParameterValue",
    ],
    [
      "a queue that is not there",
      () => new sqs.SendMessageCommand({ QueueUrl: `${QueueUrl}x`, MessageBody }) as Sendable,
      "QueueDoesNotExist",
    ],
  ])("%s", async (_, command, name) => {
    await expect(world.sqs.send(command())).rejects.toMatchObject({ name });
  });

  test("wrong entries of a batch fail on their own", async () => {
    const url = await newQueue("entries");
    const sent = await world.sqs.send(
      new sqs.SendMessageBatchCommand({
        QueueUrl: url,
        Entries: [
          { Id: "late", MessageBody, DelaySeconds: 901 },
          { Id: "good", MessageBody: "\u{1f600}" },
          { Id: "empty", MessageBody: "" },
        ],
      }),
    );
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(["good"]);
    expect(sent.Failed?.map(({ Id, Code, SenderFault }) => [Id, Code, SenderFault])).toEqual([
      ["late", "InvalidParameterValue", true],
      ["empty", "MissingParameter", true],
    ]);
    const [message] = await world.drain(url);
    const deleted = await world.sqs.send(
      new sqs.DeleteMessageBatchCommand({
        QueueUrl: url,
        Entries: [
          { Id: "1", ReceiptHandle: "garbage" },
          { Id: "2", ReceiptHandle: message?.ReceiptHandle },
        ],
      }),
    );
    expect(deleted.Successful).toEqual([{ Id: "2" }]);
    expect(deleted.Failed).toMatchObject([{ Id: "1", Code: "ReceiptHandleIsInvalid" }]);
  });

  test("a message that is gone may be deleted again", async () => {
    const url = await newQueue("gone");
    await world.sqs.send(new sqs.SendMessageCommand({ QueueUrl: url, MessageBody }));
    const [message] = await world.drain(url);
    const again = { QueueUrl: url, ReceiptHandle: message?.ReceiptHandle };
    await world.sqs.send(new sqs.DeleteMessageCommand(again));
    await world.sqs.send(new sqs.DeleteMessageCommand(again));
  });

  test("a second purge", async () => {
    const url = await newQueue("purged");
    await world.sqs.send(new sqs.PurgeQueueCommand({ QueueUrl: url }));
    const again = world.sqs.send(new sqs.PurgeQueueCommand({ QueueUrl: url }));
    await expect(again).rejects.toBeInstanceOf(sqs.PurgeQueueInProgress);
  });

  test("a purge is possible again after 60 seconds, and for another queue at once", () => {
    let now = 0;
    const limit = new PurgeLimit({ now: () => now });
    limit.check("http://localhost/000000000000/a");
    limit.check("http://localhost/000000000000/b");
    now = 59_999;
    expect(() => limit.check("http://127.0.0.1/000000000000/a")).toThrow("every 60 seconds");
    now = 60_000;
    limit.check("http://localhost/000000000000/a");
  });
});

test.each<[asked: string[] | undefined, given: string[]]>([
  [undefined, []],
  [[], []],
  [["All"], ["bytes", "trace.a", "trace.b"]],
  [[".*"], ["bytes", "trace.a", "trace.b"]],
  [["trace.*"], ["trace.a", "trace.b"]],
  [["trace.b", "other"], ["trace.b"]],
  [["trace"], []],
])("a receiver that asks for the attributes %j gets %j", async (MessageAttributeNames, given) => {
  const url = await newQueue(`asked-${given.join("").replaceAll(".", "") || "none"}`);
  const MessageAttributes = {
    "trace.b": text("2", "Number.int"),
    bytes: { DataType: "Binary", BinaryValue: Buffer.from([0, 255]) },
    "trace.a": text("\u00e9"),
  };
  const sent = await world.sqs.send(
    new sqs.SendMessageCommand({ QueueUrl: url, MessageBody, MessageAttributes }),
  );
  const { Messages = [] } = await world.sqs.send(
    new sqs.ReceiveMessageCommand({ QueueUrl: url, MessageAttributeNames }),
  );
  expect(Object.keys(Messages[0]?.MessageAttributes ?? {}).sort()).toEqual(given);
  const digest = Messages[0]?.MD5OfMessageAttributes;
  if (given.length === 3) expect(digest).toBe(sent.MD5OfMessageAttributes);
  else if (given.length === 0) expect(digest).toBeUndefined();
  else expect(digest).toMatch(/^[0-9a-f]{32}$/);
  await world.sqs.send(new sqs.DeleteQueueCommand({ QueueUrl: url }));
});

test("the digest of the attributes that were asked for is the one of a message that has only these", async () => {
  const url = await newQueue("digest");
  const [wanted, other] = [text("1", "Number"), { DataType: "Binary", BinaryValue: Buffer.from([7]) }];
  const put = (MessageAttributes: Record<string, sqs.MessageAttributeValue>) =>
    world.sqs.send(new sqs.SendMessageCommand({ QueueUrl: url, MessageBody, MessageAttributes }));
  await put({ wanted, other });
  const { Messages = [] } = await world.sqs.send(
    new sqs.ReceiveMessageCommand({ QueueUrl: url, MessageAttributeNames: ["wanted"] }),
  );
  expect(Messages[0]?.MD5OfMessageAttributes).toBe((await put({ wanted })).MD5OfMessageAttributes);
});

describe("the query protocol of older clients", () => {
  async function call(
    path: string,
    form: Record<string, string>,
  ): Promise<{ readonly status: number; readonly xml: string }> {
    const answer = await fetch(`${world.aws.endpoints.gateway}${path}`, {
      method: "POST",
      headers: { authorization: "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/sqs/aws4_request" },
      body: new URLSearchParams({ Version: "2012-11-05", ...form }),
    });
    expect(answer.headers.get("content-type")).toBe("text/xml");
    return { status: answer.status, xml: await answer.text() };
  }
  const element = (xml: string, name: string): string | undefined =>
    new RegExp(`<${name}>(.*?)</${name}>`, "s").exec(xml)?.[1];

  test("a message goes in and comes out", async () => {
    const { gateway } = world.aws.endpoints;
    const created = await call("/", {
      Action: "CreateQueue",
      QueueName: "query",
      "Attribute.1.Name": "VisibilityTimeout",
      "Attribute.1.Value": "7",
      "Tag.1.Key": "team",
      "Tag.1.Value": "video",
    });
    const url = `${gateway}/000000000000/query`;
    expect(element(created.xml, "QueueUrl")).toBe(url);
    expect((await call("/", { Action: "ListQueues", QueueNamePrefix: "que" })).xml).toContain(
      `<ListQueuesResult><QueueUrl>${url}</QueueUrl></ListQueuesResult>`,
    );
    expect((await call("/", { Action: "ListQueueTags", QueueUrl: url })).xml).toContain(
      "<Tag><Key>team</Key><Value>video</Value></Tag>",
    );
    const state = await call("/", {
      Action: "GetQueueAttributes",
      QueueUrl: url,
      "AttributeName.1": "VisibilityTimeout",
    });
    expect(state.xml).toContain("<Attribute><Name>VisibilityTimeout</Name><Value>7</Value></Attribute>");

    const body = 'a <b> & "c" \u{1f600}';
    const sent = await call("/", {
      Action: "SendMessage",
      QueueUrl: url,
      MessageBody: body,
      "MessageAttribute.1.Name": "kind",
      "MessageAttribute.1.Value.DataType": "String",
      "MessageAttribute.1.Value.StringValue": "<new>",
    });
    expect(element(sent.xml, "MD5OfMessageBody")).toBe(createHash("md5").update(body).digest("hex"));
    // The oldest clients name the queue by the path they call.
    const received = await call("/000000000000/query", {
      Action: "ReceiveMessage",
      "MessageAttributeName.1": "All",
      "AttributeName.1": "ApproximateReceiveCount",
    });
    expect(element(received.xml, "Body")).toBe("a &#60;b&#62; &#38; &#34;c&#34; \u{1f600}");
    expect(received.xml).toContain(
      "<Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute>",
    );
    expect(element(received.xml, "MessageAttribute")).toContain("<StringValue>&#60;new&#62;</StringValue>");
    const deleted = await call("/", {
      Action: "DeleteMessageBatch",
      QueueUrl: url,
      "DeleteMessageBatchRequestEntry.1.Id": "one",
      "DeleteMessageBatchRequestEntry.1.ReceiptHandle": element(received.xml, "ReceiptHandle") ?? "",
      "DeleteMessageBatchRequestEntry.2.Id": "two",
      "DeleteMessageBatchRequestEntry.2.ReceiptHandle": "garbage",
    });
    expect(element(deleted.xml, "DeleteMessageBatchResultEntry")).toBe("<Id>one</Id>");
    expect(element(deleted.xml, "BatchResultErrorEntry")).toContain("<Code>ReceiptHandleIsInvalid</Code>");
  });

  test.each<[form: Record<string, string>, code: string]>([
    [{ Action: "GetQueueUrl", QueueName: "nowhere" }, "AWS.SimpleQueueService.NonExistentQueue"],
    [{ Action: "SendMessage", MessageBody: "x", DelaySeconds: "901" }, "InvalidParameterValue"],
    [{ Action: "SendMessage", MessageBody: "x", DelaySeconds: "soon" }, "InvalidParameterValue"],
    [{ Action: "SendMessageBatch" }, "AWS.SimpleQueueService.EmptyBatchRequest"],
    [{ Action: "DeleteMessage", ReceiptHandle: "garbage" }, "ReceiptHandleIsInvalid"],
  ])("%j is answered with %s", async (form, code) => {
    const { status, xml } = await call("/", { QueueUrl, ...form });
    expect(status).toBe(400);
    expect(element(xml, "Code")).toBe(code);
    expect(element(xml, "Type")).toBe("Sender");
  });

  test("injected faults reach it too", async () => {
    world.aws.faults.add({ service: "sqs", operation: "SendMessage", kind: "throttle", times: 1 });
    const { xml } = await call("/", { Action: "SendMessage", QueueUrl, MessageBody: "x" });
    expect(element(xml, "Code")).toBe("RequestThrottled");
  });
});
