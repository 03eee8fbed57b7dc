import type { Alert } from "@streamwarden/alerting";
import { parseConfig } from "@streamwarden/config";
import { loadPolicies } from "@streamwarden/policies";
import { describe, expect, test } from "vitest";
import { sharePipelines } from "../testing/shared-pipelines.ts";
import {
  arnOf,
  iamUser,
  permissionSet,
  roleSession,
  root,
  type StoryCall,
  storyRecord,
  storyStart,
} from "../testing/story-records.ts";
import { createDetector } from "./detector.ts";

/** One policy that is true of every call of IVS, so that the incident is all that an actor does. */
function everyCall(stage = "live") {
  const text = `title: Any call
id: 5a0c7d3e-52c4-4b4c-9a49-0d6a64a4a111
name: any-call
status: test
logsource: { product: aws, service: cloudtrail }
detection: { call: { eventSource: [ivs.amazonaws.com, ivschat.amazonaws.com] }, condition: call }
level: high
custom_attributes: { streamwarden.stage: ${stage}, streamwarden.window: 6h }
`;
  const set = loadPolicies(
    { files: [{ path: "any-call.yml", text }] },
    parseConfig("policies: { pack: false }", "streamwarden.yml"),
  );
  expect(set.problems.filter(({ severity }) => severity === "error")).toEqual([]);
  return createDetector(set);
}
const live = everyCall();

type Change = Partial<Omit<StoryCall, "id" | "at">>;

async function alertsOf(calls: readonly Change[], detector = live): Promise<readonly Alert[]> {
  const world = sharePipelines({ detector, now: storyStart + 1000_000 });
  const bodies = calls.map((change, index) =>
    storyRecord({ id: `call-${index}`, at: index, by: iamUser("olga"), operation: "GetChannel", ...change }),
  );
  for (const body of bodies) await world.send([[{ body, sentAt: storyStart }]]);
  // Redelivery raises nothing.
  await world.send([bodies.map((body) => ({ body, sentAt: storyStart }))]);
  for (const body of bodies) await world.send([[{ body, sentAt: storyStart }]]);
  return world.published;
}

/** What is new in each alert but the first. */
function newsOf(alerts: readonly Alert[]): readonly string[] {
  return alerts
    .slice(1)
    .map(({ news = [] }) => news.map(({ facet, value }) => `${facet} ${value}`).join(", "));
}

const channel = { request: { arn: arnOf("channel", "a") } };
const strongRoot = root;
const weakRoot = structuredClone(root) as { sessionContext: { attributes: { mfaAuthenticated: string } } };
weakRoot.sessionContext.attributes.mfaAuthenticated = "false";
function onEc2(session: string, key: string): object {
  const issued = roleSession("Worker", session, { key }) as { readonly sessionContext: object };
  return { ...issued, sessionContext: { ...issued.sessionContext, ec2RoleDelivery: "2.0" } };
}

describe("what is new to an open incident speaks at once, once:", () => {
  const person = (started: string, key = "ASIAEXAMPLE") =>
    roleSession("AWSReservedSSO_Studio_0011223344556677", "mira", {
      path: "aws-reserved/sso.amazonaws.com",
      started,
      key,
    });
  const morning = "2026-03-04T01:00:00Z";
  test.each<[string, Change, Change, string | RegExp]>([
    [
      "a session",
      { by: person(morning) },
      { by: person("2026-03-04T01:55:00Z") },
      "sessions mira since 2026-03-04T01:55:00Z",
    ],
    [
      "an access key",
      { by: iamUser("olga", "AKIAONE") },
      { by: iamUser("olga", "AKIATWO") },
      "accessKeys AKIATWO",
    ],
    ["a network", { from: "192.0.2.1" }, { from: "198.51.100.7" }, "networks 198.51.100.0/24"],
    ["a network of IPv6", { from: "2001:db8:1:2::1" }, { from: "2001:db8:2::1" }, "networks 2001:db8:2::/48"],
    ["an operation", {}, { operation: "DeleteChannel" }, "operations DeleteChannel"],
    [
      "a class of resources",
      channel,
      { request: { arn: arnOf("stream-key", "k") } },
      "resourceClasses stream-key",
    ],
    [
      "a source identity",
      { by: roleSession("Editor", "s", { sourceIdentity: "mira" }) },
      { by: roleSession("Editor", "s", { sourceIdentity: "noah" }) },
      "sourceIdentities noah",
    ],
    ["a weaker second factor", { by: strongRoot }, { by: weakRoot }, "mfa absent"],
    [
      "a network of a machine",
      { by: onEc2("i-1", "ASIA1"), from: "192.0.2.1" },
      { by: onEc2("i-1", "ASIA1"), from: "198.51.100.7" },
      "networks 198.51.100.0/24",
    ],
    [
      "an operation of a machine",
      { by: onEc2("i-1", "ASIA1") },
      { by: onEc2("i-1", "ASIA1"), operation: "DeleteChannel" },
      "operations DeleteChannel",
    ],
    [
      "a class of resources of a machine",
      { by: onEc2("i-1", "ASIA1"), ...channel },
      { by: onEc2("i-1", "ASIA1"), request: { arn: arnOf("stream-key", "k") } },
      "resourceClasses stream-key",
    ],
  ])("%s", async (_, first, second, news) => {
    const alerts = await alertsOf([first, first, second, second]);
    expect(newsOf(alerts)).toEqual([news]);
    expect(alerts[1]).toMatchObject({ kind: "update", record: { eventId: "call-2" } });
  });

  test.each<[string, Change, Change]>([
    ["another address of the same /24", { from: "192.0.2.1" }, { from: "192.0.2.200" }],
    ["another address of the same /48", { from: "2001:db8:1:2::1" }, { from: "2001:db8:1:3::9" }],
    ["another resource of a class", channel, { request: { arn: arnOf("channel", "b") } }],
    ["a stronger second factor", { by: weakRoot }, { by: strongRoot }],
    ["the key and session of a machine", { by: onEc2("i-1", "ASIA1") }, { by: onEc2("i-2", "ASIA2") }],
    ["another tool", {}, { change: { userAgent: "Boto3/1.40" } }],
  ])("%s is no news", async (_, first, second) => {
    expect(newsOf(await alertsOf([first, second]))).toEqual([]);
  });

  test("several values that one call brings are one alert", async () => {
    const alerts = await alertsOf([
      channel,
      { operation: "DeleteStreamKey", request: { arn: arnOf("stream-key", "k") }, from: "198.51.100.7" },
    ]);
    expect(newsOf(alerts)).toEqual([
      "networks 198.51.100.0/24, operations DeleteStreamKey, resourceClasses stream-key",
    ]);
  });
});

test("at most eight alerts an incident are about news, and the last says so", async () => {
  const networks = Array.from({ length: 9 }, (_, index) => ({ from: `10.0.${index}.1` }));
  const news = (await alertsOf([...networks, { operation: "GetStage" }])).filter(
    (alert) => alert.news !== undefined,
  );
  expect(news.map(({ incident }) => incident.newsRaised)).toEqual([
    ...Array.from({ length: 7 }, () => undefined),
    8,
  ]);
});

test("a policy in dry run raises nothing", async () => {
  const quiet = everyCall("dry-run");
  expect(await alertsOf([channel, { operation: "DeleteChannel" }, { from: "198.51.100.7" }], quiet)).toEqual(
    [],
  );
});

test("two people are no news to each other: they have an incident each", async () => {
  const alerts = await alertsOf([
    { by: permissionSet("Studio", "mira") },
    { by: permissionSet("Studio", "noah") },
  ]);
  expect(alerts.map(({ kind }) => kind)).toEqual(["new", "new"]);
});
