import { describe, expect, test } from "vitest";
import { captureRules } from "./capture-rules.ts";
import { compilePattern, maximumPatternCharacters } from "./compile-pattern.ts";

const matchers = captureRules.map(({ name, pattern }) => ({ name, matches: compilePattern(pattern) }));
function caughtBy(event: unknown): string[] {
  return matchers.filter(({ matches }) => matches(event)).map(({ name }) => name);
}
function call(source: string, eventName: string): unknown {
  return {
    source,
    "detail-type": "AWS API Call via CloudTrail",
    detail: { eventName },
  };
}

test.each(captureRules)("$name fits into a rule", ({ pattern, description, name }) => {
  expect(JSON.stringify(pattern).length).toBeLessThanOrEqual(maximumPatternCharacters);
  expect(description.length).toBeLessThanOrEqual(512);
  expect(name).toMatch(/^[.\-_A-Za-z0-9]{1,64}$/);
});

test("rules over AWS events are in the state that also delivers reads", () => {
  const states = captureRules.map(({ name, state }) => [name, state]);
  expect(states).toEqual([
    ["streamwarden-ivs-calls", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"],
    ["streamwarden-pipeline-guards", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"],
    ["streamwarden-canary", "ENABLED"],
  ]);
});

describe("each event is caught by exactly the rule that is meant", () => {
  test.each<[source: string, eventName: string, rules: string[]]>([
    ["aws.ivs", "CreateChannel", ["streamwarden-ivs-calls"]],
    ["aws.ivs", "GetStreamKey", ["streamwarden-ivs-calls"]],
    ["aws.ivschat", "DeleteRoom", ["streamwarden-ivs-calls"]],
    ["aws.events", "DisableRule", ["streamwarden-pipeline-guards"]],
    ["aws.events", "PutRule", ["streamwarden-pipeline-guards"]],
    ["aws.events", "ListRules", []],
    ["aws.cloudtrail", "StopLogging", ["streamwarden-pipeline-guards"]],
    ["aws.cloudtrail", "PutEventSelectors", ["streamwarden-pipeline-guards"]],
    ["aws.cloudtrail", "LookupEvents", []],
    ["aws.sqs", "PurgeQueue", ["streamwarden-pipeline-guards"]],
    ["aws.sqs", "SetQueueAttributes", ["streamwarden-pipeline-guards"]],
    ["aws.sns", "Unsubscribe", ["streamwarden-pipeline-guards"]],
    ["aws.sns", "Publish", []],
    ["aws.lambda", "UpdateFunctionCode20150331v2", ["streamwarden-pipeline-guards"]],
    ["aws.lambda", "DeleteFunction20150331", ["streamwarden-pipeline-guards"]],
    ["aws.lambda", "PutFunctionConcurrency20171031", ["streamwarden-pipeline-guards"]],
    ["aws.lambda", "GetFunction20150331v2", []],
    ["aws.dynamodb", "DeleteTable", ["streamwarden-pipeline-guards"]],
    ["aws.kms", "DisableKey", ["streamwarden-pipeline-guards"]],
    ["aws.iam", "PutRolePolicy", ["streamwarden-pipeline-guards"]],
    ["aws.chatbot", "DeleteSlackChannelConfiguration", ["streamwarden-pipeline-guards"]],
    ["aws.monitoring", "DeleteAlarms", ["streamwarden-pipeline-guards"]],
    ["aws.ec2", "RunInstances", []],
  ])("%s %s", (source, eventName, rules) => {
    expect(caughtBy(call(source, eventName))).toEqual(rules);
  });

  test("an IVS service event is not a CloudTrail call", () => {
    const event = {
      source: "aws.ivs",
      "detail-type": "IVS Stream State Change",
      detail: { event_name: "Stream Start" },
    };
    expect(caughtBy(event)).toEqual([]);
  });

  test("the canary", () => {
    expect(caughtBy({ source: "streamwarden.canary", "detail-type": "Streamwarden canary" })).toEqual([
      "streamwarden-canary",
    ]);
  });
});
