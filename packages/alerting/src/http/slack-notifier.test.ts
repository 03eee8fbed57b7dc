import { afterEach, describe, expect, test } from "vitest";
import { PublishError } from "../errors.ts";
import { slack } from "../slack/slack.ts";
import { type Answer, type Receiver, startReceiver, testClock } from "../testing/receiver.ts";
import { newAlert } from "../testing/sample-alerts.ts";
import { postToSlack } from "./slack-notifier.ts";

const message = slack(newAlert);
let receiver: Receiver | undefined;

afterEach(async () => {
  await receiver?.close();
  receiver = undefined;
});

async function post(answers: readonly Answer[], attemptTimeoutMilliseconds = 5000) {
  const running = await startReceiver(answers);
  receiver = running;
  const clock = testClock();
  const outcome = postToSlack({
    webhookUrl: running.url,
    message,
    allowLoopback: true,
    clock,
    random: () => 0.5,
    attemptTimeoutMilliseconds,
  });
  const error: unknown = await outcome.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error !== undefined && !(error instanceof PublishError)) throw error;
  return { error, clock, received: running.received };
}

describe("postToSlack", () => {
  test("posts the message once", async () => {
    const { error, received } = await post([{ status: 200 }]);
    expect(error).toBeUndefined();
    expect(received.map(({ body }) => JSON.parse(body))).toEqual([message]);
  });

  test("waits as long as Slack asks, and a little more", async () => {
    const { error, clock, received } = await post([
      { status: 429, headers: { "retry-after": "2" } },
      { status: 200 },
    ]);
    expect(error).toBeUndefined();
    expect(received).toHaveLength(2);
    expect(clock.sleeps).toEqual([2100]);
  });

  test("leaves a long wait to the queue", async () => {
    const { error, received } = await post([{ status: 429, headers: { "retry-after": "60" } }]);
    expect(error).toMatchObject({ code: "publish-throttled", retryable: true, retryAfterSeconds: 60 });
    expect(received).toHaveLength(1);
  });

  test("tries three times with growing jitter while Slack is down", async () => {
    const { error, clock, received } = await post([{ status: 503, body: "oops" }]);
    expect(error).toMatchObject({ code: "publish-unavailable", retryable: true });
    expect(received).toHaveLength(3);
    expect(clock.sleeps).toEqual([100, 200]);
  });

  test.each([
    ["a broken connection", { instead: "drop" }, "publish-unreachable", 5000],
    ["no answer", { instead: "hang" }, "publish-timeout", 50],
  ] as const)("calls %s by its name and tries again", async (_, answer, code, timeoutMilliseconds) => {
    const { error, clock } = await post([answer], timeoutMilliseconds);
    expect(error).toMatchObject({ code, retryable: true });
    expect(clock.sleeps).toEqual([100, 200]);
  });

  test.each([
    [404, "no_service", "publish-target-not-found", "create a new webhook"],
    [410, "channel_is_archived", "publish-target-not-found", "create a new webhook"],
    [403, "invalid_token", "publish-not-authorized", "renew it"],
    [400, "invalid_blocks", "publish-message-refused", "HTTP 400: invalid_blocks"],
    [302, "", "publish-target-refused", "redirect"],
  ])("does not repeat what cannot work (%i %s)", async (status, body, code, words) => {
    const { error, received } = await post([
      { status, body, headers: status === 302 ? { location: "http://127.0.0.1/" } : {} },
    ]);
    expect(error).toMatchObject({ code, retryable: false });
    expect(error?.message).toContain(words);
    expect(received).toHaveLength(1);
  });

  test("never shows the webhook's secret address", async () => {
    for (const answer of [{ status: 404 }, { status: 503 }, { instead: "drop" }] as const) {
      const { error } = await post([answer]);
      expect(`${error?.message} ${String(error?.cause)}`).not.toContain("secret-token");
      await receiver?.close();
    }
  });

  test("reads no more of an endless answer than it needs", async () => {
    const { error } = await post([{ status: 400, body: "x".repeat(1_000_000) }]);
    expect(error?.message.length).toBeLessThan(400);
  });
});

describe("the webhook's address", () => {
  const rejection = (webhookUrl: string, allowLoopback = false): Promise<unknown> =>
    postToSlack({
      webhookUrl,
      message,
      allowLoopback,
      fetch: () => Promise.reject(new Error("must not be called")),
      clock: testClock(),
    });

  test.each([
    ["http://hooks.slack.com/services/x"],
    ["https://hooks.slack.com.evil.example/services/x"],
    ["https://hooks.slack.com@evil.example/services/x"],
    ["https://user:pass@hooks.slack.com/services/x"],
    ["https://hooks.slack.com:8443/services/x"],
    ["https://169.254.169.254/latest/meta-data"],
    ["https://example.com/services/x"],
    ["http://127.0.0.1:8080/x"],
    ["file:///etc/passwd"],
    ["not a url"],
    [""],
  ])("is rejected unless it is Slack's own: %s", async (url) => {
    await expect(rejection(url)).rejects.toMatchObject({ code: "publish-target-refused", retryable: false });
  });

  test("may be on this machine only when that is asked for", async () => {
    await expect(rejection("http://127.0.0.1:8080/x", true)).rejects.toMatchObject({
      code: "publish-unreachable",
    });
    await expect(rejection("http://10.0.0.1:8080/x", true)).rejects.toMatchObject({
      code: "publish-target-refused",
    });
  });

  test.each(["https://hooks.slack.com/services/T/B/x", "https://hooks.slack-gov.com/services/T/B/x"])(
    "may be %s",
    async (url) => {
      await expect(rejection(url)).rejects.toMatchObject({ code: "publish-unreachable" });
    },
  );
});
