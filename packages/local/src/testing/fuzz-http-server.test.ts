import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { connect, createServer as createRawServer } from "node:net";
import { expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import { fuzzHttpServer } from "./fuzz-http-server.ts";
import { drawRequest } from "./malformed-requests.ts";

async function withServer(listener: RequestListener, act: (port: number) => Promise<void>): Promise<void> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await act((server.address() as AddressInfo).port);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function answers(port: number): Promise<boolean> {
  return (await fetch(`http://127.0.0.1:${port}/`)).ok;
}

test("the same seed draws the same requests, another seed others", () => {
  const drawn = ([1, 1, 2] as const).map((seed) => {
    const random = seededRandom(seed);
    return Array.from({ length: 300 }, () =>
      Buffer.concat([...drawRequest(random, 80, [])]).toString("latin1"),
    );
  });
  expect(drawn[0]).toEqual(drawn[1]);
  expect(drawn[0]).not.toEqual(drawn[2]);
  expect(drawn[0]?.some((request) => request.startsWith("GET // "))).toBe(true);
});

test("a server that answers everything passes", async () => {
  await withServer(
    (_, response) => void response.end("ok"),
    async (port) => {
      const { statuses } = await fuzzHttpServer({ port, isAlive: () => answers(port), runs: 200 });
      expect(statuses.get(200)).toBeGreaterThan(0);
      expect(statuses.get(400)).toBeGreaterThan(0);
    },
  );
});

test.each<[fault: string, listener: RequestListener, says: string]>([
  [
    "an exception on an odd path",
    (request, response) => response.end(new URL(request.url ?? "", "http://127.0.0.1").pathname),
    "An exception escaped the server: TypeError: Invalid URL",
  ],
  [
    "a rejection on an odd path",
    async (request, response) => void response.end(decodeURIComponent(request.url ?? "")),
    "An exception escaped the server: URIError",
  ],
  [
    "an answer that is not HTTP",
    (request, response) => void (request.url === "/" ? response.end() : request.socket.end("nonsense\n")),
    "The answer is not HTTP",
  ],
])("%s is found, with the seed", async (_, listener, says) => {
  await withServer(listener, async (port) => {
    const fuzz = fuzzHttpServer({ port, isAlive: async () => true, runs: 400, seed: 3 });
    await expect(fuzz).rejects.toThrow(says);
    await expect(fuzz).rejects.toThrow("seed 3");
  });
});

test("a server that stops serving is found", async () => {
  const server = createRawServer((socket) => {
    socket.on("error", () => {}).end("HTTP/1.1 200 OK\r\n\r\n");
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const isAlive = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => resolve(false)).on("connect", () => resolve(true));
    });
  await expect(fuzzHttpServer({ port, isAlive, runs: 20 })).rejects.toThrow("no longer serves");
});
