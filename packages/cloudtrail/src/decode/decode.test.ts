import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../record.ts";
import { createChannelRecord, documentationEvent, record } from "../testing/records.ts";
import { type Decoded, decode } from "./decode.ts";
import { decodeRecord } from "./decode-record.ts";
import { eventTimeOf } from "./event-time.ts";

function envelope(detail: unknown, overrides: JsonObject = {}): JsonObject {
  return {
    version: "0",
    id: "6f4f0f42-0000-4000-8000-000000000000",
    "detail-type": "AWS API Call via CloudTrail",
    source: "aws.ivs",
    account: "123456789012",
    time: "2020-04-02T20:57:46Z",
    region: "us-west-2",
    resources: [],
    detail,
    ...overrides,
  };
}
function notification(message: string): JsonObject {
  return {
    Type: "Notification",
    MessageId: "1",
    TopicArn: "arn:aws:sns:us-east-1:123456789012:topic",
    Message: message,
  };
}
const json = JSON.stringify;
function file(...records: unknown[]): string {
  return json({ Records: records });
}
function nested(levels: number): unknown {
  return JSON.parse(`${"[".repeat(levels)}${"]".repeat(levels)}`);
}
function nestedObjects(levels: number): unknown {
  return JSON.parse(`${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`);
}
function reasonOf(decoded: Decoded): string {
  return decoded.outcome === "rejected" ? decoded.rejection.reason : decoded.outcome;
}

describe("decode reads the documentation's record from every carrier", () => {
  const original = createChannelRecord();
  const text = json(original);
  const carriers: [string, string | Uint8Array, string][] = [
    ["an EventBridge envelope", json(envelope(original)), "eventbridge"],
    [
      "an envelope whose detail type a relay renamed",
      json(envelope(original, { "detail-type": "relayed" })),
      "eventbridge",
    ],
    ["an SNS notification around an envelope", json(notification(json(envelope(original)))), "sns"],
    ["an SNS notification around a bare record", json(notification(text)), "sns"],
    ["SNS inside SNS", json(notification(json(notification(text)))), "sns"],
    ["a bare record", text, "bare"],
    ["a list of records", json([original]), "bare"],
    ["a list of envelopes", json([envelope(original)]), "eventbridge"],
    ["a trail file", file(original), "trail-file"],
    ["a gzip trail file", gzipSync(file(original)), "trail-file"],
    [
      "a gzip trail file with padding",
      Buffer.concat([gzipSync(file(original)), Buffer.alloc(9)]),
      "trail-file",
    ],
    ["base64 of a gzip trail file", gzipSync(file(original)).toString("base64"), "trail-file"],
    ["a LookupEvents page", json({ Events: [{ EventId: "1", CloudTrailEvent: text }] }), "lookup"],
    ["a LookupEvents item", json({ EventId: "1", CloudTrailEvent: text }), "lookup"],
    ["bytes", Buffer.from(text), "bare"],
    ["a byte order mark and white space", `\uFEFF \r\n\t${text}\n`, "bare"],
    ["bytes with a byte order mark", Buffer.from(`\uFEFF${text}`), "bare"],
  ];
  test.each(carriers)("%s", (_name, body, carrier) => {
    expect(decode(body)).toEqual({ outcome: "records", carrier, records: [original], rejected: [] });
  });
});

describe("decode rejects with a stable reason", () => {
  const without = (key: string): string => {
    const { [key]: _removed, ...rest } = record();
    return json(rest);
  };
  const cases: [string, string | Uint8Array, string][] = [
    ["nothing", "", "empty"],
    ["no bytes", new Uint8Array(), "empty"],
    ["white space", " \n", "empty"],
    ["text", "hello", "not-json"],
    ["cut JSON", json(record()).slice(0, -5), "not-json"],
    ["a number", "42", "not-an-object"],
    ["null", "null", "not-an-object"],
    ["an object without a record", "{}", "no-record"],
    ["an envelope around nothing", json(envelope({})), "no-record"],
    ["an empty list", "[]", "no-record"],
    ["an empty trail file", file(), "no-record"],
    ["a record without eventName", without("eventName"), "no-event-name"],
    ["a record with a number as eventName", json(record({ eventName: 7 })), "no-event-name"],
    ["a record with a huge eventName", json(record({ eventName: "x".repeat(100_000) })), "no-event-name"],
    ["a record without eventSource", without("eventSource"), "no-event-source"],
    ["a record without eventTime", without("eventTime"), "bad-event-time"],
    ["a record with a wrong eventTime", json(record({ eventTime: "yesterday" })), "bad-event-time"],
    ["a record of another major version", json(record({ eventVersion: "2.0" })), "unsupported-version"],
    ["a body over 1 MiB", json(record({ userAgent: "x".repeat(1024 * 1024) })), "too-large"],
    ["a body over 1 MiB in UTF-8 only", json(record({ userAgent: "€".repeat(400_000) })), "too-large"],
    ["a body of 100,000 nested lists", "[".repeat(100_000) + "]".repeat(100_000), "not-an-object"],
    ["nothing but lists", `{"Records":[${"[],".repeat(1_500_000)}1]}`, "too-large"],
    ["gzip of nothing but lists", gzipSync(`{"Records":[${"[],".repeat(1_500_000)}1]}`), "too-large"],
    ["a record nested too deep", json(record({ requestParameters: nested(1000) })), "too-deep"],
    [
      "a record with objects nested too deep",
      json(record({ requestParameters: nestedObjects(1000) })),
      "too-deep",
    ],
    [
      "too many SNS wrappings",
      [1, 2, 3, 4, 5, 6].reduce((body) => json(notification(body)), json(record())),
      "too-deep",
    ],
    [
      "gzip behind padding",
      Buffer.concat([gzipSync(file(record())), Buffer.alloc(3), gzipSync(file(record()))]),
      "damaged-gzip",
    ],
    ["damaged gzip", gzipSync(file(record())).subarray(0, 60), "damaged-gzip"],
    ["base64 of nothing", "H4sI", "damaged-gzip"],
    ["a gzip bomb", gzipSync(Buffer.alloc(40 * 1024 * 1024)), "too-large-uncompressed"],
    ["a digest file", json({ digestS3Object: "x", logFiles: [] }), "digest-file"],
    [
      "an Insights event",
      json({ eventType: "AwsCloudTrailInsight", eventTime: "2020-01-01T00:00:00Z" }),
      "insight-event",
    ],
    [
      "an S3 notification",
      json({ Records: [{ eventName: "ObjectCreated:Put", s3: {} }] }),
      "storage-notification",
    ],
    [
      "an S3 notification that has what a record has, as all have",
      json({ Records: [record({ eventVersion: "2.1", eventSource: "aws:s3", s3: { bucket: {} } })] }),
      "storage-notification",
    ],
    ["an S3 test event", json({ Service: "Amazon S3", Event: "s3:TestEvent" }), "storage-notification"],
    [
      "an SNS subscription confirmation",
      json({ ...notification("x"), Type: "SubscriptionConfirmation" }),
      "sns-control-message",
    ],
    [
      "another service's own event",
      json(envelope({ state: "running" }, { source: "aws.ec2", "detail-type": "EC2" })),
      "foreign-event",
    ],
  ];
  test.each(cases)("%s", (_name, body, reason) => {
    const decoded = decode(body);
    expect(reasonOf(decoded)).toBe(reason);
    if (decoded.outcome === "rejected") expect(decoded.rejection.message).toMatch(/^[A-Z].*\.$/s);
  });

  test("and takes a large body whose texts are full of brackets", () => {
    const brackets = record({ requestParameters: { policy: `${"[{".repeat(60_000)}\\"` } });
    expect(decode(gzipSync(file(...Array.from({ length: 40 }, () => brackets))))).toMatchObject({
      outcome: "records",
      rejected: [],
    });
  });

  test.each([
    ["lists", nested(999)],
    ["objects", nestedObjects(999)],
  ])("but takes a record of hundreds of levels of %s: nesting must not hide a call", (_name, deep) => {
    const decoded = decode(json(record({ requestParameters: deep, eventID: undefined })));
    expect(decoded).toMatchObject({
      outcome: "records",
      records: [{ eventID: expect.stringMatching(/^sha256-/) }],
    });
  });

  test("takes a larger body when the caller allows it", () => {
    const body = json(record({ userAgent: "x".repeat(2 * 1024 * 1024) }));
    expect(decode(body, { maximumBytes: 4 * 1024 * 1024 }).outcome).toBe("records");
  });
});

test.each([
  { eventType: "AwsCloudTrailInsight", eventCategory: "Insight" },
  { s3: { bucket: {} } },
  { Event: "s3:TestEvent" },
  { digestS3Object: "x", logFiles: [] },
])(
  "decode reads a record that bears the mark of something else, because a mark must not hide a call: %j",
  (mark) => {
    expect(decode(json(record(mark)))).toMatchObject({ outcome: "records", records: [mark] });
  },
);

describe("decode and events that are not CloudTrail's", () => {
  test.each([
    ["ivs-StreamStateChange-StreamStart.aws-doc.json", "IVS Stream State Change"],
    ["ivs-LimitBreach-ConcurrentViewers.aws-doc.json", "IVS Limit Breach"],
    ["ivs-RecordingStateChange-RecordingEnd.aws-doc.json", "IVS Recording State Change"],
    ["ivs-StreamHealthChange-StarvationStart.aws-doc.json", "IVS Stream Health Change"],
  ])("%s is a service event", (name, detailType) => {
    const event = documentationEvent(name);
    expect(decode(json(event))).toEqual({
      outcome: "service-event",
      source: "aws.ivs",
      detailType,
      envelope: event,
    });
  });

  test("knows the canary, by the sender's own id and time", () => {
    const canary = envelope({ id: "c-1", time: "2026-01-01T00:00:00Z" }, { source: "streamwarden.canary" });
    expect(decode(json(canary))).toEqual({
      outcome: "canary",
      id: "c-1",
      time: "2026-01-01T00:00:00Z",
      envelope: canary,
    });
    expect(decode(json(envelope({}, { source: "streamwarden.canary" })))).toMatchObject({
      id: "6f4f0f42-0000-4000-8000-000000000000",
      time: "2020-04-02T20:57:46Z",
    });
  });
});

describe("decode keeps the good records of a list and names the others", () => {
  test("in a trail file", () => {
    const decoded = decode(file(record(), { eventName: "X" }, 7, record({ eventID: "second" })));
    expect(decoded).toMatchObject({
      records: [{ eventID: "00000000-0000-4000-8000-000000000001" }, { eventID: "second" }],
      rejected: [{ reason: "no-event-source" }, { reason: "not-an-object" }],
    });
  });

  test("beside one that nests too deep", () => {
    const decoded = decode(file(record({ requestParameters: nested(1000) }), record({ eventID: "second" })));
    expect(decoded).toMatchObject({ records: [{ eventID: "second" }], rejected: [{ reason: "too-deep" }] });
  });

  test("in a lookup page", () => {
    const page = { Events: [{ CloudTrailEvent: "{" }, { CloudTrailEvent: json(record()) }] };
    expect(decode(json(page))).toMatchObject({
      carrier: "lookup",
      records: [{}],
      rejected: [{ reason: "not-json" }],
    });
  });

  test("says how many there were when none is a record", () => {
    const decoded = decode(file({}, {}, {}));
    expect(decoded).toMatchObject({ outcome: "rejected", rejection: { reason: "no-record" } });
    expect(decoded.outcome === "rejected" && decoded.rejection.message).toContain("None of the 3 items");
  });
});

describe("decodeRecord", () => {
  test("returns the very value, with its numbers and foreign keys as they are", () => {
    const value = JSON.parse(
      `${json(record()).slice(0, -1)},"n":9007199254740991,"f":1.10,"__proto__":{"admin":true}}`,
    );
    const decoded = decodeRecord(value);
    expect(decoded.outcome === "record" && decoded.record).toBe(value);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  test.each([undefined, "", null, 7, "x".repeat(129), "two words", "line\nbreak", {}])(
    "derives an id from the content when eventID is %j",
    (eventID) => {
      const decoded = decodeRecord(record({ eventID }));
      const again = decodeRecord(Object.fromEntries(Object.entries(record({ eventID })).reverse()));
      const other = decodeRecord(record({ eventID, awsRegion: "eu-west-1" }));
      const idOf = (one: typeof decoded): string => (one.outcome === "record" ? one.record.eventID : "");
      expect(idOf(decoded)).toMatch(/^sha256-[0-9a-f]{64}$/);
      expect(idOf(again)).toBe(idOf(decoded));
      expect(idOf(other)).not.toBe(idOf(decoded));
    },
  );

  test("derives different ids for contents that differ in a __proto__ key only", () => {
    const text = json(record({ eventID: undefined })).slice(0, -1);
    const ids = ["{}", '{"a":1}'].map((value) => decodeRecord(JSON.parse(`${text},"__proto__":${value}}`)));
    expect(ids[0]).not.toEqual(ids[1]);
  });
});

describe("an error that says nothing is none: exports of records write one for a call that succeeded", () => {
  test.each([
    [{ errorCode: null }, {}],
    [{ errorCode: "" }, {}],
    [{ errorCode: null, errorMessage: null }, {}],
    [{ errorCode: "", errorMessage: "" }, {}],
    [{ errorMessage: "" }, {}],
    [{ errorCode: "AccessDenied", errorMessage: "" }, { errorCode: "AccessDenied" }],
    // A sign-in that failed has a message only.
    [{ errorCode: null, errorMessage: "Failed authentication" }, { errorMessage: "Failed authentication" }],
    [{ errorCode: " " }, { errorCode: " " }],
    [{ errorCode: "null" }, { errorCode: "null" }],
    [{ errorCode: 0 }, { errorCode: 0 }],
  ])("%j is read as %j", (written, read) => {
    expect(decode(json(record(written)))).toMatchObject({ records: [record(read)] });
    const { eventID: _, ...nameless } = record();
    expect(decode(json({ ...nameless, ...written }))).toEqual(decode(json({ ...nameless, ...read })));
  });
});

describe("decode is total", () => {
  test("for any text and bytes", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.uint8Array()), (body) => {
        const decoded = decode(body);
        if (decoded.outcome === "records") expect(decoded.records.length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  test("for carriers around any JSON, and each record it returns has a time and an id", () => {
    const carried = fc.oneof(
      fc.jsonValue().map((value) => envelope(value)),
      fc.jsonValue().map((value) => ({ Records: value })),
      fc.jsonValue().map((value) => ({ Events: [{ CloudTrailEvent: json(value) }, value] })),
      fc.jsonValue().map((value) => record({ userIdentity: value, eventID: value })),
      fc.array(fc.oneof(fc.jsonValue(), fc.constant(record()))),
    );
    fc.assert(
      fc.property(carried, (value) => {
        const decoded = decode(json(value));
        if (decoded.outcome !== "records") return;
        for (const one of decoded.records) {
          expect(eventTimeOf(one)).not.toBeNaN();
          expect(one.eventID).toMatch(/^[\x21-\x7e]{1,128}$/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
