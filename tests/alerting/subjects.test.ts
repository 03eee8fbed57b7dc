import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { createSnsPublisher, email, snsClientDefaults } from "@streamwarden/alerting";
import { type LocalAws, startLocalAws } from "@streamwarden/local";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { newAlert } from "../../packages/alerting/src/testing/sample-alerts.ts";
import { sampleDigest } from "../../packages/alerting/src/testing/sample-digest.ts";

/** Subjects in any script, through an SNS that takes them and through one that does not. */

let aws: LocalAws;
let sns: SNSClient;
let made = 0;

beforeAll(async () => {
  aws = await startLocalAws();
  sns = new SNSClient({
    ...snsClientDefaults,
    region: aws.region,
    credentials: aws.credentials,
    endpoint: aws.endpoints.sns,
  });
});
afterEach(() => aws.faults.clear());
afterAll(async () => {
  sns.destroy();
  await aws.close();
});

function titled(title: string) {
  return { ...newAlert, policy: { ...newAlert.policy, title } };
}

async function mailbox() {
  made += 1;
  const { TopicArn: topicArn = "" } = await sns.send(new CreateTopicCommand({ Name: `subjects-${made}` }));
  await sns.send(
    new SubscribeCommand({ TopicArn: topicArn, Protocol: "email", Endpoint: "on-call@example.com" }),
  );
  let inAscii = 0;
  const publisher = createSnsPublisher({ client: sns, topicArn, onAsciiSubject: () => (inAscii += 1) });
  const subjects = () =>
    aws.mailbox.mails.filter((mail) => mail.topicArn === topicArn).map(({ subject }) => subject);
  return { publisher, subjects, inAscii: () => inAscii };
}

test.each([
  ["Japanese", "録画が停止しました"],
  ["German", "Stream-Schlüssel gelesen"],
  ["Arabic", "تم حذف القناة"],
  ["Hindi", "चैनल हटा दिया गया"],
  ["an emoji", "Channel deleted 🔴"],
  ["long Japanese, which is cut", "録".repeat(300)],
  ["a line break and a bidi override", "é\r\nBcc: all@example.com \u202e"],
])("a title in %s reaches the mailbox as the rendering has it", async (_, title) => {
  const { publisher, subjects, inAscii } = await mailbox();
  await publisher.publish(titled(title));
  expect(subjects()).toEqual([email(titled(title)).subject]);
  expect(inAscii()).toBe(0);
});

test("an SNS that rejects such a subject is asked once more in ASCII, and not asked again", async () => {
  const fault = aws.faults.add({ service: "sns", operation: "Publish", kind: "ascii-subjects" });
  const { publisher, subjects, inAscii } = await mailbox();
  const asked = () => aws.faults.list().find(({ id }) => id === fault)?.seen;
  await publisher.publish(titled("Schlüssel gelesen"));
  expect([asked(), inAscii()]).toEqual([2, 1]);
  await publisher.publish(titled("Schlüssel gelöscht"));
  expect([asked(), inAscii()]).toEqual([3, 2]);
  await publisher.publishDigest({
    ...sampleDigest,
    policies: [{ name: "p", title: "Größe", severity: "high", count: 4 }],
  });
  expect([asked(), inAscii()]).toEqual([4, 3]);
  // ASCII is what it takes, so nothing is replaced and nothing counted.
  await publisher.publish(newAlert);
  expect([asked(), inAscii()]).toEqual([5, 3]);
  expect(subjects()).toEqual([
    expect.stringMatching(/^\[HIGH\] .*: Schlussel gelesen \(/),
    expect.stringMatching(/^\[HIGH\] .*: Schlussel geloscht \(/),
    expect.stringMatching(/^\[HIGH\] Alert storm: .*Gro\?e$/),
    email(newAlert).subject,
  ]);
});

test("an invalid parameter other than the subject is reported, and nothing is learned from it", async () => {
  const { publisher, subjects, inAscii } = await mailbox();
  const invalid = { ...titled("Schlüssel"), policy: { ...titled("Schlüssel").policy, name: "p" } };
  const withoutTopic = createSnsPublisher({ client: sns, topicArn: "no-topic" });
  await expect(withoutTopic.publish(invalid)).rejects.toMatchObject({ code: "publish-message-refused" });
  await publisher.publish(invalid);
  expect(subjects()).toEqual([email(invalid).subject]);
  expect(inAscii()).toBe(0);
});
