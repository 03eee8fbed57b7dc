import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ConsumerError } from "../errors.ts";
import type { Health } from "./health.ts";
import type { Metrics } from "./metrics.ts";

export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

/** What is asked here is small and answered at once: whoever takes longer to ask holds a connection for nothing. */
const longestRequestMilliseconds = 10_000;
/** Connections are file descriptors, which the consumer's own clients need as well. */
const maximumConnections = 64;

interface Sources {
  readonly health: Health;
  readonly metrics: Metrics;
}

/**
 * `GET /healthz` (the process answers), `GET /readyz` (200 or 503 with one sentence) and `GET /metrics`
 * (Prometheus text), on loopback only. Alerts depend on this process and not on these pages, so no request may end
 * it: a failure to answer costs its own connection and nothing else.
 *
 * @throws ConsumerError `consumer-port` when the port is taken.
 */
export async function startHttpServer(options: Sources & { readonly port: number }): Promise<HttpServer> {
  const server = createServer(
    { headersTimeout: longestRequestMilliseconds, requestTimeout: longestRequestMilliseconds },
    (request, response) => {
      serve(request, response, options).catch(() => response.destroy());
    },
  );
  server.maxConnections = maximumConnections;
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

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { health, metrics }: Sources,
): Promise<void> {
  const answer = (status: number, body: string, type = "text/plain; charset=utf-8"): void => {
    response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
    response.end(request.method === "HEAD" ? undefined : body);
  };
  if (request.method !== "GET" && request.method !== "HEAD")
    return answer(405, "Only GET is answered here.\n");
  switch (pathOf(request)) {
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
}

/** The path of `/metrics?x` and of the absolute form that proxies send; undefined when the target is neither. */
function pathOf({ url = "" }: IncomingMessage): string | undefined {
  return url.startsWith("/") ? url.split("?", 1)[0] : URL.parse(url)?.pathname;
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      const sentence =
        error.code === "EADDRINUSE"
          ? `Port ${port} on 127.0.0.1 is taken: set STREAMWARDEN_HTTP_PORT to another, or to 0 for any free one.`
          : `The health server cannot listen on 127.0.0.1:${port}: ${error.message}.`;
      reject(new ConsumerError("consumer-port", sentence, { cause: error }));
    };
    server.once("error", failed);
    server.listen(port, "127.0.0.1", () => {
      // From here on an error is one connection that could not be accepted, which must not end the process.
      server.off("error", failed).on("error", () => undefined);
      resolve();
    });
  });
}
