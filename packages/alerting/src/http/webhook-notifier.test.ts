import { createHmac } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { WebhookSignatureError } from "../errors.ts";
import { ocsf } from "../ocsf/ocsf.ts";
import { type Receiver, startReceiver, testClock } from "../testing/receiver.ts";
import { newAlert } from "../testing/sample-alerts.ts";
import { visibleJson } from "../wording/text.ts";
import { postWebhook } from "./webhook-notifier.ts";
import { verifyWebhook } from "./webhook-signature.ts";

const key = Buffer.alloc(32, 7);
const secret = `whsec_${key.toString("base64")}`;
const otherSecret = `whsec_${Buffer.alloc(32, 8).toString("base64")}`;
const body = visibleJson(ocsf(newAlert));
let receiver: Receiver | undefined;

afterEach(async () => {
  await receiver?.close();
  receiver = undefined;
});

async function send(secrets: readonly string[], statuses: readonly number[] = [200]) {
  const running = await startReceiver(statuses.map((status) => ({ status })));
  receiver = running;
  const clock = testClock();
  await postWebhook({
    url: running.url,
    secrets,
    id: newAlert.id,
    body,
    allowLoopback: true,
    clock,
    random: () => 0.5,
  });
  const requests = running.received.map((request) => ({
    headers: request.headers as Readonly<Record<string, string | undefined>>,
    body: request.body,
  }));
  return { requests, clock };
}

describe("postWebhook", () => {
  test("signs id, time and body as Standard Webhooks do", async () => {
    const { requests, clock } = await send([secret]);
    const [request] = requests;
    const timestamp = String(Math.floor(clock.now() / 1000));
    const expected = createHmac("sha256", key).update(`${newAlert.id}.${timestamp}.${body}`).digest("base64");
    expect(request?.headers).toMatchObject({
      "webhook-id": newAlert.id,
      "webhook-timestamp": timestamp,
      "webhook-signature": `v1,${expected}`,
    });
    expect(request?.body).toBe(body);
  });

  test("keeps the id and renews the time when it tries again", async () => {
    const { requests } = await send([secret], [500, 500, 200]);
    expect(new Set(requests.map(({ headers }) => headers["webhook-id"]))).toEqual(new Set([newAlert.id]));
    expect(requests).toHaveLength(3);
  });

  test("signs with both secrets while one replaces the other", async () => {
    const { requests, clock } = await send([otherSecret, secret]);
    const [request] = requests;
    if (request === undefined) throw new Error("expected a request");
    for (const current of [secret, otherSecret]) {
      expect(() => verifyWebhook({ ...request, secret: current, now: clock.now() })).not.toThrow();
    }
  });

  test.each([[[]], [["hunter2"]], [["whsec_c2hvcnQ="]], [[secret, "whsec_c2hvcnQ="]]])(
    "sends nothing without a strong secret",
    async (secrets) => {
      const outcome = postWebhook({
        url: "https://example.com/",
        secrets,
        id: "a",
        body,
        fetch: () => Promise.reject(),
      });
      await expect(outcome).rejects.toMatchObject({ code: "publish-target-refused" });
    },
  );

  test.each([
    "http://example.com/",
    "https://10.0.0.1/",
    "https://[::1]/",
    "https://localhost/",
    "https://db.internal/",
    "https://2130706433/",
  ])("does not post to %s", async (url) => {
    const outcome = postWebhook({ url, secrets: [secret], id: "a", body, fetch: () => Promise.reject() });
    await expect(outcome).rejects.toMatchObject({ code: "publish-target-refused" });
  });
});

describe("verifyWebhook", () => {
  test("believes our request and no other", async () => {
    const { requests, clock } = await send([secret]);
    const [request] = requests;
    if (request === undefined) throw new Error("expected a request");
    const check = (changes: object) => () =>
      verifyWebhook({ ...request, secret, now: clock.now(), ...changes });
    const withHeader = (name: string, value: string) => ({ headers: { ...request.headers, [name]: value } });
    expect(check({})).not.toThrow();
    expect(check({ now: clock.now() + 299_000 })).not.toThrow();
    for (const forged of [
      { body: `${body} ` },
      { secret: otherSecret },
      { secret: "short" },
      { now: clock.now() + 301_000 },
      { now: clock.now() - 301_000 },
      { headers: {} },
      withHeader("webhook-id", "another"),
      withHeader("webhook-timestamp", "1585861067"),
      withHeader("webhook-timestamp", "NaN"),
      withHeader("webhook-signature", "v1,"),
      withHeader("webhook-signature", "v0,AAAA"),
    ]) {
      expect(check(forged)).toThrow(WebhookSignatureError);
    }
  });
});
