import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { bundleHandler } from "./bundle.ts";
import { account } from "./mocks.ts";

type Methods = Record<string, (params: Record<string, unknown>) => unknown>;

/**
 * The server that SST's components call back while they run (the CLI, normally). It answers the few questions that our
 * components ask, and bundles the handlers for real. It listens on loopback and does not keep the process alive.
 *
 * @param root the repository
 * @param work a folder for the bundles
 * @param region where the imaginary deployment lives
 * @returns the server's address
 */
export async function startRpcServer(root: string, work: string, region: string): Promise<string> {
  const methods: Methods = {
    "Provider.Aws.Bootstrap": () => ({
      asset: "sst-asset",
      assetEcrUrl: `${account}.dkr.ecr.${region}.amazonaws.com/sst-asset`,
      assetEcrRegistryId: account,
    }),
    "Provider.Aws.Appsync": () => ({ http: "", realtime: "" }),
    "Runtime.Build": async (params) => {
      const out = join(work, "bundles", String(params.functionID));
      try {
        const handler = await bundleHandler(root, String(params.handler), out);
        return { handler, out, errors: [], sourcemaps: [] };
      } catch (error) {
        return { handler: "", out: "", errors: [messageOf(error)], sourcemaps: [] };
      }
    },
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    // An idle connection would keep the process alive for seconds after the last answer.
    response.setHeader("connection", "close");
    response.end(JSON.stringify(await answer(methods, Buffer.concat(chunks).toString("utf8"))));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function answer(methods: Methods, body: string): Promise<{ result: unknown } | { error: string }> {
  const { method, params } = JSON.parse(body) as { method: string; params: Record<string, unknown>[] };
  const call = methods[method];
  if (call === undefined) return { error: `rpc: can't find ${method}` };
  try {
    return { result: await call(params[0] ?? {}) };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
