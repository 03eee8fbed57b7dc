import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { postWebhook } from "@streamwarden/alerting";
import { parseConfig } from "@streamwarden/config";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startReceiver } from "../../packages/alerting/src/testing/receiver.ts";

/** What docs/destinations.md tells people to copy. */
const page = readFileSync(new URL("../../docs/destinations.md", import.meta.url), "utf8");

function blocks(language: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\`$`, "gm"))].map(
    ([, indent = "", text = ""]) => text.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  );
}

test("every configuration on the page is accepted", () => {
  const configurations = blocks("yaml");
  expect(configurations.length).toBeGreaterThan(3);
  for (const text of configurations) expect(parseConfig(text, "streamwarden.yml").destinations).toBeDefined();
});

describe("the receiver's code on the page", () => {
  type Verify = (headers: Record<string, string>, body: string, secret: string, now?: number) => void;
  const secret = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
  const other = `whsec_${Buffer.alloc(32, 2).toString("base64")}`;
  const folder = mkdtempSync(join(tmpdir(), "streamwarden-snippet-"));
  let verify: Verify;
  let headers: Record<string, string>;
  let body: string;
  let now: number;

  beforeAll(async () => {
    const [code = "", ...others] = blocks("js");
    expect(others).toEqual([]);
    const path = join(folder, "verify.mjs");
    writeFileSync(path, code);
    ({ verify } = (await import(pathToFileURL(path).href)) as { verify: Verify });
    const receiver = await startReceiver([{}]);
    await postWebhook({
      url: receiver.url,
      secrets: [other, secret],
      id: "alert.new",
      body: '{"text":"ü"}',
      allowLoopback: true,
    });
    await receiver.close();
    const [request] = receiver.received;
    headers = { ...(request?.headers as Record<string, string>) };
    body = request?.body ?? "";
    now = Number(headers["webhook-timestamp"]) * 1000;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("believes what we sent, with either secret", () => {
    for (const known of [secret, other]) expect(() => verify(headers, body, known, now)).not.toThrow();
  });

  test.each<[string, () => void]>([
    ["another body", () => verify(headers, `${body} `, secret, now)],
    ["another secret", () => verify(headers, body, `whsec_${"A".repeat(43)}=`, now)],
    ["another id", () => verify({ ...headers, "webhook-id": "other" }, body, secret, now)],
    ["another time", () => verify({ ...headers, "webhook-timestamp": "1" }, body, secret, now)],
    ["no number as time", () => verify({ ...headers, "webhook-timestamp": "x" }, body, secret, now)],
    ["a replay", () => verify(headers, body, secret, now + 301_000)],
    ["no signature", () => verify({}, body, secret, now)],
    ["an empty one", () => verify({ ...headers, "webhook-signature": "v1," }, body, secret, now)],
    [
      "another version",
      () =>
        verify(
          { ...headers, "webhook-signature": headers["webhook-signature"]?.replaceAll("v1,", "v0,") ?? "" },
          body,
          secret,
          now,
        ),
    ],
  ])("does not believe %s", (_, attempt) => {
    expect(attempt).toThrow();
  });
});
