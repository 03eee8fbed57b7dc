import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createChannelRecord, record } from "../testing/records.ts";
import { type Decoded, decode } from "./decode.ts";

const json = JSON.stringify;
const original = createChannelRecord();
const text = json(original);
function packed(plain: string): string {
  return gzipSync(plain).toString("base64");
}
function base64(plain: string): string {
  return Buffer.from(plain).toString("base64");
}
function envelope(detail: unknown): object {
  return {
    version: "0",
    id: "e",
    "detail-type": "AWS API Call via CloudTrail",
    source: "aws.ivs",
    detail,
  };
}
function logMessage(...messages: readonly string[]): object {
  return {
    messageType: "DATA_MESSAGE",
    owner: "111122223333",
    logGroup: "/aws/cloudtrail",
    logStream: "s",
    subscriptionFilters: ["f"],
    logEvents: messages.map((message, index) => ({ id: `${index}`, timestamp: 1, message })),
  };
}
function kinesisItem(data: string): object {
  return {
    kinesis: { data, partitionKey: "p", sequenceNumber: "1" },
    eventSource: "aws:kinesis",
    eventName: "aws:kinesis:record",
    eventVersion: "1.0",
    awsRegion: "us-east-1",
  };
}
function read(body: string | Uint8Array): Decoded {
  return decode(body, { origin: "file" });
}
function rejectionOf(decoded: Decoded) {
  return decoded.outcome === "rejected" ? decoded.rejection : decoded;
}

/** What services put around JSON text, as files hold it. Sources: each service's API reference and Lambda event. */
const wrappers: readonly (readonly [name: string, wrap: (text: string) => string])[] = [
  ["a string", (inner) => json(inner)],
  ["a list of strings", (inner) => json([inner])],
  ["rows of columns", (inner) => json([["CreateChannel", inner, 7, null]])],
  ["a LookupEvents item", (inner) => json({ EventId: "e", CloudTrailEvent: inner })],
  ["a CloudWatch Logs subscription", (inner) => json(logMessage(inner))],
  ["its Lambda event", (inner) => json({ awslogs: { data: packed(json(logMessage(inner))) } })],
  [
    "filter-log-events",
    (inner) => json({ events: [{ eventId: "1", timestamp: 1, message: inner }], searchedLogStreams: [] }),
  ],
  [
    "get-log-events",
    (inner) => json({ events: [{ timestamp: 1, message: inner }], nextForwardToken: "f/1" }),
  ],
  [
    "a Logs Insights result",
    (inner) =>
      json({
        results: [
          [
            { field: "@timestamp", value: "2026-01-02 03:04:05.000" },
            { field: "@message", value: inner },
          ],
        ],
        status: "Complete",
      }),
  ],
  ["an export of Logs Insights", (inner) => json([{ "@timestamp": "x", "@message": inner }])],
  [
    "receive-message",
    (inner) => json({ Messages: [{ MessageId: "m", ReceiptHandle: "h", Body: inner, Attributes: {} }] }),
  ],
  ["a list of SQS messages", (inner) => json([{ MessageId: "m", Body: inner }])],
  [
    "a message of our dead-letter queue",
    (inner) =>
      json({ Body: inner, MessageAttributes: { reason: { DataType: "String", StringValue: "no-record" } } }),
  ],
  [
    "Lambda's SQS event",
    (inner) =>
      json({ Records: [{ messageId: "m", body: inner, eventSource: "aws:sqs", awsRegion: "us-east-1" }] }),
  ],
  [
    "Lambda's SNS event",
    (inner) =>
      json({
        Records: [
          {
            EventSource: "aws:sns",
            EventVersion: "1.0",
            Sns: { Type: "Notification", TopicArn: "arn:aws:sns:::t", Message: inner },
          },
        ],
      }),
  ],
  ["Lambda's Kinesis event", (inner) => json({ Records: [kinesisItem(base64(inner))] })],
  ["Lambda's Kinesis event of packed data", (inner) => json({ Records: [kinesisItem(packed(inner))] })],
  ["Kinesis get-records", (inner) => json({ Records: [{ Data: base64(inner), PartitionKey: "p" }] })],
  ["a Firehose transformation", (inner) => json({ records: [{ recordId: "r", data: base64(inner) }] })],
  ["a failed Lambda invocation", (inner) => json({ requestContext: {}, requestPayload: JSON.parse(inner) })],
  ["an SNS notification", (inner) => json({ Type: "Notification", TopicArn: "t", Message: inner })],
  ["base64 of gzip", packed],
];

describe("a file's record is read from inside", () => {
  test.each(wrappers)("%s", (_, wrap) => {
    expect(read(wrap(text))).toMatchObject({ outcome: "records", records: [original], rejected: [] });
    expect(read(wrap(json(envelope(original))))).toMatchObject({ records: [original], rejected: [] });
  });

  test("any of them around any others", () => {
    const wrap = fc.constantFrom(
      ...wrappers.filter(([name]) => name !== "base64 of gzip").map(([, one]) => one),
    );
    fc.assert(
      fc.property(fc.array(wrap, { minLength: 1, maxLength: 3 }), (layers) => {
        const body = layers.reduce((inner, one) => one(inner), text);
        expect(read(body)).toMatchObject({ outcome: "records", records: [original], rejected: [] });
      }),
      { numRuns: 1000 },
    );
  });

  test("and each of several", () => {
    const second = json(record({ eventID: "second" }));
    expect(read(json(logMessage(text, "START RequestId: 1", second)))).toMatchObject({
      records: [original, { eventID: "second" }],
      rejected: [{ reason: "not-json" }],
    });
  });
});

describe("law: a file is read as a message of the same content is, where that gives records", () => {
  test("for any JSON around a record", () => {
    const carried = fc.oneof(
      fc.jsonValue().map((value) => ({ Records: [record(), value] })),
      fc.jsonValue().map((value) => ({ Events: [{ CloudTrailEvent: text }, value] })),
      fc
        .dictionary(
          fc.constantFrom("Messages", "Body", "body", "message", "data", "Sns", "events", "records", "a"),
          fc.oneof(fc.constant(text), fc.constant([record()]), fc.jsonValue()),
        )
        .map((parts) => ({ ...record(), ...parts })),
      fc.jsonValue().map((value) => envelope({ ...record(), more: value })),
    );
    fc.assert(
      fc.property(carried, (value) => {
        const asMessage = decode(json(value));
        if (asMessage.outcome !== "records") return;
        const asFile = read(json(value));
        expect(asFile).toMatchObject({ outcome: "records", carrier: asMessage.carrier });
        if (asFile.outcome === "records")
          expect(asFile.records).toEqual(expect.arrayContaining([...asMessage.records]));
      }),
      { numRuns: 500 },
    );
  });

  test("a record that bears a wrapper's keys stays one record: a name must not hide a call", () => {
    for (const key of [
      "body",
      "Body",
      "message",
      "Messages",
      "events",
      "data",
      "Sns",
      "awslogs",
      "records",
    ]) {
      const marked = record({ [key]: text });
      expect(read(json(marked))).toMatchObject({ records: [marked] });
      expect(read(json({ Records: [marked] }))).toMatchObject({ records: [marked] });
    }
  });
});

test.each(wrappers.filter(([name]) => !/SNS notif|LookupEvents|base64 of gzip/.test(name)))(
  "the queue does not deliver %s, so no message is opened by it",
  (_, wrap) => expect(decode(wrap(text))).toMatchObject({ outcome: "rejected" }),
);

describe("what is not opened is named, with what to do", () => {
  const cases: readonly [string, string | Uint8Array, string, RegExp][] = [
    [
      "OpenSearch hits",
      json({ hits: { hits: [{ _source: original }] } }),
      "unknown-wrapper",
      /jq -c '\.hits\.hits\[\]\._source'/,
    ],
    [
      "a text under an unknown key",
      json({ event: { original: text } }),
      "unknown-wrapper",
      /\.event\.original \| fromjson/,
    ],
    [
      "a text under a key with a hyphen",
      json({ "body-json": text }),
      "unknown-wrapper",
      /`jq -c '\.\["body-json"\] \| fromjson'`/,
    ],
    [
      "an envelope in a text",
      json([{ "log.original": json(envelope(original)) }]),
      "unknown-wrapper",
      /\.\["log\.original"\] \| fromjson/,
    ],
    ["a key with quotes", json({ 'a"]': text, "it's": text }), "no-record", /wrapper around one\.$/],
    ["a record under an unknown key", json({ payload: original }), "unknown-wrapper", /under \.payload,/],
    ["Athena", json({ ResultSet: { Rows: [] } }), "unknown-wrapper", /Athena/],
    ["CloudTrail Lake", json({ QueryResultRows: [] }), "unknown-wrapper", /CloudTrail Lake/],
    [
      "DynamoDB",
      json({ Records: [{ eventName: "INSERT", eventSource: "aws:dynamodb", dynamodb: {} }] }),
      "bad-event-time",
      /eventTime/,
    ],
    [
      "an aggregated Kinesis record",
      json({ Data: Buffer.from("f3899ac20a", "hex").toString("base64") }),
      "unknown-wrapper",
      /Deaggregate/,
    ],
    [
      "a check of CloudWatch Logs",
      json(logMessage("CWL CONTROL MESSAGE: Checking health of destination Firehose.")),
      "log-control-message",
      /CloudWatch Logs/,
    ],
    [
      "something else",
      json({ name: "x", count: 7 }),
      "no-record",
      /neither a CloudTrail record nor a wrapper .* keys name, count\.$/,
    ],
    ["hostile keys", json({ "\u001b[31m": 1, "a\nb": 2 }), "no-record", /wrapper around one\.$/],
    [
      "too many layers",
      json(Array.from({ length: 30 }).reduce<unknown>((inner) => [inner], original)),
      "too-deep",
      /too many layers/,
    ],
    ["lists without end", `"${"[".repeat(100_000)}${"]".repeat(100_000)}"`, "too-deep", /too many layers/],
  ];
  test.each(cases)("%s", (_, body, reason, message) => {
    expect(rejectionOf(read(body))).toEqual({ reason, message: expect.stringMatching(message) });
  });

  test("many small packed parts unpack to no more than one large one may", () => {
    const part = { awslogs: { data: packed(" ".repeat(20 * 1024 * 1024) + text) } };
    expect(read(json([part, part, part]))).toMatchObject({
      records: [original],
      rejected: [{ reason: "too-large-uncompressed" }, { reason: "too-large-uncompressed" }],
    });
  });
});

describe("times as exports write them", () => {
  const exported = record({ eventTime: "2025-01-21 17:49:47.000000000", errorCode: "" });
  test("are UTC in a file", () => {
    const same = record({ eventTime: "2025-01-21T17:49:47Z" });
    expect(read(json({ Records: [exported] }))).toMatchObject({ records: [same] });
    const nameless = (value: object): string => json({ ...value, eventID: undefined });
    expect(read(nameless(exported))).toEqual(read(nameless(same)));
  });
  test("are no times in a message, and nothing else is a time in a file", () => {
    expect(decode(json(exported))).toMatchObject({ rejection: { reason: "bad-event-time" } });
    expect(read(json(record({ eventTime: "soon" })))).toMatchObject({
      rejection: { reason: "bad-event-time" },
    });
  });
});

test("reading a file is total", () => {
  const keys = fc.constantFrom(
    "Records",
    "Body",
    "message",
    "awslogs",
    "data",
    "Sns",
    "results",
    "field",
    "value",
    "@message",
    "detail",
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.jsonValue(),
      fc.constant(text),
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(keys, tie("tree"), { maxKeys: 3 }),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      const decoded = read(json(value) ?? "");
      if (decoded.outcome === "records") expect(decoded.records.length).toBeGreaterThan(0);
    }),
    { numRuns: 1000 },
  );
});
