import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { alertFromFinding, amazonQ, slack, slackPreview } from "@streamwarden/alerting";
import { ivsOperations } from "@streamwarden/cloudtrail";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FaultWorld, startFaultWorld } from "../support/fault-world.ts";
import { drain, sendAll } from "../support/queues.ts";
import { createChannel } from "../support/records.ts";

/** Stands in every planted secret and nowhere else. */
const marker = "Pl4nted";

let planted = 0;
/** A secret that only its place in a record tells. */
function byPlace(): string {
  return `${marker}-${planted++}-plain`;
}

/** Secrets that their form tells, wherever they stand. */
const byForm: readonly (() => string)[] = [
  () => `sk_us-west-2_${marker}${planted++}abcdefghijklmnop`,
  () => `rt_${marker}${planted++}abcdefghijklmnop`,
  () => `eyJhbGciOiJFUzM4NCJ9.${marker}${planted++}.c2lnbmF0dXJl`,
  () => `IQoJb3JpZ2luX2Vj${marker}${planted++}`,
  () => `hooks.slack.com/services/${marker}${planted++}/abc`,
  () => `xoxb-${marker}${planted++}-abcdef`,
  () => `password=${marker}${planted++}`,
  () => `"streamKey": "${marker}${planted++}"`,
  () => `https://example.com/?X-Amz-Signature=${marker}${planted++}&a=b`,
  () => `Authorization: Bearer ${marker}${planted++}`,
];

/** An object with a secret at a catalog path such as `streamKeys[].value`. */
function plant(path: string): Record<string, unknown> {
  const [first = "", ...rest] = path.split(".");
  const inner: unknown = rest.length === 0 ? byPlace() : plant(rest.join("."));
  return first.endsWith("[]") ? { [first.slice(0, -2)]: [inner, inner] } : { [first]: inner };
}

function merge(parts: readonly Record<string, unknown>[]): Record<string, unknown> {
  const merged: Record<string, unknown> = {};
  for (const part of parts)
    for (const [key, value] of Object.entries(part)) {
      const before = merged[key];
      const both = isPlain(before) && isPlain(value) ? merge([before, value]) : value;
      merged[key] = both;
    }
  return merged;
}
function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const secretOperations = ivsOperations.filter(
  ({ secretInput, secretOutput }) => secretInput.length + secretOutput.length > 0,
);

let records = 0;
function record(change: Record<string, unknown>): Record<string, unknown> {
  records += 1;
  return { ...createChannel({ eventID: `secrets-${records}`, user: `secrets-${records}` }), ...change };
}

function inCatalogPaths(): Record<string, unknown>[] {
  return secretOperations.map(({ operation, eventSource, secretInput, secretOutput }) =>
    record({
      eventName: operation,
      eventSource,
      requestParameters: { name: "kept", ...merge(secretInput.map(plant)) },
      responseElements: merge(secretOutput.map(plant)),
    }),
  );
}

function inFreeTexts(): Record<string, unknown>[] {
  return byForm.flatMap((secret) => [
    record({ userAgent: `curl/8.0 ${secret()}` }),
    record({ errorCode: "ValidationException", errorMessage: `The key ${secret()} is not valid` }),
    record({ requestParameters: { name: secret(), tags: { note: secret(), [secret()]: "as a key" } } }),
    record({
      requestParameters: { name: `${"x".repeat(1000)} ${secret()}` },
      userAgent: `${"y".repeat(1010)} ${secret()}`,
    }),
    record({ sourceIPAddress: secret(), awsRegion: secret(), errorCode: secret() }),
    record({
      userIdentity: {
        type: "AssumedRole",
        principalId: `AROAEXAMPLE:${secret()}`,
        arn: `arn:aws:sts::123456789012:assumed-role/role/${secret()}`,
        accountId: "123456789012",
        userName: secret(),
      },
    }),
  ]);
}

/** Messages that end in the dead-letter queue, in every carrier. */
function poison(): string[] {
  const nameless = (): Record<string, unknown> => {
    const { eventName: _, ...rest } = record({ responseElements: plant("streamKey.value") });
    return rest;
  };
  const sourceless = (): Record<string, unknown> => {
    const { eventSource: _, ...rest } = record({ responseElements: plant("participantToken.token") });
    return rest;
  };
  const file = JSON.stringify({ Records: [nameless(), ...inCatalogPaths(), sourceless()] });
  const packed = gzipSync(file).toString("base64");
  const notification = (text: string): string =>
    JSON.stringify({ Type: "Notification", MessageId: "m", TopicArn: "t", Message: text });
  return [
    file,
    packed,
    packed.slice(0, packed.length - 100),
    notification(JSON.stringify(nameless())),
    notification(notification(JSON.stringify(sourceless()))),
    JSON.stringify([nameless(), sourceless()]),
    JSON.stringify({ "detail-type": "AWS API Call via CloudTrail", source: "aws.ivs", detail: nameless() }),
    JSON.stringify({ "detail-type": "AWS API Call via CloudTrail", source: "aws.ivs", detail: sourceless() }),
    JSON.stringify({ Events: [{ EventId: "e", CloudTrailEvent: JSON.stringify(nameless()) }] }),
    ...byForm.map((secret) => `not JSON, but ${secret()}`),
    `{"cut off": "streamKey", "token": "${byPlace()}`,
  ];
}

const kept: Record<string, string> = {};
let world: FaultWorld;
const lettersExpected = poison().length;

beforeAll(async () => {
  world = await startFaultWorld({ visibilityTimeoutSeconds: 20, mailboxCapacity: 1000 });
  const { aws, sqs } = world;
  const sns = new SNSClient({
    endpoint: aws.endpoints.sns,
    region: aws.region,
    credentials: aws.credentials,
  });
  for (const [Protocol, Endpoint] of [
    ["email", "on-call@example.com"],
    ["email-json", "tools@example.com"],
  ])
    await sns.send(new SubscribeCommand({ TopicArn: aws.resources.topicArn, Protocol, Endpoint }));
  sns.destroy();
  // Each failure makes log lines of its own.
  aws.faults.add({ service: "sns", operation: "Publish", kind: "error-500", times: 8 });
  aws.faults.add({ service: "sns", operation: "Publish", kind: "access-denied", times: 2, after: 8 });
  aws.faults.add({ service: "dynamodb", kind: "error-500", times: 8, after: 20 });
  aws.faults.add({
    service: "sqs",
    operation: "SendMessage",
    kind: "access-denied",
    times: 2,
    from: "clients",
  });
  const consumer = await world.startConsumer({
    STREAMWARDEN_CONFIG: fileURLToPath(new URL("config-secrets/streamwarden.yml", import.meta.url)),
    STREAMWARDEN_LOG_LEVEL: "trace",
  });
  const good = [...inCatalogPaths(), ...inFreeTexts()].map((one) => JSON.stringify(one));
  const serviceEvents = byForm.map((secret) =>
    JSON.stringify({ source: "aws.ivs", "detail-type": `IVS ${secret()} Change`, detail: {} }),
  );
  for (const body of [...good, ...serviceEvents, ...poison()])
    await sendAll(sqs, aws.resources.queueUrl, [body]);
  await world.idle();

  const letters = await drain(sqs, aws.resources.deadLetterQueueUrl);
  const findings = (await drain(sqs, world.inbox)).map(({ Body = "", MessageAttributes }) => ({
    Body,
    MessageAttributes,
  }));
  const alerts = findings
    .map(({ Body }) => alertFromFinding(Body))
    .flatMap((published) => (published.type === "alert" ? [published.alert] : []));
  Object.assign(kept, {
    "log lines": consumer.log.join("\n"),
    metrics: await (await fetch(`${consumer.url}/metrics`)).text(),
    "state documents": JSON.stringify(await world.store.list()),
    "dead letters": JSON.stringify(letters),
    "alerts to queues": JSON.stringify(findings),
    mails: JSON.stringify(aws.mailbox.mails),
    "Slack messages": JSON.stringify(alerts.map(slack)),
    "Slack as a page": alerts.map((alert) => slackPreview(slack(alert))).join("\n"),
    "Amazon Q notifications": JSON.stringify(alerts.map(amazonQ)),
  });
  expect(letters).toHaveLength(lettersExpected);
  expect(alerts.length, "alerts to look at").toBeGreaterThan(good.length * 0.9);
});
afterAll(() => world.close());

describe("secrets in every place of the catalog and in every free text", () => {
  test.each([
    "log lines",
    "metrics",
    "state documents",
    "dead letters",
    "alerts to queues",
    "mails",
    "Slack messages",
    "Slack as a page",
    "Amazon Q notifications",
  ])("are in none of the %s", (place) => {
    const text = kept[place] ?? "";
    expect(text.length, "there is something to look at").toBeGreaterThan(100);
    const leaks = [...text.matchAll(new RegExp(`.{0,120}${marker}.{0,40}`, "gi"))].map(([leak]) => leak);
    expect(leaks.slice(0, 10)).toEqual([]);
  });

  test("and what is no secret stays", () => {
    expect(kept["alerts to queues"]).toContain("[redacted]");
    expect(kept["alerts to queues"]).toContain("kept");
    expect(kept["dead letters"]).toContain("kept");
  });
});
