import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { snsClientDefaults } from "@streamwarden/alerting";
import { emailSubscriptions, loadConfig } from "@streamwarden/config";
import {
  amazonQSender,
  createFindingQuarantine,
  createLogger,
  createNotifier,
  createStateClient,
  type Sender,
  slackSender,
  startNotifierService,
  webhookSender,
} from "@streamwarden/consumer";
import { DynamoDbStateStore } from "@streamwarden/detection";
import { type LocalAws, startLocalAws } from "@streamwarden/local";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Answer, type Receiver, startReceiver } from "../../packages/alerting/src/testing/receiver.ts";
import { type AlertTestOptions, alertTest } from "../../packages/cli/src/commands/alert-test/alert-test.ts";
import { fakeTerminal } from "../../packages/cli/src/testing/terminal.ts";

/** `alert test` over the wire: topic, queues, notifiers and receivers are real. */

const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

let aws: LocalAws;
let sns: SNSClient;
let sqs: SQSClient;
let made = 0;
const open: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  aws = await startLocalAws();
  const { region, credentials } = aws;
  sns = new SNSClient({ region, credentials, ...snsClientDefaults, endpoint: aws.endpoints.sns });
  sqs = new SQSClient({ region, credentials, endpoint: aws.endpoints.sqs, useQueueUrlAsEndpoint: false });
});
afterEach(async () => {
  aws.faults.clear();
  for (const close of open.splice(0).reverse()) await close();
});
afterAll(async () => {
  sns.destroy();
  sqs.destroy();
  await aws.close();
});

/** A deployment of the configuration, as the stacks make one; `senders` says what each notifier posts to. */
async function deploy(yaml: string, senders: Readonly<Record<string, Sender>> = {}) {
  made += 1;
  const folder = mkdtempSync(join(tmpdir(), "alert-test-"));
  open.push(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "streamwarden.yml");
  writeFileSync(path, yaml);
  const config = loadConfig(path);
  const { TopicArn: topic = "" } = await sns.send(new CreateTopicCommand({ Name: `alert-test-${made}` }));
  for (const { address, filterPolicy } of emailSubscriptions(config))
    await subscribe(topic, "email", address, { FilterPolicy: JSON.stringify(filterPolicy) });
  const queueUrls: string[] = [];
  const { slack, webhook, amazonQ } = config.destinations;
  for (const { name, filterPolicy } of [...slack, ...webhook, ...amazonQ]) {
    const send = senders[name];
    if (send === undefined) continue;
    const queue = await queueNamed(`streamwarden-stage${made}-to-${name}`);
    const deadLetters = await queueNamed(`streamwarden-stage${made}-to-${name}-dead-letters`);
    queueUrls.push(queue.url, deadLetters.url);
    await subscribe(topic, "sqs", queue.arn, {
      RawMessageDelivery: "true",
      ...(filterPolicy === undefined ? {} : { FilterPolicy: JSON.stringify(filterPolicy) }),
    });
    const client = createStateClient(aws.region, {
      endpoint: aws.endpoints.dynamodb,
      credentials: aws.credentials,
    });
    const notifier = createNotifier({
      kind: "slack",
      destination: name,
      send,
      store: new DynamoDbStateStore({ client, tableName: aws.resources.stateTable }),
      quarantine: createFindingQuarantine({ client: sqs, queueUrl: deadLetters.url }),
      logger: createLogger({ level: "silent", pretty: false }),
    });
    const logger = createLogger({ level: "silent", pretty: false });
    const service = startNotifierService({ notifier, sqs, queueUrl: queue.url, logger });
    open.push(async () => {
      await service.stop();
      client.destroy();
    });
  }
  return { path, topic, queueUrls };
}

async function queueNamed(QueueName: string): Promise<{ readonly url: string; readonly arn: string }> {
  const { QueueUrl: url = "" } = await sqs.send(new CreateQueueCommand({ QueueName }));
  return { url, arn: `arn:aws:sqs:${aws.region}:${aws.accountId}:${QueueName}` };
}

async function subscribe(
  TopicArn: string,
  Protocol: string,
  Endpoint: string,
  Attributes: Record<string, string>,
): Promise<void> {
  await sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes }));
}

interface Row {
  readonly kind: string;
  readonly name: string;
  readonly address?: string;
  readonly result: string;
  readonly detail: string;
  readonly advice?: string;
}

async function run(
  { path, topic }: { readonly path: string; readonly topic: string },
  options: Partial<AlertTestOptions> = {},
  signal?: AbortSignal,
) {
  const { terminal, written } = fakeTerminal({});
  const code = await alertTest(
    {
      config: path,
      topic,
      table: aws.resources.stateTable,
      endpoint: aws.endpoints.gateway,
      wait: 30,
      format: "json",
      ...options,
    },
    terminal,
    signal,
  );
  const { out } = await written();
  return { code, out };
}

async function rows(
  ...args: Parameters<typeof run>
): Promise<{ readonly code: number; readonly rows: readonly Row[] }> {
  const { code, out } = await run(...args);
  return { code, rows: JSON.parse(out).destinations };
}

async function receiver(...answers: readonly Answer[]): Promise<Receiver> {
  const started = await startReceiver(answers);
  open.push(() => started.close());
  return started;
}

function mailsOf(topic: string) {
  return aws.mailbox.mails.filter(({ topicArn }) => topicArn === topic);
}

const everything = `
alerts: { email: [on-call@example.com] }
destinations:
  slack:
    - { name: on-call, route: { minimumSeverity: critical, tactics: [impact] } }
    - { name: team, route: { policies: [ivs-*], accounts: ["123456789012"], regions: [us-west-2], kinds: [summary] } }
  webhook: [{ name: siem, url: "https://siem.example.com/", signingSecret: SiemSecret, route: { audience: all } }]
  amazonQ: [{ name: room }]
  email: [{ name: video, addresses: [video@example.com], route: { minimumSeverity: high } }]
`;

test("every destination gets it, whatever its route, and says what came back", async () => {
  const [onCall, team, siem] = [await receiver({}), await receiver({}), await receiver({ status: 204 })];
  const { TopicArn: room = "" } = await sns.send(
    new CreateTopicCommand({ Name: `streamwarden-stage${made + 1}-to-room` }),
  );
  await subscribe(room, "email", "amazon-q@example.com", {});
  const deployed = await deploy(everything, {
    "on-call": slackSender({ webhookUrl: onCall.url, allowLoopback: true }),
    team: slackSender({ webhookUrl: team.url, allowLoopback: true }),
    siem: webhookSender({ url: siem.url, secrets: [secret], allowLoopback: true }),
    room: amazonQSender({ client: sns, topicArn: room }),
  });
  const outcome = await rows(deployed);
  expect(outcome.code).toBe(0);
  expect(outcome.rows).toMatchObject([
    { kind: "email", name: "alerts.email", address: "on-call@example.com", result: "accepted" },
    { kind: "email", name: "video", address: "video@example.com", result: "accepted" },
    { kind: "slack", name: "on-call", result: "reached", detail: "HTTP 200" },
    { kind: "slack", name: "team", result: "reached", detail: "HTTP 200" },
    { kind: "webhook", name: "siem", result: "reached", detail: "HTTP 204" },
    {
      kind: "amazonQ",
      name: "room",
      result: "accepted",
      advice: expect.stringContaining("Only the channel shows"),
    },
  ]);
  const marked = /This is a test of Streamwarden's alert delivery\. Nothing happened\. Nobody needs to act\./;
  const mails = mailsOf(deployed.topic);
  expect(mails.map(({ to }) => to).toSorted()).toEqual(["on-call@example.com", "video@example.com"]);
  for (const { subject, body } of mails) {
    expect(subject).toContain("TEST");
    expect(body.replaceAll("\n", " ")).toMatch(marked);
  }
  for (const { received } of [onCall, team, siem]) {
    expect(received).toHaveLength(1);
    expect(received[0]?.body).toMatch(marked);
    expect(received[0]?.body).toContain("TEST");
  }
  expect(JSON.parse(siem.received[0]?.body ?? "")).toMatchObject({
    class_uid: 2004,
    verdict_id: 6,
    is_alert: false,
    finding_info: { analytic: { name: "streamwarden-alert-test" } },
  });
  expect(mailsOf(room)[0]?.body).toContain('"title":"TEST');
});

test("nothing stays behind: no incident, no delivery, no message, no dead letter", async () => {
  const broken = await receiver({ status: 404, body: "no_service" });
  const deployed = await deploy("destinations: { slack: [{ name: on-call }] }", {
    "on-call": slackSender({ webhookUrl: broken.url, allowLoopback: true }),
  });
  await rows(deployed);
  for (const QueueUrl of deployed.queueUrls)
    await expect
      .poll(
        async () => {
          const { Attributes } = await sqs.send(
            new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
          );
          return [Attributes?.ApproximateNumberOfMessages, Attributes?.ApproximateNumberOfMessagesNotVisible];
        },
        { timeout: 20_000 },
      )
      .toEqual(["0", "0"]);
  const client = createStateClient(aws.region, {
    endpoint: aws.endpoints.dynamodb,
    credentials: aws.credentials,
  });
  const { Items = [] } = await client.send(new ScanCommand({ TableName: aws.resources.stateTable }));
  client.destroy();
  const kinds = new Set(Items.map(({ pk }) => pk?.S?.split("#")[0]));
  expect([...kinds]).toEqual(["alert-test"]);
  // What tells the command the outcome goes within the hour.
  const expiries = Items.map((item) => Number(item.expiresAt?.N ?? item.ttl?.N ?? Number.NaN));
  for (const expiry of expiries) expect(expiry).toBeLessThan(Date.now() / 1000 + 2 * 3600);
});

describe("a destination that fails says why and what to do", () => {
  type Make = () => Promise<Sender>;
  const slackAt =
    (...answers: readonly Answer[]): Make =>
    async () =>
      slackSender({
        webhookUrl: (await receiver(...answers)).url,
        allowLoopback: true,
        attemptTimeoutMilliseconds: 300,
      });
  test.each<readonly [what: string, make: Make, detail: RegExp, advice: RegExp]>([
    [
      "Slack knows no such webhook",
      slackAt({ status: 404, body: "no_service" }),
      /HTTP 404: no_service$/,
      /make a new webhook/,
    ],
    [
      "Slack's channel is gone",
      slackAt({ status: 410, body: "channel_is_archived" }),
      /HTTP 410: channel_is_archived$/,
      /make a new webhook/,
    ],
    [
      "Slack rejects the token",
      slackAt({ status: 403, body: "invalid_token" }),
      /HTTP 403: invalid_token$/,
      /renew it/,
    ],
    [
      "Slack rejects the message",
      slackAt({ status: 400, body: "invalid_blocks" }),
      /HTTP 400: invalid_blocks$/,
      /please report/,
    ],
    [
      "it asks to slow down",
      slackAt({ status: 429, headers: { "retry-after": "60" }, body: "rate_limited" }),
      /HTTP 429: rate_limited$/,
      /in a minute/,
    ],
    [
      "its answer would steer a terminal",
      slackAt({ status: 404, body: "no\u001b[31m_service\nreached  Slack" }),
      /^HTTP 404: no␛\[31m_service ⏎ reached Slack$/,
      /make a new webhook/,
    ],
    ["it is down", slackAt({ status: 503, body: "" }), /HTTP 503$/, /status page/],
    ["it never answers", slackAt({ instead: "hang" }), /timeout/i, /too slow/],
    ["it hangs up", slackAt({ instead: "drop" }), /other side closed|socket/i, /network path/],
    [
      "its name is not known",
      async () => webhookSender({ url: "https://no-such-host.invalid/", secrets: [secret] }),
      /ENOTFOUND|EAI_AGAIN/,
      /DNS/,
    ],
    [
      "it does not speak TLS",
      async () =>
        webhookSender({
          url: (await receiver({})).url.replace("http:", "https:"),
          secrets: [secret],
          allowLoopback: true,
        }),
      /SSL/,
      /TLS certificate/,
    ],
    [
      "the secret is no Slack address",
      async () => slackSender({ webhookUrl: "https://example.com/x" }),
      /must be on hooks\.slack\.com/,
      /Correct the address/,
    ],
  ])("%s", async (_, make, detail, advice) => {
    const deployed = await deploy("destinations: { slack: [{ name: on-call }] }", {
      "on-call": await make(),
    });
    const outcome = await rows(deployed);
    expect(outcome.code).toBe(1);
    expect(outcome.rows).toMatchObject([
      { result: "not-reached", detail: expect.stringMatching(detail), advice: expect.stringMatching(advice) },
    ]);
    expect(JSON.stringify(outcome)).not.toContain("secret-token");
  });

  test("it is not deployed", async () => {
    const deployed = await deploy(
      "alerts: { email: [on-call@example.com] }\ndestinations: { slack: [{ name: on-call }] }",
    );
    const outcome = await rows(deployed);
    expect(outcome).toMatchObject({ code: 1, rows: [{ result: "accepted" }, { result: "not-reached" }] });
    expect(outcome.rows[1]).toMatchObject({
      detail: expect.stringContaining("no subscription"),
      advice: expect.stringContaining("Deploy"),
    });
  });

  test("nothing takes the message from its queue", async () => {
    const deployed = await deploy("destinations: { slack: [{ name: on-call }] }");
    const queue = await queueNamed(`streamwarden-stage${made}-to-on-call`);
    await subscribe(deployed.topic, "sqs", queue.arn, { RawMessageDelivery: "true" });
    const outcome = await rows(deployed, { wait: 1 });
    expect(outcome).toMatchObject({ code: 1, rows: [{ result: "not-reached" }] });
    expect(outcome.rows[0]?.detail).toBe("no outcome within 1 s; its queue holds 1 waiting and 0 in flight");
    expect(outcome.rows[0]?.advice).toContain("a missing secret");
  });

  test("its topic for Amazon Q has no channel", async () => {
    const { TopicArn: room = "" } = await sns.send(
      new CreateTopicCommand({ Name: `streamwarden-stage${made + 1}-to-room` }),
    );
    const deployed = await deploy("destinations: { amazonQ: [{ name: room }] }", {
      room: amazonQSender({ client: sns, topicArn: room }),
    });
    const outcome = await rows(deployed);
    expect(outcome).toMatchObject({ code: 1, rows: [{ result: "not-reached" }] });
    expect(outcome.rows[0]?.advice).toContain(`Add the topic ${room}`);
  });
});

describe("with --severity", () => {
  const yaml =
    "destinations: { slack: [{ name: on-call, route: { minimumSeverity: high } }, { name: all }] }";

  test.each([
    ["low", "not-sent", "its route takes severity high, critical only"],
    ["critical", "reached", "HTTP 200"],
  ])("%s: a route for high is %s", async (severity, result, detail) => {
    const [onCall, all] = [await receiver({}), await receiver({})];
    const deployed = await deploy(yaml, {
      "on-call": slackSender({ webhookUrl: onCall.url, allowLoopback: true }),
      all: slackSender({ webhookUrl: all.url, allowLoopback: true }),
    });
    const outcome = await rows(deployed, { severity });
    expect(outcome.code).toBe(0);
    expect(outcome.rows).toMatchObject([
      { name: "on-call", result, detail },
      { name: "all", result: "reached" },
    ]);
    expect(onCall.received).toHaveLength(result === "reached" ? 1 : 0);
  });

  test("none that takes it is a failure", async () => {
    const onCall = await receiver({});
    const deployed = await deploy(
      "destinations: { slack: [{ name: on-call, route: { minimumSeverity: high } }] }",
      {
        "on-call": slackSender({ webhookUrl: onCall.url, allowLoopback: true }),
      },
    );
    expect(await rows(deployed, { severity: "low" })).toMatchObject({
      code: 1,
      rows: [{ result: "not-sent" }],
    });
  });
});

describe("with --destination", () => {
  const yaml = `
alerts: { email: [on-call@example.com] }
destinations: { slack: [{ name: on-call }, { name: team }] }
`;

  async function world() {
    const [onCall, team] = [await receiver({}), await receiver({})];
    const deployed = await deploy(yaml, {
      "on-call": slackSender({ webhookUrl: onCall.url, allowLoopback: true }),
      team: slackSender({ webhookUrl: team.url, allowLoopback: true }),
    });
    return { deployed, onCall, team };
  }

  test("only that channel gets it, and no mailbox", async () => {
    const { deployed, onCall, team } = await world();
    const outcome = await rows(deployed, { destination: ["team"] });
    expect(outcome).toMatchObject({ code: 0, rows: [{ name: "team", result: "reached" }] });
    await aws.settled();
    expect([onCall.received.length, team.received.length, mailsOf(deployed.topic).length]).toEqual([0, 1, 0]);
  });

  test("an address goes by the topic, and no channel posts it", async () => {
    const { deployed, onCall, team } = await world();
    const outcome = await rows(deployed, { destination: ["on-call@example.com", "team"] });
    expect(outcome).toMatchObject({
      code: 0,
      rows: [{ result: "accepted" }, { name: "team", result: "reached" }],
    });
    expect([onCall.received.length, team.received.length, mailsOf(deployed.topic).length]).toEqual([0, 1, 1]);
  });

  test("one that does not exist is wrong usage", async () => {
    const { deployed } = await world();
    await expect(run(deployed, { destination: ["teem"] })).rejects.toMatchObject({
      exitCode: 2,
      message: 'There is no destination "teem". Did you mean team?',
    });
  });
});

test.each([
  ["throttle", /Rate exceeded/],
  ["access-denied", /not authorized.*sns:Publish|AuthorizationError/],
] as const)("a topic that answers with %s is reported with what AWS said", async (kind, message) => {
  const deployed = await deploy("alerts: { email: [on-call@example.com] }");
  aws.faults.add({ service: "sns", kind, from: "clients" });
  await expect(run(deployed)).rejects.toMatchObject({
    code: "cli-endpoint",
    message: expect.stringMatching(message),
  });
});

test("a table that cannot be read is reported before anything is sent", async () => {
  const deployed = await deploy("alerts: { email: [on-call@example.com] }");
  await expect(run(deployed, { table: "no-such-table" })).rejects.toMatchObject({
    code: "cli-table",
    message: expect.stringMatching(/The state table no-such-table \(as named\) cannot be read/),
  });
  expect(mailsOf(deployed.topic)).toEqual([]);
});

test("an interruption ends the wait", async () => {
  const deployed = await deploy("destinations: { slack: [{ name: on-call }] }");
  const queue = await queueNamed(`streamwarden-stage${made}-to-on-call`);
  await subscribe(deployed.topic, "sqs", queue.arn, { RawMessageDelivery: "true" });
  const stop = new AbortController();
  const running = run(deployed, { wait: 900 }, stop.signal);
  setImmediate(() => stop.abort());
  await expect(running).rejects.toMatchObject({ code: "cli-interrupted", exitCode: 130 });
});

test("a person reads one line for each destination", async () => {
  const [onCall] = [await receiver({ status: 404, body: "no_service" })];
  const deployed = await deploy(
    `
alerts: { email: [on-call@example.com] }
destinations: { slack: [{ name: on-call }] }
`,
    { "on-call": slackSender({ webhookUrl: onCall.url, allowLoopback: true }) },
  );
  const { code, out } = await run(deployed, { format: "text" });
  expect(code).toBe(1);
  const [first, mail, slack, ...rest] = out.trimEnd().split("\n");
  expect(first).toMatch(
    /^Test streamwarden-alert-test\.[\w-]+ to arn:aws:sns:\S+ \(as named, SNS message [\w-]+\)\.$/,
  );
  expect(mail).toMatch(
    /^accepted\s+email\s+on-call@example\.com \(alerts\.email\)\s+SNS has it \(message [\w-]+\)\. Only the mailbox shows/,
  );
  expect(slack).toMatch(/^NOT REACHED\s+Slack\s+on-call\s+HTTP 404: no_service in [\d,]+ ms\. The webhook/);
  expect(rest).toEqual([]);
});
