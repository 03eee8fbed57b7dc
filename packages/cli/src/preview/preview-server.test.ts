import { request } from "node:http";
import { fuzzHttpServer } from "@streamwarden/local/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type PreviewServer, startPreviewServer } from "./preview-server.ts";

const options = {
  port: 0,
  mailbox: { mails: [] },
  sendCommand: "send <file>",
  otherPortCommand: "start again",
};
let server: PreviewServer;
let port: number;
beforeEach(async () => {
  server = await startPreviewServer(options);
  port = Number(new URL(server.url).port);
});
afterEach(() => server.close());

/** A request with a target as it stands; `fetch` would tidy it. */
function statusOf(method: string, path: string, body = ""): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", method, path }, (response) => {
      response.resume();
      response.once("close", () => resolve(response.statusCode));
    });
    sent.once("error", reject);
    sent.end(body);
  });
}

describe("no request ends the server", () => {
  test("malformed ones over raw sockets", async () => {
    const hook = new URL(server.webhookUrl("ops")).pathname;
    const post = (path: string, body: string): string =>
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const { statuses } = await fuzzHttpServer({
      port,
      isAlive: async () => (await fetch(server.url)).ok,
      runs: 400,
      examples: [
        `GET /?refresh=off HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`,
        post(hook, '{"text":"a","blocks":[]}'),
        post(`${hook}%E0%A4%A`, "{}"),
      ],
    });
    expect(statuses.get(200)).toBeGreaterThan(0);
    expect(statuses.get(400)).toBeGreaterThan(0);
  });

  test.each([
    ["GET", "//", 404],
    ["GET", "//[", 404],
    ["GET", "/%", 404],
    ["GET", "/\\", 404],
    ["GET", "*", 400],
    ["GET", "http://127.0.0.1/", 400],
    ["GET", "//example.com:99999/", 404],
    ["DELETE", "/", 405],
    ["HEAD", "/", 200],
  ])("%s %s is answered with %i", async (method, path, status) => {
    expect(await statusOf(method, path)).toBe(status);
    expect((await fetch(server.url)).status).toBe(200);
  });

  test.each([
    ["a destination that is no UTF-8", "%E0%A4%A", "{}", 400],
    ["no JSON", "ops", "{", 400],
    ["JSON of another kind", "ops", "[null]", 400],
    ["nothing", "ops", "", 400],
    ["more than a message", "ops", "x".repeat(2 * 1024 * 1024), 413],
  ])("the webhook: %s", async (_, destination, body, status) => {
    const hook = new URL(server.webhookUrl("")).pathname;
    expect(await statusOf("POST", `${hook}${destination}`, body)).toBe(status);
    expect((await fetch(server.url)).status).toBe(200);
  });

  test("a client that leaves in the middle of its message", async () => {
    const hook = new URL(server.webhookUrl("ops")).pathname;
    await new Promise<void>((resolve) => {
      const sent = request({
        port,
        host: "127.0.0.1",
        method: "POST",
        path: hook,
        headers: { "content-length": 100 },
      });
      sent.once("error", () => resolve());
      sent.write("{", () => sent.destroy(new Error("gone")));
    });
    expect((await fetch(server.url)).status).toBe(200);
  });
});

test("a port that is taken is a sentence with the command that takes another", async () => {
  await expect(startPreviewServer({ ...options, port })).rejects.toThrow(
    `Port ${port} on 127.0.0.1, for the preview page, is taken by another program. Choose another one: \`start again\` takes a free one.`,
  );
});
