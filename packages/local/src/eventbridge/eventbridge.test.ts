import { readFileSync } from "node:fs";
import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  InvalidEventPatternException,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  ResourceNotFoundException,
  type RuleState,
  TestEventPatternCommand,
} from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestWorld, type TestWorld } from "../testing/test-world.ts";
import { serviceUserAgent } from "./service-user-agent.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await startTestWorld();
});
afterAll(() => world.close());

function apiCall(eventName: string, source = "aws.ivs"): PutEventsRequestEntry {
  return {
    Source: source,
    DetailType: "AWS API Call via CloudTrail",
    Detail: JSON.stringify({ eventName, eventSource: "ivs.amazonaws.com" }),
  };
}

async function put(...Entries: PutEventsRequestEntry[]) {
  const answer = await world.eventbridge.send(new PutEventsCommand({ Entries }));
  await world.aws.settled();
  return answer;
}

async function delivered(queueUrl = world.aws.resources.queueUrl) {
  const messages = await world.drain(queueUrl);
  return messages.map(({ Body = "" }) => JSON.parse(Body));
}

let queues = 0;
async function newQueue(): Promise<{ url: string; arn: string }> {
  queues += 1;
  const { QueueUrl: url = "" } = await world.sqs.send(
    new CreateQueueCommand({ QueueName: `events-${queues}` }),
  );
  return { url, arn: `arn:aws:sqs:us-east-1:000000000000:events-${queues}` };
}

test("lists come in pages", async () => {
  const names: (string | undefined)[] = [];
  let NextToken: string | undefined;
  do {
    const page = await world.eventbridge.send(
      new ListRulesCommand({ NamePrefix: "streamwarden-", Limit: 2, NextToken }),
    );
    expect(page.Rules?.length).toBeLessThanOrEqual(2);
    names.push(...(page.Rules ?? []).map(({ Name }) => Name));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  expect(names).toEqual(world.aws.resources.ruleNames);
  const targets = { Rule: "streamwarden-canary", Limit: 1 };
  expect(await world.eventbridge.send(new ListTargetsByRuleCommand(targets))).toMatchObject({
    Targets: [{ Id: "queue" }],
  });
});

test.each([{ Limit: 0 }, { Limit: 101 }, { NextToken: "x" }])("a page of %j is rejected", async (page) => {
  await expect(world.eventbridge.send(new ListRulesCommand(page))).rejects.toMatchObject({
    name: "ValidationException",
  });
});

describe("sources of AWS, where only services may put them", () => {
  let strict: TestWorld;
  beforeAll(async () => {
    strict = await startTestWorld({ awsSources: "services" });
  });
  afterAll(() => strict.close());

  test.each<[source: string, code: string | undefined]>([
    ["aws.ivs", "NotAuthorizedForSourceException"],
    ["aws.", "NotAuthorizedForSourceException"],
    ["aws", undefined],
    ["example.aws.ivs", undefined],
    ["streamwarden.canary", undefined],
  ])("%s from a program: %s", async (source, code) => {
    const command = new PutEventsCommand({
      Entries: [apiCall("CreateChannel", source), apiCall("x", "good")],
    });
    const { FailedEntryCount, Entries } = await strict.eventbridge.send(command);
    expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([code, undefined]);
    expect(FailedEntryCount).toBe(code === undefined ? 0 : 1);
  });

  test("aws.ivs from a program that plays the service", async () => {
    const service = new EventBridgeClient({
      endpoint: strict.aws.endpoints.eventbridge,
      region: strict.aws.region,
      credentials: strict.aws.credentials,
      customUserAgent: serviceUserAgent,
    });
    await service.send(new PutEventsCommand({ Entries: [apiCall("CreateChannel")] }));
    service.destroy();
    await strict.aws.settled();
    expect(await strict.drain(strict.aws.resources.queueUrl)).toHaveLength(1);
  });
});

describe("PutEvents", () => {
  test("hands the envelope to the queue, with the detail as it was written", async () => {
    const Detail = '{ "b": 1.0, "a": "\u{1f600}", "__proto__": {"x": 1} }';
    const Time = new Date("2026-01-02T03:04:05Z");
    const { FailedEntryCount, Entries } = await put({
      Source: "aws.ivs",
      DetailType: "AWS API Call via CloudTrail",
      Detail,
      Time,
      Resources: ["arn:x"],
    });
    expect(FailedEntryCount).toBe(0);
    const [message] = await world.drain(world.aws.resources.queueUrl);
    expect(message?.Body?.endsWith(`,"detail":${Detail}}`)).toBe(true);
    expect(JSON.parse(message?.Body ?? "")).toMatchObject({
      version: "0",
      id: Entries?.[0]?.EventId,
      "detail-type": "AWS API Call via CloudTrail",
      source: "aws.ivs",
      account: "000000000000",
      time: "2026-01-02T03:04:05Z",
      region: "us-east-1",
      resources: ["arn:x"],
    });
  });

  test("a CloudTrail record gives the envelope its account, region and time", async () => {
    const record = {
      eventName: "CreateChannel",
      recipientAccountId: "123456789012",
      awsRegion: "us-west-2",
      eventTime: "2020-04-02T20:57:46Z",
    };
    await put({ ...apiCall("CreateChannel"), Detail: JSON.stringify(record) });
    const [event] = await delivered();
    expect(event).toMatchObject({
      account: "123456789012",
      region: "us-west-2",
      time: "2020-04-02T20:57:46Z",
    });
  });

  test.each<[why: string, entry: PutEventsRequestEntry, code: string]>([
    ["no source", { DetailType: "x", Detail: "{}" }, "InvalidArgument"],
    ["no detail-type", { Source: "x", Detail: "{}" }, "InvalidArgument"],
    ["no detail", { Source: "x", DetailType: "x" }, "InvalidArgument"],
    ["detail is not JSON", { Source: "x", DetailType: "x", Detail: "{" }, "MalformedDetail"],
    ["detail is not an object", { Source: "x", DetailType: "x", Detail: "[]" }, "MalformedDetail"],
  ])("rejects an entry alone: %s", async (_why, entry, code) => {
    const { FailedEntryCount, Entries } = await put(entry, apiCall("CreateChannel"));
    expect(FailedEntryCount).toBe(1);
    expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([code, undefined]);
    expect(await delivered()).toHaveLength(1);
  });

  test("rejects more than 10 entries and more than 1 MiB", async () => {
    const many = Array.from({ length: 11 }, () => apiCall("CreateChannel"));
    await expect(put(...many)).rejects.toMatchObject({ name: "ValidationException" });
    const large = { ...apiCall("CreateChannel"), Detail: JSON.stringify({ x: "y".repeat(1024 * 1024) }) };
    await expect(put(large)).rejects.toMatchObject({ name: "ValidationException" });
    expect(await delivered()).toEqual([]);
  });
});

describe("rule states", () => {
  test.each<[state: RuleState, expected: string[]]>([
    ["ENABLED", ["CreateChannel", "BatchGetStreamKey"]],
    [
      "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
      ["CreateChannel", "GetStreamKey", "ListChannels", "DescribeX", "BatchGetStreamKey"],
    ],
    ["DISABLED", []],
  ])("%s: read-only management events reach only the ALL state", async (State, expected) => {
    const queue = await newQueue();
    const Name = `state-${State.slice(0, 20)}`;
    const EventPattern = JSON.stringify({ source: ["aws.states"] });
    await world.eventbridge.send(new PutRuleCommand({ Name, State, EventPattern }));
    await world.eventbridge.send(
      new PutTargetsCommand({ Rule: Name, Targets: [{ Id: "q", Arn: queue.arn }] }),
    );
    const names = ["CreateChannel", "GetStreamKey", "ListChannels", "DescribeX", "BatchGetStreamKey"];
    await put(...names.map((name) => apiCall(name, "aws.states")));
    const events = await delivered(queue.url);
    expect(events.map(({ detail }) => detail.eventName).sort()).toEqual([...expected].sort());
  });

  test("DisableRule stops a rule and EnableRule leaves it without the ALL state, as on AWS", async () => {
    const Name = "streamwarden-ivs-calls";
    const stateOf = async () => (await world.eventbridge.send(new DescribeRuleCommand({ Name }))).State;
    const before = await world.eventbridge.send(new DescribeRuleCommand({ Name }));
    await world.eventbridge.send(new DisableRuleCommand({ Name }));
    expect(await stateOf()).toBe("DISABLED");
    await put(apiCall("CreateChannel"));
    expect(await delivered()).toEqual([]);
    await world.eventbridge.send(new EnableRuleCommand({ Name }));
    expect(await stateOf()).toBe("ENABLED");
    await put(apiCall("CreateChannel"), apiCall("GetStreamKey"));
    expect((await delivered()).map(({ detail }) => detail.eventName)).toEqual(["CreateChannel"]);
    await world.eventbridge.send(
      new PutRuleCommand({
        Name,
        State: before.State,
        EventPattern: before.EventPattern,
        Description: before.Description,
      }),
    );
    const { Targets } = await world.eventbridge.send(new ListTargetsByRuleCommand({ Rule: Name }));
    expect(Targets).toHaveLength(1);
  });
});

describe("rules and targets", () => {
  test("the product's rules are there", async () => {
    const { Rules } = await world.eventbridge.send(new ListRulesCommand({ NamePrefix: "streamwarden-" }));
    expect(Rules?.map(({ Name, State }) => [Name, State])).toEqual([
      ["streamwarden-ivs-calls", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"],
      ["streamwarden-pipeline-guards", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"],
      ["streamwarden-canary", "ENABLED"],
    ]);
  });

  test("a rule is created, retargeted and deleted only without targets", async () => {
    const queue = await newQueue();
    const Name = "life";
    const EventPattern = JSON.stringify({ source: ["life"] });
    await world.eventbridge.send(new PutRuleCommand({ Name, EventPattern }));
    await world.eventbridge.send(
      new PutTargetsCommand({
        Rule: Name,
        Targets: [
          { Id: "constant", Arn: queue.arn, Input: '"constant"' },
          { Id: "path", Arn: queue.arn, InputPath: "$.detail.inner" },
        ],
      }),
    );
    await put({ Source: "life", DetailType: "x", Detail: '{"inner":{"y":1}}' });
    expect((await delivered(queue.url)).map((body) => JSON.stringify(body)).sort()).toEqual([
      '"constant"',
      '{"y":1}',
    ]);
    const remove = new DeleteRuleCommand({ Name });
    await expect(world.eventbridge.send(remove)).rejects.toMatchObject({ name: "ValidationException" });
    const removed = await world.eventbridge.send(
      new RemoveTargetsCommand({ Rule: Name, Ids: ["constant", "path", "no"] }),
    );
    expect(removed.FailedEntries?.map(({ TargetId }) => TargetId)).toEqual(["no"]);
    await world.eventbridge.send(remove);
    await expect(world.eventbridge.send(new DescribeRuleCommand({ Name }))).rejects.toBeInstanceOf(
      ResourceNotFoundException,
    );
  });

  test("rejects bad patterns, states, targets and buses", async () => {
    const send = (command: PutRuleCommand) => world.eventbridge.send(command);
    const bad = send(new PutRuleCommand({ Name: "bad", EventPattern: '{"source":["x",{"wild":"y"}]}' }));
    await expect(bad).rejects.toBeInstanceOf(InvalidEventPatternException);
    await expect(send(new PutRuleCommand({ Name: "bad", EventPattern: "{" }))).rejects.toBeInstanceOf(
      InvalidEventPatternException,
    );
    await expect(send(new PutRuleCommand({ Name: "b d", EventPattern: '{"a":[1]}' }))).rejects.toThrow(
      "regular expression",
    );
    await expect(send(new PutRuleCommand({ Name: "bad" }))).rejects.toThrow("EventPattern");
    await expect(
      send(new PutRuleCommand({ Name: "bad", EventPattern: '{"a":[1]}', EventBusName: "other" })),
    ).rejects.toBeInstanceOf(ResourceNotFoundException);
    const lambda = { Id: "x", Arn: "arn:aws:lambda:us-east-1:000000000000:function:x" };
    const targets = new PutTargetsCommand({ Rule: "streamwarden-canary", Targets: [lambda] });
    await expect(world.eventbridge.send(targets)).rejects.toThrow("SQS queues only");
  });

  test("TestEventPattern", async () => {
    const Event = readFileSync(new URL("sample-event.json", import.meta.url), "utf8");
    const result = async (EventPattern: string) =>
      (await world.eventbridge.send(new TestEventPatternCommand({ EventPattern, Event }))).Result;
    expect(await result('{"source":["aws.ivs"]}')).toBe(true);
    expect(await result('{"source":["aws.ec2"]}')).toBe(false);
  });
});

describe("dead-letter queue of a target", () => {
  test("a queue that is gone is not retried", async () => {
    const dead = await newQueue();
    const EventPattern = JSON.stringify({ source: ["gone"] });
    await world.eventbridge.send(new PutRuleCommand({ Name: "gone", EventPattern }));
    const Arn = "arn:aws:sqs:us-east-1:000000000000:no-such-queue";
    const Targets = [{ Id: "q", Arn, DeadLetterConfig: { Arn: dead.arn } }];
    await world.eventbridge.send(new PutTargetsCommand({ Rule: "gone", Targets }));
    await put({ Source: "gone", DetailType: "x", Detail: "{}" });
    const [message] = await world.drain(dead.url);
    expect(JSON.parse(message?.Body ?? "")).toMatchObject({ source: "gone" });
    const attributes = Object.entries(message?.MessageAttributes ?? {}).map(([name, { StringValue }]) => [
      name,
      StringValue,
    ]);
    expect(Object.fromEntries(attributes)).toMatchObject({
      RULE_ARN: "arn:aws:events:us-east-1:000000000000:rule/gone",
      TARGET_ARN: Arn,
      ERROR_CODE: "NO_PERMISSIONS",
      RETRY_ATTEMPTS: "0",
    });
  });

  test("retries run out", async () => {
    const queue = await newQueue();
    const dead = await newQueue();
    const EventPattern = JSON.stringify({ source: ["retry"] });
    await world.eventbridge.send(new PutRuleCommand({ Name: "retry", EventPattern }));
    const RetryPolicy = { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 60 };
    const Targets = [{ Id: "q", Arn: queue.arn, DeadLetterConfig: { Arn: dead.arn }, RetryPolicy }];
    await world.eventbridge.send(new PutTargetsCommand({ Rule: "retry", Targets }));
    // First attempt and both retries fail; the fourth send is the one to the dead-letter queue.
    const id = world.aws.faults.add({
      service: "sqs",
      operation: "SendMessage",
      kind: "error-500",
      times: 3,
      from: "deliveries",
    });
    await put({ Source: "retry", DetailType: "x", Detail: "{}" });
    world.aws.faults.remove(id);
    expect(await world.drain(queue.url)).toEqual([]);
    const [message] = await world.drain(dead.url);
    expect(message?.MessageAttributes).toMatchObject({
      EXHAUSTED_RETRY_CONDITION: { StringValue: "MaximumRetryAttempts" },
      RETRY_ATTEMPTS: { StringValue: "2" },
    });
  });
});
