import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ConsumerError } from "../errors.ts";
import type { Health } from "./health.ts";
import type { Metrics } from "./metrics.ts";

export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * `GET /healthz` (the process answers), `GET /readyz` (200 or 503 with one sentence) and `GET /metrics`
 * (Prometheus text), on loopback only.
 *
 * @throws ConsumerError `consumer-port` when the port is taken.
 */
export async function startHttpServer(options: {
  readonly port: number;
  readonly health: Health;
  readonly metrics: Metrics;
}): Promise<HttpServer> {
  const { health, metrics } = options;
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: string, type = "text/plain; charset=utf-8"): void => {
      response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
      response.end(request.method === "HEAD" ? undefined : body);
    };
    if (request.method !== "GET" && request.method !== "HEAD")
      return answer(405, "Only GET is answered here.\n");
    switch (request.url?.split("?")[0]) {
      case "/healthz":
        return answer(200, "The consumer is alive.\n");
      case "/readyz": {
        const { ready, reason } = health.report();
        return answer(ready ? 200 : 503, `${reason}\n`);
      }
      case "/metrics":
        metrics.ready(health.report().ready);
        return answer(200, await metrics.registry.metrics(), metrics.registry.contentType);
      default:
        return answer(404, "There is /healthz, /readyz and /metrics here.\n");
    }
  });
  await listen(server, options.port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const sentence =
        error.code === "EADDRINUSE"
          ? `Port ${port} on 127.0.0.1 is taken: set STREAMWARDEN_HTTP_PORT to another, or to 0 for any free one.`
          : `The health server cannot listen on 127.0.0.1:${port}: ${error.message}.`;
      reject(new ConsumerError("consumer-port", sentence, { cause: error }));
    });
    server.listen(port, "127.0.0.1", resolve);
  });
}
