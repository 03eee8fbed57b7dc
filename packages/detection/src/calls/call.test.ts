import { actorOf, type CloudTrailRecord } from "@streamwarden/cloudtrail";
import { describe, expect, test } from "vitest";
import { callOf, callOfAlertRecord, recordOfCall } from "./call.ts";

const session = {
  type: "AssumedRole",
  arn: "arn:aws:sts::111122223333:assumed-role/Admin/alice",
  accountId: "111122223333",
  accessKeyId: "ASIAEXAMPLE",
  sessionContext: {
    sessionIssuer: { arn: "arn:aws:iam::111122223333:role/Admin", userName: "Admin" },
    sourceIdentity: "alice",
    attributes: { creationDate: "2026-01-02T03:00:00Z", mfaAuthenticated: "false" },
  },
};

function recordOf(parts: object = {}): CloudTrailRecord {
  return {
    eventID: "event-1",
    eventTime: "2026-01-02T03:04:05Z",
    eventSource: "ivs.amazonaws.com",
    eventName: "DeleteChannel",
    sourceIPAddress: "203.0.113.7",
    userAgent: "aws-cli/2",
    userIdentity: session,
    requestParameters: { arn: "arn:aws:ivs:us-east-1:111122223333:channel/abc" },
    ...parts,
  };
}

function call(parts: object = {}) {
  const record = recordOf(parts);
  return callOf(record, record.eventID, actorOf(record), "eventbridge");
}

describe("a call", () => {
  test("remembers what alerts list", () => {
    expect(call()).toMatchObject({
      id: "event-1",
      time: Date.parse("2026-01-02T03:04:05Z"),
      actor: { kind: "role-session" },
      context: { eventSource: "ivs.amazonaws.com", credentials: { accessKeyId: "ASIAEXAMPLE" } },
      values: {
        actors: ["arn:aws:iam::111122223333:role/Admin"],
        operations: ["DeleteChannel"],
        results: ["succeeded"],
        resources: ["arn:aws:ivs:us-east-1:111122223333:channel/abc"],
        resourceClasses: ["channel"],
        addresses: ["203.0.113.7"],
        networks: ["203.0.113.0/24"],
        sessions: ["alice since 2026-01-02T03:00:00Z"],
        accessKeys: ["ASIAEXAMPLE"],
        sourceIdentities: ["alice"],
        clients: ["aws-cli/2"],
        mfa: ["absent"],
      },
    });
  });

  test("comes back from the record that alerts show of it", () => {
    const record = recordOfCall(call(), ["why"]);
    expect(record).toMatchObject({
      eventId: "event-1",
      eventTime: "2026-01-02T03:04:05Z",
      eventName: "DeleteChannel",
      sourceIp: "203.0.113.7",
      consequence: expect.stringContaining("The channel and its stream keys are gone"),
      reasons: ["why"],
    });
    expect(record && callOfAlertRecord(record)).toEqual(call());
    expect(recordOfCall({ id: "e", time: 0, values: {} }, [])).toBeUndefined();
  });

  test("keeps no name that its bearer chose among the actors", () => {
    const named = (name: string) => {
      const arn = `arn:aws:sts::111122223333:assumed-role/Admin/${name}`;
      return call({ userIdentity: { ...session, arn } }).values.actors;
    };
    expect(named("one")).toEqual(named("other"));
    const bob = { type: "IAMUser", arn: "arn:aws:iam::1:user/bob", userName: "bob" };
    expect(call({ userIdentity: bob }).values.actors).toEqual(["bob (arn:aws:iam::1:user/bob)"]);
  });

  test("leaves out what the record does not say", () => {
    const { values } = call({
      userIdentity: null,
      sourceIPAddress: 7,
      userAgent: "",
      requestParameters: null,
    });
    expect(Object.keys(values)).toEqual(["actors", "operations", "results", "mfa"]);
  });

  test.each([
    ["arn:aws:ivschat:eu-west-1:111122223333:room/x", "room"],
    ["arn:aws:s3:::bucket", "s3"],
    ["arn:aws:lambda:us-east-1:111122223333:function:name", "lambda function"],
  ])("knows the class of %s: %s", (arn, expected) => {
    expect(call({ requestParameters: { arn } }).values.resourceClasses).toEqual([expected]);
  });

  test("holds no secret, is bounded, and keeps long values apart", () => {
    const key = "sk_us-west-2_AbCdEfGhIjKlMnOp";
    const long = "x".repeat(5000);
    const [one, other] = [`${long}a`, `${long}b`].map((userAgent) => call({ userAgent }).values.clients?.[0]);
    expect(one).not.toBe(other);
    expect(one?.length).toBeLessThanOrEqual(160);
    expect(
      JSON.stringify(call({ userAgent: key, requestParameters: { a: `arn:aws:ivs:x:1:${key}` } })),
    ).not.toContain(key);
  });
});

test("two sessions of one role are one actor, whatever they are called", () => {
  const actors = ["i-0a1b", "i-2c3d"].map((name) => {
    const record = recordOf({
      userIdentity: { ...session, arn: `arn:aws:sts::111122223333:assumed-role/Admin/${name}` },
    });
    return callOf(record, name, actorOf(record), "bare").values.actors;
  });
  expect(actors[0]).toEqual(actors[1]);
});
