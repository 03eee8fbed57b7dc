import { fuzzHttpServer } from "@streamwarden/local/testing";
import { expect, test } from "vitest";
import { Health } from "../../packages/consumer/src/telemetry/health.ts";
import { startHttpServer } from "../../packages/consumer/src/telemetry/http-server.ts";
import { Metrics } from "../../packages/consumer/src/telemetry/metrics.ts";

/** Alerts depend on the consumer's process: whatever asks for its health must not be able to end it. */
test.each([1, 2, 3])(
  "no request ends the consumer's server of health and metrics (seed %i)",
  async (seed) => {
    const server = await startHttpServer({ port: 0, health: new Health(), metrics: new Metrics() });
    const get = async (path: string): Promise<number> =>
      (await fetch(`http://127.0.0.1:${server.port}${path}`, { headers: { connection: "close" } })).status;
    const isAlive = async (): Promise<boolean> =>
      (await get("/healthz")) === 200 && (await get("/metrics")) === 200;
    const examples = ["/healthz", "/readyz", "/metrics"].map(
      (path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    );
    const { statuses } = await fuzzHttpServer({ port: server.port, isAlive, runs: 1_000, seed, examples });
    expect(statuses.get(400)).toBeGreaterThan(50);
    await server.close();
  },
);
