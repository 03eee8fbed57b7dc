import type { IncomingMessage, ServerResponse } from "node:http";
import { answerPlainly, type RequestListener } from "./loopback-server.ts";
import type { ServiceRequest, ServiceResponse } from "./service-request.ts";

const maximumBodyBytes = 16 * 1024 * 1024;

/** What to do with a request: answer it, never answer it, or cut the connection. */
type Outcome = ServiceResponse | "no-answer" | "cut";

interface Exchange {
  readonly request: ServiceRequest;
  /** Becomes true when the client went away before it had its answer. */
  readonly gone: () => boolean;
  /** Called when an answer was ready and the client had gone. */
  onUndelivered: (() => Promise<void>) | undefined;
}

export type Handler = (exchange: Exchange) => Promise<Outcome>;

/** Reads whole requests for a service and writes what it decides. */
export function exchanges(handle: Handler): RequestListener {
  return async (incoming, outgoing) => {
    const body = await readBody(incoming);
    if (body === undefined) {
      answerPlainly(outgoing, 413, "The request is larger than 16 MiB.\n");
      return;
    }
    const exchange: Exchange = {
      request: {
        method: incoming.method ?? "GET",
        url: incoming.url ?? "/",
        headers: singleHeaders(incoming),
        body,
        host: incoming.headers.host ?? "",
      },
      gone: () => outgoing.destroyed,
      onUndelivered: undefined,
    };
    const outcome = await handle(exchange);
    if (outcome === "no-answer") return;
    if (outcome === "cut") incoming.socket.destroy();
    else if (outgoing.destroyed) await exchange.onUndelivered?.();
    else send(outgoing, outcome);
  };
}

function singleHeaders(incoming: IncomingMessage): Readonly<Record<string, string>> {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return Object.fromEntries(headers);
}

function send(outgoing: ServerResponse, { status, headers, body }: ServiceResponse): void {
  const bytes = Buffer.from(body);
  outgoing.writeHead(status, { ...headers, "content-length": bytes.length });
  outgoing.end(bytes);
}

async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // The iterator must not destroy the request when it is left early: the client is still to read why.
  for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maximumBodyBytes) {
      incoming.resume();
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
