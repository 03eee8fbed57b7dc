import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Mailbox } from "@streamwarden/local";
import { CliError } from "../errors.ts";
import { previewHeaders, previewPage } from "./preview-page.ts";
import { SlackInbox } from "./slack-inbox.ts";

export interface PreviewServer {
  /** The page. */
  readonly url: string;
  readonly slack: SlackInbox;
  /** An incoming webhook for a destination. Its path is random, so that no web page can post to it. */
  webhookUrl(destination: string): string;
  close(): Promise<void>;
}

interface PreviewOptions {
  readonly port: number;
  readonly mailbox: Pick<Mailbox, "mails">;
  readonly sendCommand: string;
  /** The command that takes another port, for who finds this one taken. */
  readonly otherPortCommand: string;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const maximumBodyBytes = 1024 * 1024;
const textHeaders = { "content-type": "text/plain; charset=utf-8" };

/**
 * Serves the preview page and stands in for Slack, on 127.0.0.1 only. No request ends the server: AWS, the consumer and
 * their incidents run in this process.
 *
 * @throws CliError `cli-running` when the port is taken.
 */
export async function startPreviewServer(options: PreviewOptions): Promise<PreviewServer> {
  const slack = new SlackInbox();
  const hooks = `/services/${randomBytes(16).toString("hex")}/`;
  const server = createServer((request, response) => {
    answerTo(request, server, hooks, slack, options)
      // Who leaves in the middle of a request hears no answer.
      .catch((): Answer => ({ status: 400, body: "The request cannot be read.\n" }))
      .then(({ status, body, headers = textHeaders }) => {
        response.writeHead(status, headers).end(request.method === "HEAD" ? undefined : body);
      })
      .catch(() => response.destroy());
  });
  await listen(server, options);
  const origin = `http://127.0.0.1:${portOf(server)}`;
  return {
    url: `${origin}/`,
    slack,
    webhookUrl: (destination) => `${origin}${hooks}${encodeURIComponent(destination)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function answerTo(
  request: IncomingMessage,
  server: Server,
  hooks: string,
  slack: SlackInbox,
  { mailbox, sendCommand }: PreviewOptions,
): Promise<Answer> {
  const { method, headers, url = "/" } = request;
  const port = portOf(server);
  // A name that somebody else points at this machine is not ours to answer to.
  if (![`127.0.0.1:${port}`, `localhost:${port}`].includes(headers.host ?? ""))
    return { status: 403, body: "This page answers on loopback names only.\n" };
  const target = URL.parse(`http://127.0.0.1${url}`);
  if (!url.startsWith("/") || target === null) return { status: 400, body: "The address is malformed.\n" };
  const { pathname, searchParams } = target;
  if (method === "POST" && pathname.startsWith(hooks))
    return await takeMessage(request, slack, decodeURIComponent(pathname.slice(hooks.length)));
  if (method !== "GET" && method !== "HEAD") return { status: 405, body: "Only GET is answered here.\n" };
  if (pathname !== "/") return { status: 404, body: "The page is at /.\n" };
  const body = previewPage({
    slack: slack.messages,
    mails: mailbox.mails.toReversed(),
    sendCommand,
    refreshes: searchParams.get("refresh") !== "off",
  });
  return { status: 200, body, headers: previewHeaders() };
}

/** Answers as Slack does: `ok`, or 400 with a word. */
async function takeMessage(
  request: IncomingMessage,
  slack: SlackInbox,
  destination: string,
): Promise<Answer> {
  const body = await readBody(request);
  if (body === undefined) return { status: 413, body: "payload_too_large" };
  const isTaken = slack.take(destination, body, new Date().toISOString());
  return isTaken ? { status: 200, body: "ok" } : { status: 400, body: "invalid_blocks" };
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // What is too large is still answered.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maximumBodyBytes) {
      request.resume();
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function listen(server: Server, { port, otherPortCommand }: PreviewOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const sentence =
        error.code === "EADDRINUSE"
          ? `Port ${port} on 127.0.0.1, for the preview page, is taken by another program. Choose another one: \`${otherPortCommand}\` takes a free one.`
          : `The preview page cannot listen on 127.0.0.1:${port}: ${error.message}.`;
      reject(new CliError("cli-running", sentence, { cause: error }));
    });
    server.listen(port, "127.0.0.1", resolve);
  });
}
