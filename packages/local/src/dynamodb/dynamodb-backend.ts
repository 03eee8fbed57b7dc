import { Agent, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import dynalite from "dynalite";
import type { ServiceBackend, ServiceRequest, ServiceResponse } from "../http/service-request.ts";

export interface DynamoDbBackend {
  readonly handle: ServiceBackend;
  close(): Promise<void>;
}

/**
 * DynamoDB by dynalite, on a loopback port of its own behind ours. dynalite throws out of its server when a client
 * breaks a connection off; behind a server that always reads whole requests it never sees that.
 */
export async function startDynamoDbBackend(): Promise<DynamoDbBackend> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port: 0 }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });
  return {
    handle: (request) => forward(request, port, agent),
    close: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const forwarded = ["content-type", "x-amz-target", "authorization", "x-amz-date"];

function forward(request: ServiceRequest, port: number, agent: Agent): Promise<ServiceResponse> {
  const headers: Record<string, string> = {};
  for (const name of forwarded) {
    const value = request.headers[name];
    if (value !== undefined) headers[name] = value;
  }
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      { host: "127.0.0.1", port, agent, method: request.method, headers },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          const kept: Record<string, string> = {};
          for (const name of ["content-type", "x-amz-crc32", "x-amzn-requestid"]) {
            const value = answer.headers[name];
            if (typeof value === "string") kept[name] = value;
          }
          resolve({
            status: answer.statusCode ?? 500,
            headers: kept,
            body: Buffer.concat(chunks).toString("utf8"),
          });
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(request.body);
  });
}
