import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A delayed message, and the chain of invocations that led to it. */
export interface DelayedMessage {
  readonly id: string;
  readonly body: string;
  /** When it becomes visible, milliseconds since the epoch of the test. */
  readonly dueAt: number;
  /** How often the function was invoked in this chain. */
  readonly invocations: number;
}

/**
 * Stands in front of SQS and takes what is sent to one queue, so that a test can let days pass in it. Everything else
 * goes through. As on AWS, a message carries the trace of the invocation that sent it, with Lambda's count in it.
 */
export class TimerWheel {
  /** What the function takes for the present. */
  now: number;
  readonly endpoint: string;
  readonly close: () => Promise<void>;
  readonly #messages: DelayedMessage[];

  private constructor(options: {
    readonly start: number;
    readonly endpoint: string;
    readonly messages: DelayedMessage[];
    readonly close: () => Promise<void>;
  }) {
    this.now = options.start;
    this.endpoint = options.endpoint;
    this.#messages = options.messages;
    this.close = options.close;
  }

  static async start(upstream: string, queueName: string, start: number): Promise<TimerWheel> {
    const messages: DelayedMessage[] = [];
    const server = createServer(async (incoming, outgoing) => {
      const body = await textOf(incoming);
      const target = String(incoming.headers["x-amz-target"]);
      const parsed = JSON.parse(body || "{}") as {
        QueueUrl?: string;
        MessageBody?: string;
        DelaySeconds?: number;
      };
      if (target === "AmazonSQS.SendMessage" && parsed.QueueUrl?.endsWith(`/${queueName}`) === true) {
        const text = parsed.MessageBody ?? "";
        const id = randomUUID();
        const dueAt = wheel.now + (parsed.DelaySeconds ?? 0) * 1000;
        const invocations = invocationsOf(String(incoming.headers["x-amzn-trace-id"]));
        messages.push({ id, body: text, dueAt, invocations });
        const MD5OfMessageBody = createHash("md5").update(text).digest("hex");
        outgoing.writeHead(200, { "content-type": "application/x-amz-json-1.0" });
        outgoing.end(JSON.stringify({ MessageId: id, MD5OfMessageBody }));
        return;
      }
      const answer = await fetch(upstream, {
        method: "POST",
        headers: {
          "content-type": String(incoming.headers["content-type"]),
          "x-amz-target": target,
          authorization: String(incoming.headers.authorization),
        },
        body,
      });
      outgoing.writeHead(answer.status, { "content-type": "application/x-amz-json-1.0" });
      outgoing.end(await answer.text());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const wheel = new TimerWheel({
      start,
      messages,
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      async close() {
        server.closeAllConnections();
        server.close();
        await once(server, "close");
      },
    });
    return wheel;
  }

  /** Takes the message that becomes visible next, and lets the time pass until then. */
  next(): DelayedMessage | undefined {
    this.#messages.sort((a, b) => a.dueAt - b.dueAt);
    const message = this.#messages.shift();
    if (message !== undefined) this.now = Math.max(this.now, message.dueAt);
    return message;
  }
}

/** The trace of an invocation, as Lambda gives it to its function. */
export function traceOf(invocations: number): string {
  return `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0;Lineage=1:a87bd80c:${invocations}`;
}

function invocationsOf(trace: string): number {
  return Number(/Lineage=1:[0-9a-f]+:(\d+)/.exec(trace)?.[1] ?? 0);
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
