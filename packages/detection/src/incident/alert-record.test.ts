import type { CloudTrailRecord } from "@streamwarden/cloudtrail";
import { describe, expect, test } from "vitest";
import { alertRecord } from "./alert-record.ts";

function record(change: object): CloudTrailRecord {
  return {
    eventVersion: "1.11",
    eventID: "e",
    eventTime: "2026-01-01T00:00:00Z",
    eventSource: "ivs.amazonaws.com",
    eventName: "CreateChannel",
    userIdentity: { type: "IAMUser", arn: "arn:aws:iam::123456789012:user/alice", userName: "alice" },
    ...change,
  } as unknown as CloudTrailRecord;
}

const facts = {
  carrier: "bare",
  reasons: ["eventName = CreateChannel"],
  receivedAt: 1,
  matchedAt: 2,
} as const;
function bytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

describe("a record is stored small enough for the incidents that hold several, whatever the caller sent", () => {
  /** One, three and six bytes a character in JSON. */
  test.each(["x", "\u6f22", "\u0001"])("%j everywhere", (character) => {
    const text = character.repeat(3000);
    const many = Array.from({ length: 200 }, (_, index) => [`${text.slice(0, 50)}${index}`, text] as const);
    const hostile = record({
      requestParameters: Object.fromEntries(many),
      responseElements: many.map((_, index) => `arn:aws:ivs:us-east-1:123456789012:channel/${index}${text}`),
      userAgent: text,
      errorCode: text,
      errorMessage: text,
      awsRegion: text,
      sourceIPAddress: text,
      recipientAccountId: text,
      userIdentity: {
        type: "AssumedRole",
        arn: text,
        userName: text,
        principalId: `A:${text}`,
        accountId: text,
        accessKeyId: text,
        invokedBy: text,
        sessionContext: { sourceIdentity: text, attributes: { creationDate: text } },
      },
      vpcEndpointId: text,
    });
    const stored = alertRecord(hostile, { ...facts, reasons: Array.from({ length: 50 }, () => text) });
    expect(bytes(stored)).toBeLessThan(40_000);
    expect(stored.userAgent).not.toBe("");
    expect(stored.request).toBeDefined();
  });

  test("a large but ordinary request is cut to 16 KB, and says so", () => {
    const tags = Object.fromEntries(
      Array.from({ length: 90 }, (_, index) => [`tag-${index}`, "v".repeat(1000)]),
    );
    const stored = alertRecord(record({ requestParameters: { name: "kept", tags } }), facts);
    expect(bytes(stored)).toBeLessThan(17_000);
    expect(JSON.stringify(stored.request)).toContain("kept");
    expect(JSON.stringify(stored.request)).toContain("[cut");
  });

  test("the cut depends on the record alone, not on how or when it came", () => {
    const change = { requestParameters: { name: "n".repeat(15_900).match(/.{1,1000}/g) } };
    const { carrier: _a, times: __a, ...one } = alertRecord(record(change), facts);
    const later = { ...facts, carrier: "eventbridge", receivedAt: 1e12, matchedAt: 1e12 } as const;
    const { carrier: _b, times: __b, ...other } = alertRecord(record(change), later);
    expect(one).toEqual(other);
  });
});

describe("what an on-call person needs of a record is stored with it", () => {
  const secret = `sk_us-west-2_${"AbCdEfGhIjKl"}`;
  const stored = alertRecord(
    record({
      requestParameters: { name: `news ${secret}`, authorized: false },
      responseElements: {
        channel: { arn: "arn:aws:ivs:us-east-1:123456789012:channel/a", authorized: false },
        streamKey: { arn: "arn:aws:ivs:us-east-1:123456789012:stream-key/b", value: secret },
      },
      vpcEndpointId: "vpce-0a1b2c3d",
      userIdentity: {
        type: "AssumedRole",
        arn: `arn:aws:sts::123456789012:assumed-role/Admin/${secret}`,
        principalId: `AROAEXAMPLE:${secret}`,
        accountId: "123456789012",
        accessKeyId: "ASIAIOSFODNN7EXAMPLE",
        invokedBy: "cloudformation.amazonaws.com",
        sessionContext: {
          sessionIssuer: { type: "Role", arn: "arn:aws:iam::123456789012:role/Admin", userName: "Admin" },
          sourceIdentity: `alice ${secret}`,
          attributes: { creationDate: "2025-12-31T23:00:00Z", mfaAuthenticated: "false" },
        },
      },
    }),
    facts,
  );

  test("credentials, endpoint, facts of the resource and what the call lets its caller do", () => {
    expect(stored).toMatchObject({
      credentials: {
        accessKeyId: "ASIAIOSFODNN7EXAMPLE",
        sessionStarted: "2025-12-31T23:00:00Z",
        sourceIdentity: expect.stringMatching(/^alice .*redacted/i),
        invokedBy: "cloudformation.amazonaws.com",
      },
      vpcEndpoint: "vpce-0a1b2c3d",
      consequence: expect.stringContaining("stream key"),
    });
    expect(stored.facts).toContainEqual({ label: "Playback", value: "public, without playback tokens" });
  });

  test("no secret of the record among them", () => {
    expect(JSON.stringify(stored)).not.toContain(secret);
  });

  test("and nothing where the record says nothing", () => {
    const bare = alertRecord(record({ errorCode: "AccessDenied" }), facts);
    for (const name of ["credentials", "vpcEndpoint", "facts", "consequence"])
      expect(bare).not.toHaveProperty(name);
  });
});
