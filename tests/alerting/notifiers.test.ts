import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import {
  alertFromFinding,
  amazonQ,
  amazonQDigest,
  ocsf,
  verifyWebhook,
  visibleJson,
} from "@streamwarden/alerting";
import {
  amazonQSender,
  createFindingQuarantine,
  createLogger,
  createNotifier,
  type Notifier,
  type Sender,
  slackSender,
  webhookSender,
} from "@streamwarden/consumer";
import { MemoryStateStore } from "@streamwarden/detection";
import { type LocalAws, startLocalAws } from "@streamwarden/local";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import {
  type Answer,
  type Receiver,
  startReceiver,
  testClock,
} from "../../packages/alerting/src/testing/receiver.ts";
import { crossAccountAlert, newAlert } from "../../packages/alerting/src/testing/sample-alerts.ts";
import { sampleDigest } from "../../packages/alerting/src/testing/sample-digest.ts";
import { slackTarget } from "../../packages/consumer/src/environment/notifier-environment.ts";
import { notifierHandler } from "../../packages/consumer/src/lambda/notifier-handler.ts";
import { handler as slackHandler } from "../../packages/consumer/src/lambda/slack.ts";
import { createDestination, type Destination } from "../support/destination.ts";

/** The other destinations, and the Lambda door that all have in common. */

const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const oldSecret = `whsec_${Buffer.alloc(32, 8).toString("base64")}`;

let aws: LocalAws;
let topics: SNSClient;
let made = 0;
const open: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  aws = await startLocalAws();
  topics = new SNSClient({ region: aws.region, credentials: aws.credentials, endpoint: aws.endpoints.sns });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of open.splice(0).reverse()) await close();
});
afterAll(async () => {
  topics.destroy();
  await aws.close();
});

async function topic(): Promise<string> {
  made += 1;
  const { TopicArn = "" } = await topics.send(new CreateTopicCommand({ Name: `topic-${made}` }));
  return TopicArn;
}

async function destination(topicArn?: string): Promise<Destination> {
  const created = await createDestination(aws, topicArn ?? (await topic()));
  open.push(() => created.close());
  return created;
}

async function receiver(answers: readonly Answer[] = [{}]): Promise<Receiver> {
  const started = await startReceiver(answers);
  open.push(() => started.close());
  return started;
}

function notifier(kind: string, { sqs, deadLetterQueueUrl }: Destination, send: Sender): Notifier {
  return createNotifier({
    kind,
    destination: "it",
    send,
    store: new MemoryStateStore(),
    quarantine: createFindingQuarantine({ client: sqs, queueUrl: deadLetterQueueUrl }),
    logger: createLogger({ level: "silent", pretty: false }),
  });
}

describe("the signed webhook", () => {
  test("gets findings that prove where they come from; a repeat has the same id and body", async () => {
    const { url, received } = await receiver([{ status: 500 }, {}]);
    const from = await destination();
    await from.publisher.publish(newAlert);
    const send = webhookSender({
      url,
      secrets: [secret, oldSecret],
      allowLoopback: true,
      clock: testClock(),
    });
    expect(await notifier("webhook", from, send).process(await from.receive())).toMatchObject([
      { outcome: "delivered" },
    ]);
    expect(received).toHaveLength(2);
    const [first, second] = received;
    expect(second?.body).toBe(first?.body);
    expect(second?.headers["webhook-id"]).toBe(newAlert.id);
    expect(second?.body).toBe(visibleJson(ocsf(newAlert)));
    for (const request of received)
      for (const known of [secret, oldSecret])
        verifyWebhook({
          headers: request.headers as Record<string, string>,
          body: request.body,
          secret: known,
          now: Number(request.headers["webhook-timestamp"]) * 1000,
        });
  });

  test("gets digests too", async () => {
    const { url, received } = await receiver();
    const from = await destination();
    await from.publisher.publishDigest(sampleDigest);
    const send = webhookSender({ url, secrets: [secret], allowLoopback: true });
    await notifier("webhook", from, send).process(await from.receive());
    expect(received.map(({ body }) => alertFromFinding(body))).toEqual([
      { type: "digest", digest: sampleDigest },
    ]);
  });

  test("a weak secret, or an address inside the network, sends nothing and is a dead letter", async () => {
    const { url, received } = await receiver();
    for (const send of [
      webhookSender({ url, secrets: ["whsec_c2hvcnQ="], allowLoopback: true }),
      webhookSender({ url, secrets: [secret] }),
      webhookSender({ url: "https://169.254.169.254/", secrets: [secret] }),
    ]) {
      const from = await destination();
      await from.publisher.publish(newAlert);
      expect(await notifier("webhook", from, send).process(await from.receive())).toMatchObject([
        { outcome: "quarantined", rejection: { reason: "publish-target-refused" } },
      ]);
    }
    expect(received).toEqual([]);
  });
});

describe("Amazon Q's topic", () => {
  test("carries exactly its notifications", async () => {
    const topicArn = await topic();
    const subscriber = await destination(topicArn);
    const from = await destination();
    await from.publisher.publish(newAlert);
    await from.publisher.publishDigest(sampleDigest);
    const send = amazonQSender({ client: from.sns, topicArn });
    const outcomes = await notifier("amazon-q", from, send).process(await from.receive());
    expect(outcomes).toMatchObject(Array(2).fill({ outcome: "delivered" }));
    const bodies = (await subscriber.receive()).map(({ body }) => JSON.parse(body));
    expect(bodies).toEqual(expect.arrayContaining([amazonQ(newAlert), amazonQDigest(sampleDigest)]));
    expect(bodies).toHaveLength(2);
  });

  test("that is gone: the alert is a dead letter with the reason", async () => {
    const from = await destination();
    await from.publisher.publish(newAlert);
    const topicArn = `arn:aws:sns:${aws.region}:${aws.accountId}:gone`;
    const outcomes = await notifier("amazon-q", from, amazonQSender({ client: from.sns, topicArn })).process(
      await from.receive(),
    );
    expect(outcomes).toMatchObject([
      { outcome: "quarantined", rejection: { reason: "publish-target-not-found" } },
    ]);
  });
});

test("what a later release wrote waits for a notifier of that release, and the rest of the batch goes on", async () => {
  const { url, received } = await receiver();
  const from = await destination();
  const later = JSON.stringify({ unmapped: { streamwarden: { format: 99, version: 1 } } });
  await from.publisher.publish(newAlert);
  const messages = [{ id: "later", body: later, receiveCount: 1 }, ...(await from.receive())];
  const send = webhookSender({ url, secrets: [secret], allowLoopback: true });
  expect(await notifier("webhook", from, send).process(messages)).toMatchObject([
    { id: "later", outcome: "returned", retrySeconds: 900, reason: expect.stringContaining("deploy") },
    { outcome: "delivered" },
  ]);
  expect(received).toHaveLength(1);
});

describe("as a Lambda function", () => {
  /** Each test is a destination of its own: what one got, another has not. */
  function environment(from: Destination): void {
    for (const [name, value] of Object.entries({
      ...aws.environment,
      STREAMWARDEN_QUEUE_URL: from.queueUrl,
      STREAMWARDEN_DEAD_LETTER_QUEUE_URL: from.deadLetterQueueUrl,
      STREAMWARDEN_DESTINATION: `on-call-${made}`,
      STREAMWARDEN_LOG_LEVEL: "silent",
    }))
      vi.stubEnv(name, value);
  }

  const eventOf = (messages: Awaited<ReturnType<Destination["receive"]>>) => ({
    Records: messages.map(({ id, body, receiptHandle, receiveCount }) => ({
      messageId: id,
      body,
      receiptHandle,
      attributes: {
        ApproximateReceiveCount: String(receiveCount),
        SentTimestamp: "0",
        SenderId: "sns",
        ApproximateFirstReceiveTimestamp: "0",
      },
      messageAttributes: {},
      md5OfBody: "",
      eventSource: "aws:sqs",
      eventSourceARN: "arn",
      awsRegion: aws.region,
    })),
  });
  const plenty = { getRemainingTimeInMillis: () => 120_000 };

  test("names in its answer exactly what must come again, and when", async () => {
    const { url, received } = await receiver([{}, { status: 429, headers: { "retry-after": "300" } }]);
    const from = await destination();
    environment(from);
    await from.publisher.publish(newAlert);
    await from.publisher.publish({ ...crossAccountAlert, createdAt: newAlert.createdAt + 1_000_000 });
    const messages = await from.receive();
    const second = messages.find(({ body }) => body.includes(crossAccountAlert.id));
    const handler = notifierHandler("slack", () => ({ webhookUrl: url, allowLoopback: true }), slackSender);
    expect(await handler(eventOf(messages), plenty)).toEqual({
      batchItemFailures: [{ itemIdentifier: second?.id }],
    });
    expect(received).toHaveLength(2);
    expect(await from.receive()).toEqual([]);
  });

  test("gives back what it has no time to begin, at once", async () => {
    const { url, received } = await receiver();
    const from = await destination();
    environment(from);
    await from.publisher.publish(newAlert);
    const messages = await from.receive();
    const handler = notifierHandler("slack", () => ({ webhookUrl: url, allowLoopback: true }), slackSender);
    const answer = await handler(eventOf(messages), { getRemainingTimeInMillis: () => 20_000 });
    expect(answer.batchItemFailures).toHaveLength(1);
    expect(received).toEqual([]);
    expect(await from.receive()).toHaveLength(1);
  });

  test("never posts to this machine, whatever its secret says", async () => {
    const { url, received } = await receiver();
    const from = await destination();
    environment(from);
    vi.stubEnv("STREAMWARDEN_SLACK_WEBHOOK_URL", url);
    await from.publisher.publish(newAlert);
    expect(await slackHandler(eventOf(await from.receive()), plenty)).toEqual({ batchItemFailures: [] });
    expect(received).toEqual([]);
    const { Messages } = await from.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: from.deadLetterQueueUrl, MessageAttributeNames: ["All"] }),
    );
    expect(Messages?.[0]?.MessageAttributes?.reason?.StringValue).toBe("publish-target-refused");
  });

  test("without its variables it reports all of them at once", async () => {
    environment(await destination());
    const names = ["STREAMWARDEN_DESTINATION", "STREAMWARDEN_QUEUE_URL", "STREAMWARDEN_STATE_TABLE"];
    for (const name of names) vi.stubEnv(name, "");
    const handler = notifierHandler("slack", slackTarget, slackSender);
    await expect(handler({ Records: [] }, plenty)).rejects.toMatchObject({
      code: "consumer-environment",
      message: expect.stringMatching(
        new RegExp(
          [...names, "STREAMWARDEN_SLACK_WEBHOOK_URL"].map((name) => `${name} is missing`).join("[^]*"),
        ),
      ),
    });
  });
});

// Subscribing without raw delivery wraps the finding: seen at once, not silently dropped.
test("a queue that somebody subscribed without raw delivery fills the dead letters with a reason", async () => {
  const topicArn = await topic();
  const from = await destination();
  await from.sns.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: "sqs",
      Endpoint: `arn:aws:sqs:${aws.region}:${aws.accountId}:${from.queueUrl.split("/").at(-1)}`,
    }),
  );
  const other = await destination(topicArn);
  await other.publisher.publish(newAlert);
  const outcomes = await notifier("slack", from, async () => "HTTP 200").process(await from.receive());
  expect(outcomes).toMatchObject([{ outcome: "quarantined", rejection: { reason: "finding-invalid" } }]);
});
