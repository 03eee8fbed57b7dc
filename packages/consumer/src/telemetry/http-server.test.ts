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

test("anything else is refused", async () => {
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
