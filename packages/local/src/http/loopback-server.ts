import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { PortInUseError } from "../errors.ts";

/** The only address this package ever binds. Not an option, on purpose. */
const loopback = "127.0.0.1";

export interface LoopbackServer {
  readonly port: number;
  /** Authority, such as `127.0.0.1:4566`. */
  readonly host: string;
  /** Stops listening and cuts every connection, answered or not. */
  close(): Promise<void>;
}

export type RequestListener = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> | void;

/**
 * Serves HTTP on 127.0.0.1. Every server of this package is made here, because a server written with `createServer`
 * alone has three ways to end its process: a listener that throws, one that rejects, and an error on a response that
 * nobody listens to. Here each of them costs the one connection. What Node's parser rejects, Node answers with 400.
 *
 * @throws PortInUseError when a fixed port is taken
 */
export async function listenOnLoopback(
  what: string,
  port: number,
  listener: RequestListener,
): Promise<LoopbackServer> {
  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing, listener));
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

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  listener: RequestListener,
): Promise<void> {
  // The client is gone, or the answer is late: there is nobody to report it to.
  incoming.on("error", () => {});
  outgoing.on("error", () => {});
  try {
    // A web page can reach loopback ports under a name of its own; such a name is not ours to answer to.
    if (!/^(127\.0\.0\.1|localhost|[a-z0-9.-]+\.localhost)(:\d+)?$/i.test(incoming.headers.host ?? "")) {
      answerPlainly(outgoing, 403, "This server answers on loopback names only.\n");
      return;
    }
    await listener(incoming, outgoing);
  } catch {
    if (outgoing.headersSent || outgoing.destroyed) outgoing.destroy();
    else answerPlainly(outgoing, 500, "The server could not process this request.\n");
  }
}

/** Answers in plain text and hangs up, since the rest of the request may not have been read. */
export function answerPlainly(outgoing: ServerResponse, status: number, text: string): void {
  outgoing.writeHead(status, { "content-type": "text/plain; charset=utf-8", connection: "close" }).end(text);
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
