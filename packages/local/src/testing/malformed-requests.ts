import type { Random } from "../random.ts";

/** Bytes to write to a socket, in the pieces in which they are written. */
export type MalformedRequest = readonly Buffer[];

const methods =
  "GET GET GET POST POST POST PUT DELETE HEAD OPTIONS PATCH TRACE CONNECT PROPFIND PRI get G@T".split(" ");
const versions = ["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/9", ""];

const targets = [
  "/",
  "//",
  "///",
  "//x",
  "//@",
  "//[",
  "/\\",
  "\\\\x",
  "/%",
  "/%zz",
  "/%00",
  "/%c3%28",
  "/%ed%a0%80",
  "/\u00e9\u0000",
  "/../../etc/passwd",
  "/__proto__",
  "/constructor/prototype",
  "/?",
  "/?%",
  "/?a[]=1&a[__proto__]=2&=&&",
  "/?Action=",
  "/?Action=%zz",
  "/#",
  "http://",
  "http:///",
  "http://[",
  "http://:99999/",
  "http://example.com/",
  "https://user:password@example.com:80/",
  "example.com:443",
  "javascript:alert(1)",
  "://",
  "*",
  "?",
  "",
  `/${"a".repeat(5_000)}`,
  `/${"%41".repeat(10_000)}`,
  `/${"../".repeat(1_000)}`,
];

const hosts = ["", "[", "[::1", "::", "a b", "example.com", "127.0.0.1:99999", "localhost:x", "127.0.0.1, x"];

const headerLines = [
  "content-length: -1",
  "content-length: 1e9",
  "content-length: 0x10",
  "content-length: 99999999999999999999",
  "content-length: 5\r\ncontent-length: 6",
  "content-length: 3\r\ntransfer-encoding: chunked",
  "transfer-encoding: chunked, chunked",
  "transfer-encoding: identity",
  "transfer-encoding: \u000bchunked",
  "content-type: application/json\r\ncontent-type: text/plain",
  "content-type: ; charset=\u00ff",
  "content-encoding: gzip",
  "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: x",
  "connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: x",
  "connection: close, keep-alive",
  "expect: 100-continue",
  "expect: a miracle",
  "authorization: Credential=//////",
  "x-amz-target: ",
  "x-amz-target: .",
  "x-amz-target: AmazonSQS.__proto__",
  "x-amz-target: AWSEvents.constructor",
  "x-amz-target: DynamoDB_20120810.\u00e9",
  "cookie: =;=;\u00ff",
  "range: bytes=9-1",
  "no colon",
  ": no name",
  "na me: x",
  "folded: a\r\n b",
  "nul: \u0000",
  "bare: \r x",
  "__proto__: x",
  `long: ${"x".repeat(20_000)}`,
  Array.from({ length: 3_000 }, (_, index) => `h${index}: x`).join("\r\n"),
];

const bodies = [
  "",
  "{",
  "{}",
  "[]",
  "null",
  "0",
  '"x"',
  '{"__proto__":null}',
  '{"a":"\\ud800"}',
  "\u0000\u00ff\u00fe",
  "[".repeat(20_000),
  '{"a":'.repeat(5_000),
  "Action=&Action=x&%",
  "Action=Publish&TopicArn=%ff&Attributes.entry.1e9.key=x",
  "x".repeat(200_000),
];

const chunkedBodies = [
  "0\r\n\r\n",
  "3\r\nabc\r\n0\r\n\r\n",
  "3\r\nabcdef\r\n0\r\n\r\n",
  "zz\r\n",
  "-1\r\n",
  "ffffffffffffffffff\r\n",
  "3;x=\u0000\r\nabc\r\n0\r\n\r\n",
  "0\r\nhost: example.com\r\ncontent-length: 5\r\n\r\n",
  "3\r\nab",
];

/** A TLS client that took the port for HTTPS; the start of HTTP/2; nothing at all. */
const otherProtocols = [
  "\u0016\u0003\u0001\u0002\u0000\u0001\u0000",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "\r\n\r\n\r\n",
  "",
];

/**
 * Draws requests that no server of ours should be ended by: odd targets, broken framing, garbage, pipelines, and
 * `examples` (good requests as raw text) with bytes changed, so that some get past the router.
 */
export function drawRequest(random: Random, port: number, examples: readonly string[]): MalformedRequest {
  const kind = random();
  let bytes: Buffer;
  if (kind < 0.05) bytes = Buffer.from(pick(random, otherProtocols), "latin1");
  else if (kind < 0.1)
    bytes = Buffer.from(Array.from({ length: below(random, 600) }, () => below(random, 256)));
  else {
    const draw = () =>
      Buffer.from(
        random() < 0.35 && examples.length > 0 ? pick(random, examples) : composed(random, port),
        "latin1",
      );
    const pipelined = random() < 0.15 ? 2 + below(random, 3) : 1;
    bytes = Buffer.concat(Array.from({ length: pipelined }, draw));
    if (random() < 0.4) bytes = mutated(random, bytes);
  }
  return inPieces(random, bytes);
}

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

function pick<T>(random: Random, items: readonly [T, ...T[]] | readonly T[]): T {
  const item = items[below(random, items.length)];
  if (item === undefined) throw new RangeError("nothing to pick from");
  return item;
}

function composed(random: Random, port: number): string {
  const goodHost = `127.0.0.1:${port}`;
  const lines = [`${pick(random, methods)} ${pick(random, targets)} ${pick(random, versions)}`];
  // Most requests carry a good Host, so that they get further than the first check.
  if (random() < 0.95) lines.push(`Host: ${random() < 0.85 ? goodHost : pick(random, hosts)}`);
  if (random() < 0.05) lines.push(`Host: ${pick(random, hosts)}`);
  for (let count = below(random, 3); count > 0; count -= 1) lines.push(pick(random, headerLines));
  if (random() < 0.3) {
    lines.push("transfer-encoding: chunked");
    return `${lines.join("\r\n")}\r\n\r\n${pick(random, chunkedBodies)}`;
  }
  const body = pick(random, bodies);
  const announced = random() < 0.85 ? Buffer.byteLength(body, "latin1") : below(random, 400);
  if (body !== "" || random() < 0.2) lines.push(`content-length: ${announced}`);
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

/** A few bytes changed, removed, doubled or added. */
function mutated(random: Random, bytes: Buffer): Buffer {
  let result = bytes;
  for (let count = 1 + below(random, 4); count > 0; count -= 1) {
    const at = below(random, result.length + 1);
    const skipped = random() < 0.5 ? below(random, 8) : 0;
    const added = random() < 0.3 ? result.subarray(at, at + 20) : Buffer.from([below(random, 256)]);
    result = Buffer.concat([result.subarray(0, at), added, result.subarray(at + skipped)]);
  }
  return result;
}

/** Whole, or cut into pieces that arrive apart, or only the first part of it. */
function inPieces(random: Random, bytes: Buffer): MalformedRequest {
  const kind = random();
  if (kind < 0.6 || bytes.length < 2) return [bytes];
  const cut = 1 + below(random, bytes.length - 1);
  return kind < 0.85 ? [bytes.subarray(0, cut), bytes.subarray(cut)] : [bytes.subarray(0, cut)];
}
