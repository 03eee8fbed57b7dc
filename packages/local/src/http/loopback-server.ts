import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { PortInUseError } from "../errors.ts";
import type { ServiceRequest, ServiceResponse } from "./service-request.ts";

/** The only address this package ever binds. Not an option, on purpose. */
const loopback = "127.0.0.1";
const MAXIMUM_BODY_BYTES = 16 * 1024 * 1024;

/** What to do with a request: answer it, never answer it, or cut the connection. */
export type Outcome = ServiceResponse | "no-answer" | "cut";

export interface Exchange {
  readonly request: ServiceRequest;
  /** Becomes true when the client went away before it had its answer. */
  readonly gone: () => boolean;
  /** Called when an answer was ready and the client had gone. */
  onUndelivered: (() => void) | undefined;
}

export interface LoopbackServer {
  readonly port: number;
  /** Authority, such as `127.0.0.1:4566`. */
  readonly host: string;
  /** Stops listening and cuts every connection, answered or not. */
  close(): Promise<void>;
}

/** Serves HTTP on 127.0.0.1. @throws PortInUseError when a fixed port is taken. */
export async function listenOnLoopback(
  what: string,
  port: number,
  handle: (exchange: Exchange) => Promise<Outcome>,
): Promise<LoopbackServer> {
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing, handle).catch(() => outgoing.destroy());
  });
  // Clients keep connections for long; a server that hangs up first makes them see resets that AWS would not cause.
  server.keepAliveTimeout = 60_000;
  await listen(server, port, what);
  const { port: actual } = server.address() as AddressInfo;
  return {
    port: actual,
    host: `${loopback}:${actual}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" ? new PortInUseError(port, what, { cause: error }) : error);
    });
    server.listen({ host: loopback, port }, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handle: (exchange: Exchange) => Promise<Outcome>,
): Promise<void> {
  const host = incoming.headers.host ?? "";
  // A web page can reach loopback ports under a name of its own; such a name is not ours to answer to.
  if (!/^(127\.0\.0\.1|localhost|[a-z0-9.-]+\.localhost)(:\d+)?$/i.test(host)) {
    send(outgoing, { status: 403, headers: {}, body: "This server answers on loopback names only.\n" });
    return;
  }
  const body = await readBody(incoming);
  if (body === undefined) {
    send(outgoing, { status: 413, headers: {}, body: "The request is larger than 16 MiB.\n" });
    return;
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  const exchange: Exchange = {
    request: { method: incoming.method ?? "GET", url: incoming.url ?? "/", headers, body, host },
    gone: () => outgoing.destroyed,
    onUndelivered: undefined,
  };
  const outcome = await handle(exchange);
  if (outcome === "no-answer") return;
  if (outcome === "cut") {
    incoming.socket.destroy();
  } else if (outgoing.destroyed) {
    exchange.onUndelivered?.();
  } else {
    send(outgoing, outcome);
  }
}

function send(outgoing: ServerResponse, { status, headers, body }: ServiceResponse): void {
  const bytes = Buffer.from(body);
  outgoing.writeHead(status, { ...headers, "content-length": bytes.length });
  outgoing.end(bytes);
}

async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAXIMUM_BODY_BYTES) {
      incoming.resume();
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
