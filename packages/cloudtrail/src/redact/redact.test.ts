import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ivsOperations } from "../catalog/catalog-data.ts";
import type { JsonObject } from "../record.ts";
import { createChannelRecord, record } from "../testing/records.ts";
import { redact } from "./redact.ts";
import { redactText } from "./redact-text.ts";

const streamKey = "sk_us-west-2_abcdABCDefgh_567890abcdef";
const webToken = "eyJhbGciOiJFUzM4NCIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJlLWhlcmU";
const sessionToken = "IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJHMEUCIQD";

/** The value at `path` inside a new object: `a.b[].c` gives `{a:{b:[{c:value}]}}`. */
function plant(path: string, value: unknown): JsonObject {
  const build = (parts: readonly string[]): unknown => {
    const [part, ...rest] = parts;
    if (part === undefined) return value;
    if (part === "[]") return [build(rest)];
    return { [part]: build(rest) };
  };
  return build(path.replaceAll("[]", ".[]").split(".")) as JsonObject;
}

describe("redact by the catalog", () => {
  const paths = ivsOperations.flatMap(({ eventSource, operation, secretInput, secretOutput }) => [
    ...secretInput.map((path) => ({ eventSource, operation, part: "requestParameters", path })),
    ...secretOutput.map((path) => ({ eventSource, operation, part: "responseElements", path })),
  ]);

  test("knows the secrets of the API", () => expect(paths.length).toBeGreaterThan(20));

  test.each(paths)("$operation $part.$path", ({ eventSource, operation, part, path }) => {
    const one = record({ eventSource, eventName: operation, [part]: plant(path, "plain-hidden-words") });
    expect(JSON.stringify(redact(one))).not.toContain("plain-hidden-words");
  });

  test("an operation that the catalog does not know", () => {
    const one = record({
      eventName: "CreateHologram",
      responseElements: plant("channel.srt.passphrase", "hidden-words"),
    });
    expect(JSON.stringify(redact(one))).not.toContain("hidden-words");
  });
});

describe("redact by key and form", () => {
  test.each([
    ["secretAccessKey", { credentials: { accessKeyId: "ASIAEXAMPLE", secretAccessKey: "hidden/words+x" } }],
    ["a password", { masterUserPassword: "hidden/words+x" }],
    ["a list of tokens", { token: ["hidden/words+x", "hidden/words+x"] }],
    ["a password in pieces", { password: { first: "hidden/words+x" } }],
    ["a password that is a number", { password: 12345678901 }],
    ["participant attributes", { attributes: { name: "hidden/words+x" }, userId: "hidden/words+x" }],
    ["the ingest endpoint", { ingestEndpoint: "hidden/words+x" }],
    ["the token of a playback URL", { playbackUrl: "https://x.m3u8?token=hidden/words+x&y=1" }],
    ["JSON in a string", { policy: '{"password":"hidden/words+x"}' }],
    ["escaped JSON in a string", { policy: String.raw`{\"password\": \"hidden/words+x\"}` }],
    ["a header", { note: "Authorization: Bearer hidden/words+x" }],
    [
      "key material beyond its beginning",
      { publicKeyMaterial: `-----BEGIN PUBLIC KEY-----\nMHYwEAYHKoZIzj0CAQYFK4EEACI${"hidden/words+x"}` },
    ],
  ])("%s", (_name, requestParameters) => {
    const text = JSON.stringify(redact(record({ requestParameters })));
    expect(text).not.toMatch(/hidden|12345678901/);
  });

  test("leaves what a person needs", () => {
    expect(redact(createChannelRecord())).toEqual({
      ...createChannelRecord(),
      responseElements: {
        channel: {
          arn: "arn:aws:ivs:us-west-2:123456789012:channel/1EXAMPLE",
          authorized: false,
          ingestEndpoint: "[redacted]",
          latencyMode: "LOW",
          name: "default",
          playbackUrl: "https://EXAMPLE.m3u8",
          tags: {},
        },
        streamKey: {
          arn: "arn:aws:ivs:us-west-2:123456789012:stream-key/2EXAMPLE",
          channelArn: "arn:aws:ivs:us-west-2:123456789012:channel/1EXAMPLE",
          tags: {},
        },
      },
    });
  });

  test.each([
    "arn:aws:ivs:us-west-2:123456789012:stream-key/2EXAMPLE",
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:production/stream-AbCdEf",
    "User: arn:aws:sts::123456789012:assumed-role/Admin/alice is not authorized to perform: ivs:GetStreamKey",
    "aws-cli/2.15.30 md/Botocore#2.15.30 ua/2.0 os/linux#5.10 md/arch#x86_64 lang/python#3.11",
  ])("leaves %s", (text) => expect(redactText(text)).toBe(text));

  test("copies, and does not touch the record", () => {
    const one = record({ requestParameters: { password: "x" } });
    redact(one);
    expect(one.requestParameters).toEqual({ password: "x" });
  });
});

describe("redact is bounded", () => {
  const sizeOf = (one: JsonObject): number => JSON.stringify(redact(one)).length;
  const deep = JSON.parse(`${'{"a":'.repeat(90)}1${"}".repeat(90)}`) as unknown;

  test.each([
    ["a string of 1 MB", { userAgent: "x".repeat(1_000_000) }],
    ["a key of 1 MB", { requestParameters: { ["x".repeat(1_000_000)]: 1 } }],
    [
      "100,000 keys",
      {
        requestParameters: Object.fromEntries(
          Array.from({ length: 100_000 }, (_u, index) => [`k${index}`, index]),
        ),
      },
    ],
    ["100,000 items", { requestParameters: Array.from({ length: 100_000 }, () => "item") }],
    ["10,000 long items", { requestParameters: Array.from({ length: 10_000 }, () => "x".repeat(1000)) }],
    ["90 levels", { requestParameters: deep }],
  ])("%s", (_name, overrides) => {
    const one = record(overrides);
    expect(sizeOf(one)).toBeLessThan(100_000);
    expect(JSON.stringify(redact(one))).toContain("111122223333");
    expect(JSON.stringify(redact(one))).toMatch(/cut|…/);
  });

  test("leaves no beginning of a secret where a text is cut", () => {
    const userAgent = `${"x".repeat(1009)} rt_hiddenwordshiddenwords`;
    expect(JSON.stringify(redact(record({ userAgent })))).not.toContain("hidden");
  });

  test("keeps a hostile __proto__ a key", () => {
    const copy = redact(
      record({ requestParameters: JSON.parse('{"__proto__":{"polluted":true}}') as JsonObject }),
    );
    expect(JSON.stringify(copy)).toContain('"__proto__":{"polluted":true}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe("no planted secret survives", () => {
  const secrets = fc.constantFrom(streamKey, webToken, sessionToken);
  const before = fc.oneof(
    fc.string(),
    fc.integer({ min: 900, max: 1100 }).map((length) => "x".repeat(length)),
  );
  const text = fc.tuple(before, secrets, fc.string()).map((parts) => parts.join(" "));
  const tree = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 5 },
      text,
      fc.jsonValue(),
      fc.array(tie("node"), { maxLength: 4 }),
      fc.dictionary(fc.oneof(fc.string(), text), tie("node"), { maxKeys: 4 }),
    ),
  })).node;

  test("anywhere in a record, in keys and values", () => {
    fc.assert(
      fc.property(tree, tree, text, (requestParameters, responseElements, userAgent) => {
        const written = JSON.stringify(redact(record({ requestParameters, responseElements, userAgent })));
        expect(written).not.toContain("abcdABCDefgh_567890");
        expect(written).not.toContain("c2lnbmF0dXJlLWhlcmU");
        expect(written).not.toContain("wEaCXVzLWVhc3Q");
      }),
      { numRuns: 300 },
    );
  });
});
