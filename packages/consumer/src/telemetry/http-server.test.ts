import { connect } from "node:net";
import { emptyBalance } from "@streamwarden/detection";
import { afterEach, expect, test } from "vitest";
import { Health } from "./health.ts";
import { type HttpServer, startHttpServer } from "./http-server.ts";
import { Metrics } from "./metrics.ts";

const servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start() {
  const health = new Health();
  const metrics = new Metrics();
  const server = await startHttpServer({ port: 0, health, metrics });
  servers.push(server);
  const get = async (path: string, method = "GET") => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
    return { status: response.status, body: await response.text() };
  };
  return { health, metrics, server, get };
}

test("health, readiness and metrics", async () => {
  const { health, metrics, get } = await start();
  expect(await get("/healthz")).toEqual({ status: 200, body: "The consumer is alive.\n" });
  expect((await get("/readyz")).status).toBe(503);
  health.running();
  expect((await get("/readyz")).status).toBe(200);
  metrics.batch({ ...emptyBalance, messages: { received: 3, processed: 2, quarantined: 1, returned: 0 } });
  const { body } = await get("/metrics");
  expect(body).toContain('streamwarden_messages_total{outcome="received"} 3');
  expect(body).toContain('streamwarden_messages_total{outcome="quarantined"} 1');
  expect(body).toContain("streamwarden_ready 1");
});

test("anything else is rejected", async () => {
  const { get } = await start();
  expect((await get("/")).status).toBe(404);
  expect((await get("/healthz", "POST")).status).toBe(405);
});

test("a taken port is one sentence with a way out", async () => {
  const { server, health, metrics } = await start();
  await expect(startHttpServer({ port: server.port, health, metrics })).rejects.toMatchObject({
    code: "consumer-port",
    message: expect.stringContaining("STREAMWARDEN_HTTP_PORT"),
  });
});

/** Sends bytes as they are and gives the first line of each answer. */
function raw(port: number, bytes: string | Buffer, hangUp = false): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    let text = "";
    socket.on("error", () => undefined);
    socket.on("data", (data: Buffer) => {
      text += data.toString("latin1");
    });
    socket.on("close", () => resolve(text.match(/^HTTP\/1\.1 \d{3}/gm) ?? []));
    if (hangUp) socket.write(bytes, () => socket.resetAndDestroy());
    else socket.end(bytes);
  });
}

function answers(...statuses: readonly number[]) {
  return statuses.map((status) => `HTTP/1.1 ${status}`);
}

test.each<[what: string, bytes: string | Buffer, answers: readonly string[]]>([
  ["two slashes", "GET // HTTP/1.1\r\nHost: x\r\n\r\n", answers(404)],
  ["a host as path", "GET //[ HTTP/1.1\r\nHost: x\r\n\r\n", answers(404)],
  ["the absolute form", "GET http://x/healthz HTTP/1.1\r\nHost: x\r\n\r\n", answers(200)],
  ["a broken absolute form", "GET http://[/healthz HTTP/1.1\r\nHost: x\r\n\r\n", answers(404)],
  ["a broken encoding", "GET /%zz%ff HTTP/1.1\r\nHost: x\r\n\r\n", answers(404)],
  ["bytes that are no text", Buffer.from([0xff, 0x00, 0xfe, 0x0d, 0x0a, 0x0d, 0x0a]), answers(400)],
  ["the asterisk form", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", answers(405)],
  ["CONNECT", "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", []],
  [
    "an upgrade",
    "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    answers(200),
  ],
  ["a huge header", `GET /healthz HTTP/1.1\r\nHost: x\r\nA: ${"x".repeat(100_000)}\r\n\r\n`, answers(431)],
  [
    "two lengths",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
    answers(400),
  ],
  ["a broken chunk", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", answers(405)],
  ["requests in a row", "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".repeat(3), answers(200, 200, 200)],
  ["half a request", "GET /healthz HTTP/1.1\r\nHos", answers(400)],
])("%s costs one connection at most", async (_, bytes, expected) => {
  const { server, get } = await start();
  expect(await raw(server.port, bytes)).toEqual(expected);
  await raw(server.port, bytes, true);
  expect((await get("/healthz")).status).toBe(200);
});

test("a page that cannot be made costs one connection", async () => {
  const { server, metrics, get } = await start();
  metrics.registry.metrics = () => Promise.reject(new Error("out of order"));
  expect(await raw(server.port, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")).toEqual([]);
  expect((await get("/healthz")).status).toBe(200);
});
