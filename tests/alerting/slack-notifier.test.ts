import { Writable } from "node:stream";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { DeleteMessageCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { type Alert, alertFromFinding, digestSlack, slack } from "@streamwarden/alerting";
import { parseConfig } from "@streamwarden/config";
import {
  createFindingQuarantine,
  createLogger,
  createNotifier,
  type Notifier,
  type NotifierOptions,
  slackSender,
  startNotifierService,
} from "@streamwarden/consumer";
import { DynamoDbStateStore, type StateStore } from "@streamwarden/detection";
import { type LocalAws, startLocalAws } from "@streamwarden/local";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { slackProblems } from "../../packages/alerting/src/testing/check-slack.ts";
import { hostileAlert } from "../../packages/alerting/src/testing/hostile.ts";
import {
  type Answer,
  type Receiver,
  startReceiver,
  testClock,
} from "../../packages/alerting/src/testing/receiver.ts";
import {
  crossAccountAlert,
  newAlert,
  updateAlert,
} from "../../packages/alerting/src/testing/sample-alerts.ts";
import { sampleDigest } from "../../packages/alerting/src/testing/sample-digest.ts";
import { createDestination, type Destination } from "../support/destination.ts";
import { eventually } from "../support/queues.ts";

/** From the topic to a Slack channel: SNS, SQS and DynamoDB over the wire, Slack as a receiver that we script. */

let aws: LocalAws;
let store: DynamoDbStateStore;
let dynamodb: DynamoDBClient;
let topics: SNSClient;
let made = 0;
const open: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  aws = await startLocalAws();
  const options = { region: aws.region, credentials: aws.credentials };
  dynamodb = new DynamoDBClient({ ...options, endpoint: aws.endpoints.dynamodb, maxAttempts: 1 });
  topics = new SNSClient({ ...options, endpoint: aws.endpoints.sns });
  store = new DynamoDbStateStore({ client: dynamodb, tableName: aws.resources.stateTable });
});
afterEach(async () => {
  aws.faults.clear();
  for (const close of open.splice(0).reverse()) await close();
});
afterAll(async () => {
  dynamodb.destroy();
  topics.destroy();
  await aws.close();
});

interface Scene {
  readonly destination: Destination;
  readonly receiver: Receiver;
  readonly log: () => string;
  notifier(change?: Partial<NotifierOptions>): Notifier;
  /** Receives what is visible and takes it to its outcomes, deleting what SQS would delete. */
  round(notifier: Notifier): Promise<readonly { readonly outcome: string }[]>;
  /** What Slack got: the alert ids of the messages, in order. */
  posted(): readonly string[];
  deadLetters(): Promise<readonly { readonly reason: string; readonly body: string }[]>;
}

/** A destination of its own, and a Slack that gives these answers; the last one repeats. */
async function scene(
  answers: readonly Answer[] = [{}],
  { webhookUrl, filterPolicy }: { webhookUrl?: string; filterPolicy?: Record<string, string[]> } = {},
): Promise<Scene> {
  made += 1;
  const name = `channel-${made}`;
  const { TopicArn = "" } = await topics.send(new CreateTopicCommand({ Name: `alerts-${name}` }));
  const destination = await createDestination(aws, TopicArn, filterPolicy);
  const receiver = await startReceiver(answers);
  open.push(
    () => destination.close(),
    () => receiver.close(),
  );
  const lines: string[] = [];
  const logger = createLogger({
    level: "trace",
    pretty: false,
    destination: new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    }),
  });
  const { sqs, queueUrl, deadLetterQueueUrl } = destination;
  return {
    destination,
    receiver,
    log: () => lines.join(""),
    notifier: (change) =>
      createNotifier({
        kind: "slack",
        destination: name,
        send: slackSender({
          webhookUrl: webhookUrl ?? receiver.url,
          allowLoopback: true,
          clock: testClock(),
          random: () => 0.5,
          attemptTimeoutMilliseconds: 100,
        }),
        store,
        quarantine: createFindingQuarantine({ client: sqs, queueUrl: deadLetterQueueUrl }),
        logger,
        ...change,
      }),
    async round(notifier) {
      const messages = await destination.receive();
      const outcomes = await notifier.process(messages);
      for (const { id, outcome } of outcomes) {
        const { receiptHandle } = messages.find((message) => message.id === id) ?? {};
        if (outcome !== "returned")
          await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle }));
      }
      return outcomes;
    },
    posted: () => receiver.received.map(({ body }) => idIn(body)),
    async deadLetters() {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: deadLetterQueueUrl,
          MaxNumberOfMessages: 10,
          MessageAttributeNames: ["All"],
        }),
      );
      return Messages.map(({ Body = "", MessageAttributes }) => ({
        reason: MessageAttributes?.reason?.StringValue ?? "",
        body: Body,
      }));
    },
  };
}

/** The alert's id is visible in every message, so that a person can tell a repeat. */
function idIn(body: string): string {
  return /(?:Alert|Digest) `([^`]+)`/.exec(body)?.[1] ?? "";
}

function countsOf({ totals }: Notifier): Record<string, number> {
  const { received, delivered, repeated, quarantined, returned } = totals;
  expect(received).toBe(delivered + repeated + quarantined + returned);
  return { received, delivered, repeated, quarantined, returned };
}

describe("alerts on the topic", () => {
  test("become messages in the channel: new in full, updates short, digests; oldest first", async () => {
    const { destination, receiver, notifier, round } = await scene();
    for (const alert of [updateAlert, newAlert]) await destination.publisher.publish(alert);
    await destination.publisher.publishDigest(sampleDigest);
    const running = notifier();
    expect((await round(running)).map(({ outcome }) => outcome)).toEqual(Array(3).fill("delivered"));
    expect(receiver.received.map(({ body }) => JSON.parse(body))).toEqual([
      slack(newAlert),
      digestSlack(sampleDigest),
      slack(updateAlert),
    ]);
    expect(await destination.receive()).toEqual([]);
  });

  test("follow the route of streamwarden.yml", async () => {
    const config = parseConfig(
      "destinations: { slack: [{ name: on-call, route: { minimumSeverity: critical } }] }",
      "streamwarden.yml",
    );
    const filterPolicy = config.destinations.slack[0]?.filterPolicy as Record<string, string[]>;
    const { destination, notifier, round, posted } = await scene([{}], { filterPolicy });
    for (const alert of [newAlert, crossAccountAlert, { ...crossAccountAlert, id: "x", delivery: "digest" }])
      await destination.publisher.publish(alert as Alert);
    await round(notifier());
    expect(posted()).toEqual([crossAccountAlert.id]);
  });

  test("stay text, however hostile they are", async () => {
    const { destination, receiver, notifier, round } = await scene();
    // JSON has no NaN; the pipeline makes no such time.
    const realTimes = hostileAlert.filter(({ createdAt, record }) =>
      [createdAt, ...Object.values(record.times)].every(Number.isFinite),
    );
    const alerts = fc
      .sample(realTimes, { numRuns: 25, seed: 7 })
      .map((alert, index) => ({ ...alert, id: `hostile-${index}` }));
    const running = notifier();
    for (const alert of alerts) await destination.publisher.publish(alert);
    while ((await round(running)).length > 0);
    expect(countsOf(running)).toEqual({
      received: 25,
      delivered: 25,
      repeated: 0,
      quarantined: 0,
      returned: 0,
    });
    for (const { body } of receiver.received) expect(slackProblems(JSON.parse(body))).toEqual([]);
  });
});

describe("one alert is posted once", () => {
  test("when SQS hands a message out twice", async () => {
    const { destination, notifier, round, posted } = await scene();
    await destination.publisher.publish(newAlert);
    aws.faults.add({ service: "sqs", operation: "ReceiveMessage", kind: "duplicate-delivery", times: 2 });
    const running = notifier();
    for (let rounds = 0; rounds < 4; rounds += 1) await round(running);
    expect(posted()).toEqual([newAlert.id]);
    expect(countsOf(running)).toMatchObject({ delivered: 1, quarantined: 0, returned: 0 });
    expect(running.totals.repeated).toBeGreaterThan(0);
  });

  test("when the consumer publishes it twice", async () => {
    const { destination, notifier, round, posted } = await scene();
    await destination.publisher.publish(newAlert);
    await destination.publisher.publish(newAlert);
    const running = notifier();
    await round(running);
    expect(posted()).toEqual([newAlert.id]);
    expect(countsOf(running)).toMatchObject({ received: 2, delivered: 1, repeated: 1 });
  });

  test("when several notifiers hold it at the same time", async () => {
    const { destination, notifier, posted } = await scene();
    await destination.publisher.publish(newAlert);
    const messages = await destination.receive();
    const outcomes = await Promise.all(
      Array.from({ length: 4 }, async () => (await notifier().process(messages))[0]?.outcome),
    );
    expect(posted()).toEqual([newAlert.id]);
    expect(outcomes.filter((outcome) => outcome === "delivered")).toHaveLength(1);
  });

  test("and is another message for another channel", async () => {
    const { destination, notifier, posted } = await scene();
    await destination.publisher.publish(newAlert);
    const messages = await destination.receive();
    for (const name of ["one", "two"]) await notifier({ destination: name }).process(messages);
    expect(posted()).toEqual([newAlert.id, newAlert.id]);
  });

  test("at most twice when the notifier dies between post and mark, with the same id", async () => {
    const { destination, notifier, posted, round } = await scene();
    await destination.publisher.publish(newAlert);
    const messages = await destination.receive();

    // The dead one: its second change of state never happens, and nobody hears of it again.
    const { promise: died, resolve: die } = Promise.withResolvers<void>();
    let changes = 0;
    const dying: StateStore = {
      read: (key) => store.read(key),
      update(...given) {
        changes += 1;
        if (changes === 1) return store.update(...given);
        die();
        return new Promise(() => undefined);
      },
    };
    void notifier({ store: dying }).process(messages);
    await died;
    expect(posted()).toEqual([newAlert.id]);

    // Its lease holds: nobody posts while it could still be at work.
    const [busy] = await notifier().process(messages);
    expect(busy).toMatchObject({ outcome: "returned", retrySeconds: expect.any(Number) });
    expect(posted()).toHaveLength(1);

    // It lapses: the alert is posted again, because nobody can know whether the first post arrived.
    const later = { now: () => Date.now() + 61_000 };
    expect(await notifier({ clock: later }).process(messages)).toMatchObject([{ outcome: "delivered" }]);
    expect(posted()).toEqual([newAlert.id, newAlert.id]);
    expect(await notifier({ clock: later }).process(messages)).toMatchObject([{ outcome: "repeated" }]);
    expect(await round(notifier())).toEqual([]);
  });

  test("when it was posted and the state table went away before the mark", async () => {
    const { destination, notifier, round, posted } = await scene();
    await destination.publisher.publish(newAlert);
    aws.faults.add({ service: "dynamodb", operation: "PutItem", kind: "error-500", after: 1 });
    const running = notifier();
    await round(running);
    expect(countsOf(running)).toMatchObject({ delivered: 1, returned: 0 });
    expect(posted()).toHaveLength(1);
    expect(await destination.receive()).toEqual([]);
  });
});

describe("what passes is waited for in the queue", () => {
  const three = [newAlert, crossAccountAlert, { ...newAlert, id: "third.new" }];

  test("429 with Retry-After: the message comes back when Slack said, and nothing else is posted", async () => {
    const { destination, receiver, notifier, posted } = await scene([
      { status: 429, headers: { "retry-after": "90" } },
      {},
    ]);
    for (const alert of three) await destination.publisher.publish(alert);
    const messages = await destination.receive();
    const outcomes = await notifier().process(messages);
    expect(outcomes).toMatchObject(Array(3).fill({ outcome: "returned", retrySeconds: 90 }));
    expect(receiver.received).toHaveLength(1);
    // The lease was given back, so nobody waits for it to lapse.
    expect(await notifier().process(messages)).toMatchObject(Array(3).fill({ outcome: "delivered" }));
    expect(posted().slice(1).toSorted()).toEqual(three.map(({ id }) => id).toSorted());
  });

  test("a short Retry-After is waited for on the spot", async () => {
    const { destination, notifier, round, posted } = await scene([
      { status: 429, headers: { "retry-after": "2" } },
      {},
    ]);
    await destination.publisher.publish(newAlert);
    expect(await round(notifier())).toMatchObject([{ outcome: "delivered" }]);
    expect(posted()).toHaveLength(2);
  });

  test.each([
    ["HTTP 500", { status: 500, body: "rollup_error" }],
    ["a timeout", { instead: "hang" }],
    ["a broken connection", { instead: "drop" }],
  ] as const)("%s: three tries, then the queue, with growing pauses", async (_, answer) => {
    const { destination, receiver, notifier } = await scene([
      answer,
      answer,
      answer,
      answer,
      answer,
      answer,
      {},
    ]);
    for (const alert of three) await destination.publisher.publish(alert);
    const messages = await destination.receive();
    const running = notifier();
    expect(await running.process(messages)).toMatchObject(
      Array(3).fill({ outcome: "returned", retrySeconds: 1 }),
    );
    const later = messages.map((message) => ({ ...message, receiveCount: 6 }));
    expect(await running.process(later)).toMatchObject(
      Array(3).fill({ outcome: "returned", retrySeconds: 32 }),
    );
    expect(receiver.received).toHaveLength(6);
    expect(await running.process(messages)).toMatchObject(Array(3).fill({ outcome: "delivered" }));
    expect(countsOf(running)).toMatchObject({ received: 9, delivered: 3, returned: 6 });
  });

  test("a state table that is away: nothing is posted that could not be remembered", async () => {
    const { destination, notifier, round, posted } = await scene();
    await destination.publisher.publish(newAlert);
    aws.faults.add({ service: "dynamodb", kind: "error-500" });
    expect(await round(notifier())).toMatchObject([{ outcome: "returned" }]);
    expect(posted()).toEqual([]);
  });

  test("a dead-letter queue that is away: the message stays in the queue", async () => {
    const { destination, notifier, round } = await scene([{ status: 404 }]);
    await destination.publisher.publish(newAlert);
    aws.faults.add({ service: "sqs", operation: "SendMessage", kind: "error-500", from: "clients" });
    expect(await round(notifier())).toMatchObject([{ outcome: "returned" }]);
  });

  test("no time left: what is not begun is returned at once", async () => {
    const { destination, notifier, posted } = await scene();
    await destination.publisher.publish(newAlert);
    const outcomes = await notifier().process(await destination.receive(), Date.now() - 1);
    expect(outcomes).toMatchObject([{ outcome: "returned", retrySeconds: 0 }]);
    expect(posted()).toEqual([]);
  });
});

describe("what somebody must mend goes to the dead-letter queue, with the reason", () => {
  test.each([
    ["the webhook is gone", { status: 404, body: "no_service" }, "publish-target-not-found"],
    ["the channel is archived", { status: 410, body: "channel_is_archived" }, "publish-target-not-found"],
    ["the token is rejected", { status: 403, body: "invalid_token" }, "publish-not-authorized"],
    ["the message is rejected", { status: 400, body: "invalid_blocks" }, "publish-message-refused"],
  ])("%s; moved back afterwards, it is delivered", async (_, answer, reason) => {
    const { destination, notifier, round, deadLetters, posted } = await scene([answer, {}]);
    // Longer than redaction would leave it: a dead letter must hold the whole alert.
    const long = {
      ...newAlert,
      policy: { ...newAlert.policy, runbook: "Call the on-call lead.\n".repeat(100) },
    };
    await destination.publisher.publish(long);
    expect(await round(notifier())).toMatchObject([{ outcome: "quarantined", rejection: { reason } }]);
    const [dead, ...others] = await deadLetters();
    expect({ reason: dead?.reason, others }).toEqual({ reason, others: [] });
    expect(alertFromFinding(dead?.body ?? "")).toEqual({ type: "alert", alert: long });
    const again = await notifier().process([{ id: "again", body: dead?.body ?? "", receiveCount: 1 }]);
    expect(again).toMatchObject([{ outcome: "delivered" }]);
    expect(posted()).toEqual([newAlert.id, newAlert.id]);
  });

  test("what is no finding of ours, without holding up the others", async () => {
    const { destination, notifier, deadLetters, posted } = await scene();
    await destination.publisher.publish(newAlert);
    const [good] = await destination.receive();
    if (good === undefined) throw new Error("nothing arrived");
    const bodies = ["", "not JSON", "{}", '{"unmapped":{"streamwarden":{"version":1,"alert":{"id":1}}}}'];
    const running = notifier();
    await running.process([...bodies.map((body, id) => ({ id: String(id), body, receiveCount: 1 })), good]);
    expect(countsOf(running)).toMatchObject({ delivered: 1, quarantined: 4 });
    expect((await deadLetters()).map(({ reason }) => reason)).toEqual(Array(4).fill("finding-invalid"));
    expect(posted()).toEqual([newAlert.id]);
  });
});

describe("requests go to Slack and nowhere else", () => {
  test.each([
    "https://169.254.169.254/latest/meta-data/",
    "http://169.254.169.254/latest/meta-data/",
    "file:///etc/passwd",
    "https://hooks.slack.com.evil.example/services/x",
    "https://hooks.slack.com@evil.example/services/x",
    "https://hooks.slack.com:8443/services/x",
    "http://10.0.0.1/services/x",
    "not a URL",
  ])("%s is rejected before anything is sent, even where loopback is allowed", async (webhookUrl) => {
    const { destination, notifier, round, deadLetters } = await scene([{}], { webhookUrl });
    await destination.publisher.publish(newAlert);
    await round(notifier());
    expect(await deadLetters()).toMatchObject([{ reason: "publish-target-refused" }]);
  });

  test("loopback is rejected unless it is allowed", async () => {
    const { destination, receiver, notifier, round, deadLetters } = await scene();
    await destination.publisher.publish(newAlert);
    await round(notifier({ send: slackSender({ webhookUrl: receiver.url }) }));
    expect(await deadLetters()).toMatchObject([{ reason: "publish-target-refused" }]);
    expect(receiver.received).toEqual([]);
  });

  test("a redirect is not followed", async () => {
    const elsewhere = await startReceiver([{}]);
    open.push(() => elsewhere.close());
    for (const status of [301, 302, 307, 308]) {
      const { destination, notifier, round, deadLetters } = await scene([
        { status, headers: { location: elsewhere.url } },
      ]);
      await destination.publisher.publish(newAlert);
      await round(notifier());
      expect(await deadLetters()).toMatchObject([{ reason: "publish-target-refused" }]);
    }
    expect(elsewhere.received).toEqual([]);
  });

  test("the webhook's address is in no log line and no dead letter", async () => {
    for (const answer of [{ status: 404 }, { status: 500 }, { instead: "drop" }] as const) {
      const { destination, notifier, round, deadLetters, log } = await scene([answer]);
      await destination.publisher.publish(newAlert);
      await round(notifier());
      const seen = log() + JSON.stringify(await deadLetters());
      expect(seen).toContain(newAlert.id);
      expect(seen).not.toContain("secret-token");
    }
  });
});

test("as a loop it empties its queue, waits out a failure, and stops", async () => {
  const { destination, notifier, posted, log } = await scene([
    { status: 503 },
    { status: 503 },
    { status: 503 },
    {},
  ]);
  const running = notifier();
  const { sqs, queueUrl, publisher } = destination;
  const logger = createLogger({ level: "silent", pretty: false });
  const service = startNotifierService({ notifier: running, sqs, queueUrl, logger });
  for (const alert of [newAlert, updateAlert]) await publisher.publish(alert);
  await eventually("both alerts are delivered", () => running.totals.delivered === 2, 30);
  await service.stop();
  expect(new Set(posted())).toEqual(new Set([newAlert.id, updateAlert.id]));
  expect(countsOf(running).quarantined).toBe(0);
  expect(log()).toContain("goes back to the queue");
});
