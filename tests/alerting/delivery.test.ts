import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import {
  type Alert,
  alertFromFinding,
  createAmazonQPublisher,
  createSnsPublisher,
  digestEmail,
  email,
  snsClientDefaults,
} from "@streamwarden/alerting";
import { compileRoute, type Route } from "@streamwarden/config";
import { type LocalAws, startLocalAws } from "@streamwarden/local";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { crossAccountAlert, newAlert } from "../../packages/alerting/src/testing/sample-alerts.ts";
import { sampleDigest } from "../../packages/alerting/src/testing/sample-digest.ts";

/** From the publisher over SNS's wire to each kind of subscriber, with routes as filter policies. */

let aws: LocalAws;
let sns: SNSClient;
let sqs: SQSClient;
let made = 0;

beforeAll(async () => {
  aws = await startLocalAws();
  const { region, credentials, endpoints } = aws;
  sns = new SNSClient({ ...snsClientDefaults, region, credentials, endpoint: endpoints.sns });
  sqs = new SQSClient({ region, credentials, endpoint: endpoints.sqs, useQueueUrlAsEndpoint: false });
});

afterAll(async () => {
  sns?.destroy();
  sqs?.destroy();
  await aws?.close();
});

async function topic(): Promise<string> {
  made += 1;
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: `alerts-${made}` }));
  if (TopicArn === undefined) throw new Error("no topic");
  return TopicArn;
}

function attributesOf(route: Route): Record<string, string> {
  const { filterPolicy, filterPolicyScope } = compileRoute(route);
  return filterPolicy === undefined
    ? {}
    : { FilterPolicyScope: filterPolicyScope, FilterPolicy: JSON.stringify(filterPolicy) };
}

/** Subscribes a queue by a route; gives what arrived so far. */
async function subscribeQueue(topicArn: string, route: Route): Promise<() => Promise<readonly string[]>> {
  made += 1;
  const name = `subscriber-${made}`;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  await sns.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: "sqs",
      Endpoint: `arn:aws:sqs:${aws.region}:${aws.accountId}:${name}`,
      Attributes: { RawMessageDelivery: "true", ...attributesOf(route) },
    }),
  );
  return async () => {
    await aws.settled();
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
    );
    return Messages.map(({ Body }) => Body ?? "");
  };
}

function idsOf(bodies: readonly string[]): readonly string[] {
  return bodies
    .map((body) => alertFromFinding(body))
    .map((published) => {
      if (published.type === "alert") return published.alert.id;
      return published.type === "digest" ? published.digest.id : published.test.id;
    })
    .toSorted();
}

describe("an alert on the topic", () => {
  test("reaches a mailbox as text and a machine as a finding that holds the whole alert", async () => {
    const topicArn = await topic();
    const to = "on-call@example.com";
    await sns.send(
      new SubscribeCommand({
        TopicArn: topicArn,
        Protocol: "email",
        Endpoint: to,
        Attributes: attributesOf({ name: "mail" }),
      }),
    );
    const siem = await subscribeQueue(topicArn, { name: "siem", audience: "all" });
    const publisher = createSnsPublisher({ client: sns, topicArn });
    await publisher.publish(newAlert);
    const bodies = await siem();
    expect(bodies.map((body) => alertFromFinding(body))).toEqual([{ type: "alert", alert: newAlert }]);
    const mails = aws.mailbox.mails.filter((mail) => mail.topicArn === topicArn);
    expect(mails.map(({ subject, body }) => ({ subject, body }))).toEqual([email(newAlert)]);
  });

  test("follows the routes; what a storm holds back goes to SIEMs only, and its digest to everybody", async () => {
    const topicArn = await topic();
    const people = await subscribeQueue(topicArn, { name: "people" });
    const siem = await subscribeQueue(topicArn, { name: "siem", audience: "all" });
    const critical = await subscribeQueue(topicArn, { name: "critical", minimumSeverity: "critical" });
    const byPolicy = await subscribeQueue(topicArn, { name: "channels", policies: ["ivs-channel-*"] });
    const byTactic = await subscribeQueue(topicArn, { name: "access", tactics: ["collection"] });
    const byAccount = await subscribeQueue(topicArn, { name: "other account", accounts: ["999999999999"] });
    const held: Alert = { ...newAlert, id: "held", delivery: "digest" };
    const publisher = createSnsPublisher({ client: sns, topicArn });
    await publisher.publish(newAlert);
    await publisher.publish(crossAccountAlert);
    await publisher.publish(held);
    await publisher.publishDigest(sampleDigest);
    const { id } = sampleDigest;
    expect(idsOf(await people())).toEqual([newAlert.id, crossAccountAlert.id, id].toSorted());
    expect(idsOf(await siem())).toEqual([newAlert.id, crossAccountAlert.id, "held", id].toSorted());
    expect(idsOf(await critical())).toEqual([crossAccountAlert.id, id].toSorted());
    expect(idsOf(await byPolicy())).toEqual([newAlert.id, id].toSorted());
    expect(idsOf(await byTactic())).toEqual([crossAccountAlert.id]);
    expect(idsOf(await byAccount())).toEqual([]);
  });

  test("sends the digest as text to mailboxes", async () => {
    const topicArn = await topic();
    await sns.send(
      new SubscribeCommand({ TopicArn: topicArn, Protocol: "email", Endpoint: "a@example.com" }),
    );
    await createSnsPublisher({ client: sns, topicArn }).publishDigest(sampleDigest);
    await aws.settled();
    const [mail] = aws.mailbox.mails.filter((one) => one.topicArn === topicArn);
    expect(mail).toMatchObject(digestEmail(sampleDigest));
  });

  test("arrives when every string of its record is a megabyte", async () => {
    const topicArn = await topic();
    const siem = await subscribeQueue(topicArn, { name: "siem", audience: "all" });
    const large = '漢<&"\\\u0000'.repeat(150_000);
    const alert: Alert = {
      ...newAlert,
      policy: {
        ...newAlert.policy,
        runbook: large,
        description: large,
        references: [large],
        falsePositives: [large],
      },
      record: {
        ...newAlert.record,
        userAgent: large,
        errorCode: large,
        errorMessage: large,
        request: { name: large, tags: { [large]: large } },
        resources: Array.from({ length: 200 }, () => large),
        reasons: Array.from({ length: 200 }, () => large),
      },
    };
    await createSnsPublisher({ client: sns, topicArn }).publish(alert);
    expect(idsOf(await siem())).toEqual([newAlert.id]);
  });
});

test("an alert on Amazon Q's own topic is exactly its notification", async () => {
  const topicArn = await topic();
  const chat = await subscribeQueue(topicArn, { name: "chat", audience: "all" });
  await createAmazonQPublisher({ client: sns, topicArn }).publish(newAlert);
  const [body = ""] = await chat();
  expect(JSON.parse(body)).toMatchObject({
    version: "1.0",
    source: "custom",
    id: newAlert.id,
    content: { textType: "client-markdown", title: "HIGH: IVS channel created without MFA" },
    metadata: { threadId: newAlert.incident.id },
  });
});
