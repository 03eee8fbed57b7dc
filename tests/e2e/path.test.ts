import { gzipSync } from "node:zlib";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import {
  createLogger,
  createRuntime,
  type Runtime,
  readEnvironment,
  type Service,
  startService,
} from "@streamwarden/consumer";
import { imbalances } from "@streamwarden/detection";
import { type LocalAws, type Mail, startLocalAws } from "@streamwarden/local";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { backlog, drain, eventually, sendAll } from "../support/queues.ts";
import { createChannel, documentedRecord, envelope } from "../support/records.ts";

let aws: LocalAws;
let runtime: Runtime;
let service: Service;
let sqs: SQSClient;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  aws = await startLocalAws({ maximumReceives: 1000, visibilityTimeoutSeconds: 10 });
  closing.push(() => aws.close());
  Object.assign(process.env, aws.environment);
  const environment = readEnvironment({ ...aws.environment, STREAMWARDEN_HTTP_PORT: "0" });
  runtime = await createRuntime(environment, createLogger({ level: "silent", pretty: false }));
  service = await startService(runtime);
  closing.push(() => service.stop());
  sqs = new SQSClient({ endpoint: aws.endpoints.sqs, region: aws.region, credentials: aws.credentials });
  const sns = new SNSClient({
    endpoint: aws.endpoints.sns,
    region: aws.region,
    credentials: aws.credentials,
  });
  await sns.send(
    new SubscribeCommand({
      TopicArn: aws.resources.topicArn,
      Protocol: "email",
      Endpoint: "on-call@example.com",
    }),
  );
  closing.push(
    () => sns.destroy(),
    () => sqs.destroy(),
  );
});

afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

beforeEach(() => aws.mailbox.clear());

/** The mails of the one policy that these records are about, however many policies the pack has. */
function mails(): readonly Mail[] {
  return aws.mailbox.mails.filter(({ subject }) => subject.includes("IVS channel created without MFA"));
}

async function idle(): Promise<void> {
  await eventually("the queue is empty", async () => (await backlog(sqs, aws.resources.queueUrl)) === 0);
  await aws.settled();
}
async function deliver(...bodies: string[]): Promise<void> {
  await sendAll(sqs, aws.resources.queueUrl, bodies);
  await idle();
}

describe("the main job", () => {
  test("the documentation's CreateChannel call goes through EventBridge and reaches the on-call person", async () => {
    const bus = new EventBridgeClient({
      endpoint: aws.endpoints.eventbridge,
      region: aws.region,
      credentials: aws.credentials,
    });
    const entry = {
      Source: "aws.ivs",
      DetailType: "AWS API Call via CloudTrail",
      Detail: JSON.stringify(documentedRecord),
    };
    await bus.send(new PutEventsCommand({ Entries: [entry] }));
    bus.destroy();
    await eventually("the mail is there", () => mails().length > 0);
    const [mail] = mails();
    expect(mail?.subject).toContain("IVS channel created without MFA");
    for (const fact of [
      "CreateChannel",
      "First_Streamer",
      "10.10.10.10",
      "2020-04-02 20:57:46 UTC",
      'name = "default"',
      "WHAT TO DO NOW",
      "ivs-channel-created-without-mfa",
    ])
      expect(mail?.body).toContain(fact);
  });

  test("the same record in every carrier, and twice, is one incident and one alert", async () => {
    const record = createChannel({ eventID: "carriers", user: "carriers" });
    const text = JSON.stringify(record);
    const file = JSON.stringify({ Records: [record] });
    await deliver(
      JSON.stringify(envelope(record)),
      text,
      file,
      gzipSync(file).toString("base64"),
      JSON.stringify({ Type: "Notification", MessageId: "m", TopicArn: "t", Message: text }),
      JSON.stringify({
        Type: "Notification",
        MessageId: "n",
        TopicArn: "t",
        Message: JSON.stringify(envelope(record)),
      }),
      text,
    );
    expect(mails()).toHaveLength(1);
  });

  test("two actors never share an incident", async () => {
    await deliver(
      ...["mallory", "alice"].map((user) => JSON.stringify(createChannel({ eventID: `by-${user}`, user }))),
    );
    expect(
      mails()
        .map(({ subject }) => /\] (\w+)/.exec(subject)?.[1])
        .sort(),
    ).toEqual(["alice", "mallory"]);
  });
});

describe("what cannot be read", () => {
  const deep = `${'{"a":'.repeat(3000)}1${"}".repeat(3000)}`;
  test("is quarantined with a reason, the service stays up, and the balance holds", async () => {
    const before = runtime.metrics.total;
    const { eventName: _, ...nameless } = createChannel({ eventID: "nameless", user: "nameless" });
    const poison = [
      "this is not JSON",
      `"${"x".repeat(1024 * 1024 - 2)}"`,
      " ",
      deep,
      JSON.stringify(nameless),
    ];
    for (const body of poison) await sendAll(sqs, aws.resources.queueUrl, [body]);
    await deliver(JSON.stringify(createChannel({ eventID: "after-poison", user: "survivor" })));
    const letters = await drain(sqs, aws.resources.deadLetterQueueUrl);
    expect(letters.map(({ MessageAttributes }) => MessageAttributes?.reason?.StringValue).sort()).toEqual([
      "empty",
      "no-event-name",
      "not-an-object",
      "not-json",
      "too-deep",
    ]);
    expect(mails().map(({ subject }) => subject)).toEqual([expect.stringContaining("survivor")]);
    const { messages } = runtime.metrics.total;
    expect(messages.quarantined - before.messages.quarantined).toBe(poison.length);
    expect(imbalances(runtime.metrics.total)).toEqual([]);
    expect((await fetch(`http://127.0.0.1:${service.httpPort}/readyz`)).status).toBe(200);
  });

  test("leaves no secret in the dead-letter queue", async () => {
    const secret = "sk_us-west-2_AbCdEfGhIjKl_MnOpQrStUvWxYz0123456789abcdef";
    await deliver(`not JSON, but ${secret}`, JSON.stringify({ Records: [{ streamKey: { value: secret } }] }));
    const letters = await drain(sqs, aws.resources.deadLetterQueueUrl);
    expect(letters).toHaveLength(2);
    expect(JSON.stringify(letters)).not.toContain(secret);
  });
});
