import { type AlertTest, alertTestFinding, PublishError, visibleJson } from "@streamwarden/alerting";
import { MemoryStateStore } from "@streamwarden/detection";
import { describe, expect, test } from "vitest";
import { createLogger } from "../telemetry/logging.ts";
import { alertTestDocumentKey, alertTestDocuments } from "./alert-test-document.ts";
import { createNotifier } from "./notifier.ts";

const createdAt = Date.parse("2026-01-31T08:00:00Z");
const given: AlertTest = { id: "streamwarden-alert-test.1", severity: "low", createdAt };

function world(send: () => Promise<string>, now = createdAt) {
  const store = new MemoryStateStore({ clock: { now: () => now } });
  const quarantined: unknown[] = [];
  let posts = 0;
  const notifier = createNotifier({
    kind: "slack",
    destination: "on-call",
    send: () => {
      posts += 1;
      return send();
    },
    store,
    quarantine: async (message) => {
      quarantined.push(message);
    },
    logger: createLogger({ level: "silent", pretty: false }),
    clock: { now: () => now },
  });
  return {
    quarantined,
    posts: () => posts,
    take: (test: AlertTest, id = "m") =>
      notifier.process([{ id, body: visibleJson(alertTestFinding(test)), receiveCount: 1 }]),
    stored: () => alertTestDocuments.read(store, alertTestDocumentKey(given.id, "on-call")),
    totals: notifier.totals,
  };
}

describe("a test of the delivery", () => {
  test.each([
    ["its receiver takes it", async () => "HTTP 200", { outcome: "delivered", answer: "HTTP 200" }],
    [
      "its receiver is gone",
      async () => {
        throw new PublishError("publish-target-not-found", "Gone (HTTP 404: no_service). Do this.", {
          detail: "HTTP 404: no_service",
        });
      },
      { outcome: "failed", code: "publish-target-not-found", reason: "HTTP 404: no_service" },
    ],
    [
      "its receiver is away, which an alert would wait for",
      async () => {
        throw new PublishError("publish-unavailable", "Away.");
      },
      { outcome: "failed", code: "publish-unavailable", reason: "Away." },
    ],
    [
      "the sender has a fault",
      async () => {
        throw new TypeError("not a function");
      },
      { outcome: "failed", code: "unexpected", reason: "not a function" },
    ],
  ])("is done once and noted where %s", async (_, send, stored) => {
    const { take, quarantined, totals, ...seen } = world(send);
    for (const id of ["m", "m", "n"]) expect(await take(given, id)).toEqual([{ id, outcome: "tested" }]);
    expect(seen.posts()).toBe(1);
    expect(await seen.stored()).toEqual({ ...stored, milliseconds: 0 });
    expect(quarantined).toEqual([]);
    expect(totals).toMatchObject({ received: 3, tested: 3, delivered: 0, quarantined: 0, returned: 0 });
  });

  test.each([
    ["for other destinations", { ...given, destinations: ["team"] }, createdAt],
    ["for nobody", { ...given, destinations: [] }, createdAt],
    ["that comes a quarter of an hour late", given, createdAt + 15 * 60_000 + 1],
  ])("%s is dropped", async (_, test, now) => {
    const { take, posts, stored } = world(async () => "HTTP 200", now);
    expect(await take(test)).toEqual([{ id: "m", outcome: "tested" }]);
    expect([posts(), await stored()]).toEqual([0, undefined]);
  });

  test("for this destination among others is posted", async () => {
    const { take, posts } = world(async () => "HTTP 200");
    await take({ ...given, destinations: ["team", "on-call"] });
    expect(posts()).toBe(1);
  });
});
