import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { redactBody } from "./redact-body.ts";

/** A value that only its place tells to be secret. */
const secret = "plain-value-of-a-stream-key";
const response = { responseElements: { streamKey: { arn: "arn:aws:ivs:::stream-key/a", value: secret } } };
const nameless = { eventSource: "ivs.amazonaws.com", requestID: "kept", ...response };
const sourceless = { eventName: "CreateStreamKey", requestID: "kept", ...response };

describe.each([
  ["a record without its operation", nameless],
  ["a record without its source", sourceless],
])("%s", (_, record) => {
  const text = JSON.stringify(record);
  const notification = JSON.stringify({ Type: "Notification", TopicArn: "t", Message: text });
  test.each([
    ["alone", text],
    ["in a list", `[${text}]`],
    ["in a file", `{"Records":[${text}]}`],
    ["in a packed file", gzipSync(`{"Records":[${text}]}`).toString("base64")],
    ["in an envelope", `{"source":"aws.ivs","detail-type":"AWS API Call via CloudTrail","detail":${text}}`],
    ["in a notification", notification],
    ["in a notification in a notification", JSON.stringify({ Type: "Notification", Message: notification })],
    ["without a word of its operation", text.replace("CreateStreamKey", "x")],
    ["in a dump of a queue", JSON.stringify({ Messages: [{ MessageId: "m", Body: notification }] })],
    ["in a Lambda event", JSON.stringify({ Records: [{ body: text, eventSource: "aws:sqs" }] })],
    ["in a log", JSON.stringify({ logEvents: [{ id: "0", timestamp: 1, message: text }] })],
    ["in a packed log", JSON.stringify({ awslogs: { data: gzipSync(text).toString("base64") } })],
    [
      "in a stream",
      JSON.stringify({ Records: [{ kinesis: { data: Buffer.from(text).toString("base64") } }] }),
    ],
    ["beside another carrier", JSON.stringify({ Message: "x", Records: [JSON.parse(text)] })],
    ["in a page of events", JSON.stringify({ Events: [{ EventName: "x", CloudTrailEvent: text }] })],
  ])("%s: the secret goes, the rest stays", (_carrier, body) => {
    const kept = redactBody(body);
    expect(kept).not.toContain(secret);
    expect(kept).toContain("kept");
    expect(kept).toContain("[redacted]");
  });
});

describe("what was cut off is redacted by the names of secrets", () => {
  const file = JSON.stringify({
    Records: [nameless, { userId: secret, attributes: { a: secret } }, nameless],
  });
  const cutOff = file.slice(0, file.lastIndexOf("requestID"));
  test.each([
    ["a file", cutOff],
    ["a packed file", gzipSync(cutOff).toString("base64").slice(0, -8)],
    ["a file in a text", JSON.stringify({ note: cutOff }).slice(0, -3)],
    ["a notification of a cut file", JSON.stringify({ Type: "Notification", Message: cutOff })],
  ])("%s", (_, body) => {
    const kept = redactBody(body);
    expect(kept).not.toContain(secret);
    expect(kept).toContain("kept");
    expect(kept).toContain("[redacted]");
  });
});

test("what cannot be unpacked is not kept, and says so", () => {
  expect(redactBody(`H4sI${"A".repeat(40)}`)).toMatch(/^\[33 bytes of gzip that cannot be unpacked/);
});

test("wrapping without end is cut, and hostile keys stay keys", () => {
  let body = JSON.stringify(nameless);
  for (let layer = 0; layer < 12; layer += 1) body = JSON.stringify({ Message: body });
  expect(redactBody(body)).not.toContain(secret);
  expect(redactBody('{"__proto__":{"polluted":true}}')).toBe('{"__proto__":{"polluted":true}}');
});

test("base64 in which nothing can be seen is not kept, and says so", () => {
  const body = JSON.stringify({ kinesis: { data: Buffer.from(`key ${secret}`).toString("base64") } });
  expect(redactBody(body)).toMatch(/characters of base64 that hold no JSON, so they cannot be redacted/);
});
