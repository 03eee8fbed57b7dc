import { createServer, type IncomingHttpHeaders } from "node:http";

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** `hang` never answers; `drop` closes the connection. */
  readonly instead?: "hang" | "drop";
}

export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

/** A webhook receiver on loopback that answers from a script; the last answer repeats. */
export async function startReceiver(answers: readonly Answer[]): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    const answer = answers[Math.min(received.length, answers.length) - 1] ?? {};
    if (answer.instead === "hang") return;
    if (answer.instead === "drop") {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status ?? 200, answer.headers).end(answer.body ?? "ok");
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The receiver has no port.");
  return {
    url: `http://127.0.0.1:${address.port}/services/T0/B0/secret-token`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A clock whose sleeps pass at once and are written down. */
export function testClock(start = Date.parse("2020-04-02T20:57:46Z")): {
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  readonly sleeps: number[];
} {
  const sleeps: number[] = [];
  let now = start;
  return {
    sleeps,
    now: () => now,
    sleep: async (milliseconds) => {
      sleeps.push(milliseconds);
      now += milliseconds;
    },
  };
}
