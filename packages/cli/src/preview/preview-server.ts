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

const maximumBodyBytes = 1024 * 1024;

/**
 * Serves the preview page and stands in for Slack, on 127.0.0.1 only.
 *
 * @throws CliError `cli-running` when the port is taken.
 */
export async function startPreviewServer(options: {
  readonly port: number;
  readonly mailbox: Pick<Mailbox, "mails">;
  readonly sendCommand: string;
}): Promise<PreviewServer> {
  const slack = new SlackInbox();
  const hooks = `/services/${randomBytes(16).toString("hex")}/`;
  const server = createServer(async (request, response) => {
    const { port } = server.address() as AddressInfo;
    const answer = (status: number, text: string): void => {
      response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(text);
    };
    // A name that somebody else points at this machine is not ours to answer to.
    if (![`127.0.0.1:${port}`, `localhost:${port}`].includes(request.headers.host ?? ""))
      return answer(403, "This page answers on loopback names only.\n");
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
    if (request.method === "POST" && pathname.startsWith(hooks))
      return await takeMessage(request, answer, slack, decodeURIComponent(pathname.slice(hooks.length)));
    if (request.method !== "GET" && request.method !== "HEAD")
      return answer(405, "Only GET is answered here.\n");
    if (pathname !== "/") return answer(404, "The page is at /.\n");
    const page = previewPage({
      slack: slack.messages,
      mails: options.mailbox.mails.toReversed(),
      sendCommand: options.sendCommand,
      refreshes: searchParams.get("refresh") !== "off",
    });
    response.writeHead(200, previewHeaders()).end(request.method === "HEAD" ? undefined : page);
  });
  await listen(server, options.port);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    slack,
    webhookUrl: (destination) => `http://127.0.0.1:${port}${hooks}${encodeURIComponent(destination)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers as Slack does: `ok`, or 400 with a word. */
async function takeMessage(
  request: IncomingMessage,
  answer: (status: number, text: string) => void,
  slack: SlackInbox,
  destination: string,
): Promise<void> {
  const body = await readBody(request);
  if (body === undefined) return answer(413, "payload_too_large");
  const isTaken = slack.take(destination, body, new Date().toISOString());
  answer(isTaken ? 200 : 400, isTaken ? "ok" : "invalid_blocks");
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maximumBodyBytes) {
      request.resume();
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const sentence =
        error.code === "EADDRINUSE"
          ? `Port ${port} on 127.0.0.1, for the preview page, is taken by another program. Choose another one: \`--preview-port 0\` takes a free one.`
          : `The preview page cannot listen on 127.0.0.1:${port}: ${error.message}.`;
      reject(new CliError("cli-running", sentence, { cause: error }));
    });
    server.listen(port, "127.0.0.1", resolve);
  });
}
