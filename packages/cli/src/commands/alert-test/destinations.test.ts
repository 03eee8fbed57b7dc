import { alertTestAttributes } from "@streamwarden/alerting";
import { compileRoute, parseConfig, type Route } from "@streamwarden/config";
import { describe, expect, test } from "vitest";
import { destinationsOf } from "./destinations.ts";
import { obstacleOf } from "./result.ts";
import { routeObstacle, wantedValues } from "./route.ts";

function queue(name: string) {
  return { protocol: "sqs", endpoint: `arn:aws:sqs:us-east-1:123456789012:${name}`, isPending: false };
}

const config = parseConfig(
  `
alerts: { email: [On-Call@example.com, new@example.com] }
destinations: { slack: [{ name: "a1" }, { name: "b-to-a1" }], webhook: [{ name: siem, url: "https://a.example.com", signingSecret: S1 }] }
`,
  "streamwarden.yml",
);

test("each destination finds its subscription, whatever the stage is called", () => {
  const found = destinationsOf(config, [
    { protocol: "email", endpoint: "on-call@example.com", isPending: true },
    queue("streamwarden-production-eu-west-1-to-b-to-a1"),
    queue("streamwarden-production-eu-west-1-to-a1"),
    queue("somebody-elses-to-siem"),
    queue("streamwarden-to-stray"),
    { protocol: "firehose", endpoint: "arn:aws:firehose:us-east-1:123456789012:x", isPending: false },
  ]);
  expect(found.map(({ kind, name, subscription }) => [kind, name, subscription?.endpoint])).toEqual([
    ["email", "alerts.email", "on-call@example.com"],
    ["email", "alerts.email", undefined],
    ["slack", "b-to-a1", expect.stringMatching(/-to-b-to-a1$/)],
    ["webhook", "siem", undefined],
    ["slack", "a1", expect.stringMatching(/west-1-to-a1$/)],
    ["queue", "stray", expect.stringMatching(/-to-stray$/)],
  ]);
  expect(found.map((one) => obstacleOf(one)?.detail)).toEqual([
    "its subscription is not confirmed",
    "the topic has no subscription of this address",
    undefined,
    "the topic has no subscription of a queue of it (streamwarden-<stage>-to-siem)",
    undefined,
    undefined,
  ]);
  expect(found[0] === undefined ? "" : obstacleOf(found[0])?.advice).toContain(
    'On-Call@example.com must follow the link in the mail "AWS Notification - Subscription Confirmation"',
  );
});

describe("the attributes of a test", () => {
  const routes: readonly Omit<Route, "name">[] = [
    {},
    { audience: "all" },
    { minimumSeverity: "critical" },
    { policies: ["ivs-*", "own"], tactics: ["impact"] },
    { accounts: ["123456789012"], regions: ["us-west-2"], kinds: ["summary"], minimumSeverity: "high" },
    { kinds: ["digest"] },
  ];
  const subscriptions = routes.map((route) => {
    const { filterPolicy } = compileRoute({ name: "r", ...route });
    const base = { endpoint: "q", isPending: false };
    return filterPolicy === undefined ? base : { ...base, filterPolicy: JSON.stringify(filterPolicy) };
  });
  const given = { id: "t", severity: "informational", createdAt: 0 } as const;

  test("fit every route at once", () => {
    const attributes = alertTestAttributes(given, wantedValues(subscriptions, []));
    expect(subscriptions.map((subscription) => routeObstacle(subscription, attributes))).toEqual(
      routes.map(() => undefined),
    );
  });

  test("of a severity that was asked for leave out the routes above it", () => {
    const attributes = alertTestAttributes(given, wantedValues(subscriptions, ["severity"]));
    expect(subscriptions.map((subscription) => routeObstacle(subscription, attributes))).toEqual([
      undefined,
      undefined,
      "its route takes severity critical only",
      undefined,
      "its route takes severity high, critical only",
      undefined,
    ]);
  });

  test("are silent on conditions that are not ours", () => {
    const filterPolicy = JSON.stringify({ severity: [{ "anything-but": ["low"] }], other: ["x"] });
    const subscription = { endpoint: "q", isPending: false, filterPolicy };
    const attributes = alertTestAttributes(given, wantedValues([subscription], []));
    expect(routeObstacle(subscription, attributes)).toBeUndefined();
  });
});
