import type { Alert, AlertDigest } from "@streamwarden/alerting";
import type { CloudTrailRecord } from "@streamwarden/cloudtrail";
import { describe, expect, test } from "vitest";
import { StateStoreError } from "../errors.ts";
import { incidentDocuments } from "../incident/incident-document.ts";
import { MemoryStateStore } from "../state/memory-state-store.ts";
import type { StateStore } from "../state/state-store.ts";
import { failingStore } from "../testing/failing-store.ts";
import { type Timer, timerBody } from "../timer/timer.ts";
import { addBalances, type Balance, emptyBalance, imbalances } from "./balance.ts";
import type { Message, PipelineOptions } from "./context.ts";
import type { Detection, Detector } from "./detector.ts";
import { createPipeline } from "./pipeline.ts";

function record(eventID: string, change: object = {}): string {
  return JSON.stringify({
    eventVersion: "1.11",
    eventID,
    eventTime: "2026-01-01T00:00:00Z",
    eventSource: "ivs.amazonaws.com",
    eventName: "CreateChannel",
    userIdentity: { type: "IAMUser", arn: "arn:aws:iam::123456789012:user/alice", accountId: "123456789012" },
    recipientAccountId: "123456789012",
    ...change,
  });
}

const policy = { id: "p", name: "policy", title: "Policy", tags: [], references: [], falsePositives: [] };

function detection(actor: string, change: Partial<Detection> = {}): Detection {
  return {
    policy,
    severity: "high",
    live: true,
    windowSeconds: 3600,
    group: [{ field: "actor.id", value: actor }],
    reasons: [],
    ...change,
  };
}

/** A detector of single records, without correlations. */
function detecting(detect: (found: CloudTrailRecord) => readonly Detection[]): Detector {
  return {
    detect: (found) => ({ detections: detect(found), entries: [] }),
    chain: () => [],
    detectionOf: () => undefined,
    correlation: () => undefined,
    firstSeen: () => undefined,
    policy: () => policy,
  };
}

/** Matches CreateChannel, grouped by source IP. */
const createChannels = detecting((found) =>
  found.eventName === "CreateChannel" ? [detection(String(found.sourceIPAddress ?? "nowhere"))] : [],
);

function world(change: { detector?: Detector; store?: StateStore; options?: Partial<PipelineOptions> } = {}) {
  const memory = new MemoryStateStore();
  const published: Alert[] = [];
  const digests: AlertDigest[] = [];
  const timers: Timer[] = [];
  const time = { now: Date.parse("2026-01-01T00:00:10Z") };
  const quarantined: { id: string; reason: string }[] = [];
  const broken = { publisher: false, quarantine: false };
  let total: Balance = emptyBalance;
  let messageCount = 0;
  const pipeline = createPipeline({
    detector: change.detector ?? createChannels,
    store: change.store ?? memory,
    publisher: {
      async publish(alert) {
        if (broken.publisher) throw new Error("SNS is away");
        published.push(alert);
      },
      async publishDigest(digest) {
        if (broken.publisher) throw new Error("SNS is away");
        digests.push(digest);
      },
    },
    async scheduleTimer(timer) {
      timers.push(timer);
    },
    clock: { now: () => time.now },
    ...change.options,
    async quarantine(message, rejection) {
      if (broken.quarantine) throw new Error("the dead-letter queue is away");
      quarantined.push({ id: message.id, reason: rejection.reason });
    },
  });
  return {
    memory,
    published,
    digests,
    timers,
    time,
    quarantined,
    broken,
    incidents: () =>
      memory.list("incident#").map(({ key, document }) => incidentDocuments.parse(key, document)),
    total: () => total,
    async send(...bodies: string[]) {
      const messages: Message[] = bodies.map((body) => ({ id: `m${messageCount++}`, body, receivedAt: 0 }));
      const result = await pipeline.process(messages);
      total = addBalances(total, result.balance);
      expect(imbalances(result.balance)).toEqual([]);
      return result.outcomes.map(({ outcome }) => outcome);
    },
  };
}

describe("one incident, one alert", () => {
  test("the same record twice, in one batch or two, raises one alert", async () => {
    const w = world();
    await w.send(record("a"), record("a"));
    await w.send(record("a"));
    expect(w.published).toHaveLength(1);
    expect(w.total().records).toMatchObject({ seen: 3, alerted: 1, duplicate: 2 });
  });

  test("repeats merge; another group is another incident", async () => {
    const w = world();
    await w.send(record("a"), record("b"), record("c", { sourceIPAddress: "192.0.2.1" }));
    expect(w.published).toHaveLength(2);
    expect(
      w
        .incidents()
        .map((incident) => incident.ids.length)
        .sort(),
    ).toEqual([1, 2]);
    expect(w.total().records).toMatchObject({ seen: 3, alerted: 2, merged: 1 });
  });

  test("another window is another incident, whatever the time of arrival", async () => {
    const w = world();
    await w.send(
      record("a", { eventTime: "2026-01-01T00:59:59Z" }),
      record("b", { eventTime: "2026-01-01T01:00:00Z" }),
    );
    expect(w.published).toHaveLength(2);
  });

  test("a record that no policy matches is quiet", async () => {
    const w = world();
    expect(await w.send(record("a", { eventName: "ListChannels" }))).toEqual(["processed"]);
    expect(w.total().records).toMatchObject({ seen: 1, quiet: 1 });
  });

  test("a dry-run policy keeps its incident and alerts nobody", async () => {
    const w = world({ detector: detecting(() => [detection("x", { live: false })]) });
    await w.send(record("a"));
    expect(w.published).toEqual([]);
    expect(w.incidents()).toHaveLength(1);
    expect(w.total().records).toMatchObject({ seen: 1, dryRun: 1 });
  });
});

describe("what cannot be read is quarantined with a reason, and the rest goes on", () => {
  const deep = `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`;
  test.each([
    ["not JSON", "hello"],
    ["empty", ""],
    ["over the size limit", `{"x":"${"y".repeat(1024 * 1024)}"}`],
    ["deeply nested", deep],
    ["without eventName", record("a", { eventName: undefined })],
    ["an array of numbers", "[1,2]"],
    ["what says that it is a timer and is none", '{"streamwardenWakeUp":{"kind":"digest","subject":"noon"}}'],
    [
      "a timer of a later release",
      '{"streamwardenWakeUp":{"format":3,"kind":"digest","minuteStart":0,"at":1}}',
    ],
  ])("%s", async (_, body) => {
    const w = world();
    expect(await w.send(body, record("good"))).toEqual(["quarantined", "processed"]);
    expect(w.quarantined).toEqual([{ id: "m0", reason: expect.stringMatching(/^[a-z-]+$/) }]);
    expect(w.published).toHaveLength(1);
  });

  test("a file with one bad record: the good ones count, the message is quarantined", async () => {
    const w = world();
    const file = `{"Records":[${record("a")},{"eventID":"b"}]}`;
    expect(await w.send(file)).toEqual(["quarantined"]);
    expect(w.published).toHaveLength(1);
  });

  test("a record that makes a policy throw is quarantined, never counted as no match", async () => {
    const w = world({
      detector: detecting((found) => {
        if (found.eventID === "bad") throw new Error("boom");
        return [detection("x")];
      }),
    });
    expect(await w.send(record("bad"), record("good"))).toEqual(["quarantined", "processed"]);
    expect(w.quarantined).toEqual([{ id: "m0", reason: "not-evaluable" }]);
    expect(w.total().records).toMatchObject({ seen: 1, alerted: 1 });
  });

  test("when the dead-letter queue is away the message is returned", async () => {
    const w = world();
    w.broken.quarantine = true;
    expect(await w.send("hello")).toEqual(["returned"]);
  });
});

describe("a failing dependency returns messages and loses nothing", () => {
  test("a topic that is away: returned, pending, and published under the same id when it is back", async () => {
    const w = world();
    w.broken.publisher = true;
    expect(await w.send(record("a"))).toEqual(["returned"]);
    expect(w.total().alerts).toEqual({ owed: 1, published: 0, pending: 1 });
    w.broken.publisher = false;
    expect(await w.send(record("a"))).toEqual(["processed"]);
    expect(w.published).toHaveLength(1);
    expect(w.total().records).toMatchObject({ seen: 1, alerted: 1 });
    expect(w.incidents()[0]?.outbox).toEqual([]);
  });

  test("a record whose eventID looks like a secret waits for its alert like any other", async () => {
    const w = world();
    w.broken.publisher = true;
    expect(await w.send(record("token=abcdef"))).toEqual(["returned"]);
    w.broken.publisher = false;
    expect(await w.send(record("token=abcdef"))).toEqual(["processed"]);
    expect(await w.send(record("token=abcdef"))).toEqual(["processed"]);
    expect(w.published).toHaveLength(1);
    expect(w.total().records).toMatchObject({ seen: 2, alerted: 1, duplicate: 1 });
    expect(JSON.stringify(w.incidents())).not.toContain("abcdef");
  });

  test("a state store that is away: every message that needed it is returned, quiet ones are processed", async () => {
    const store = failingStore(new MemoryStateStore(), () => true);
    const w = world({ store });
    expect(await w.send(record("a"), record("b", { eventName: "ListChannels" }))).toEqual([
      "returned",
      "processed",
    ]);
    expect(w.published).toEqual([]);
  });

  test("an alert that went out but could not be marked goes out again under the same id", async () => {
    const memory = new MemoryStateStore();
    let incidentUpdates = 0;
    const store: StateStore = {
      read: (key) => memory.read(key),
      update(key, ttlSeconds, change) {
        if (key.startsWith("incident#")) incidentUpdates += 1;
        if (key.startsWith("incident#") && incidentUpdates === 2)
          return Promise.reject(new StateStoreError("state-store-unavailable", "The table is away."));
        return memory.update(key, ttlSeconds, change);
      },
    };
    let now = 0;
    const ids: string[] = [];
    const pipeline = createPipeline({
      detector: createChannels,
      store,
      clock: { now: () => now },
      publisher: {
        async publish(alert) {
          ids.push(alert.id);
        },
        publishDigest: async () => undefined,
      },
      quarantine: async () => undefined,
      scheduleTimer: async () => undefined,
    });
    const message = { id: "m", body: record("a"), receivedAt: 0 };
    expect((await pipeline.process([message])).outcomes[0]?.outcome).toBe("returned");
    now = 31_000;
    expect((await pipeline.process([message])).outcomes[0]?.outcome).toBe("processed");
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });
});

describe("a state document that cannot be read returns the messages that need it, and is left as it is", () => {
  test.each([
    ["damaged", { id: 7 }, "state-document-unreadable"],
    ["of a later release", { format: 3, readableSince: 3 }, "state-format-unknown"],
  ])("an incident that is %s", async (_, change, code) => {
    const w = world();
    await w.send(record("a"), record("b", { sourceIPAddress: "192.0.2.1" }));
    const [damaged] = w.memory.list("incident#");
    if (damaged === undefined) throw new Error("there is no incident");
    const stored = { ...(damaged.document as object), ...change };
    await w.memory.update<unknown>(damaged.key, 1000, () => stored);
    const failures: unknown[] = [];
    const observed = world({
      store: w.memory,
      options: { observer: { dependencyFailed: (_dependency, error) => failures.push(error) } },
    });
    const outcomes = await observed.send(record("c"), record("d", { sourceIPAddress: "192.0.2.1" }));
    expect(outcomes.toSorted()).toEqual(["processed", "returned"]);
    expect(failures).toEqual([expect.objectContaining({ code })]);
    expect(await w.memory.read(damaged.key)).toBe(stored);
  });
});

describe("a lease is a promise about crashes", () => {
  /** A consumer that died after it leased an alert and before it published it. */
  async function afterCrash(leaseSeconds: number) {
    const memory = new MemoryStateStore();
    const dead = world({
      store: memory,
      options: {
        leaseSeconds,
        publisher: { publish: () => new Promise(() => undefined), publishDigest: async () => undefined },
      },
    });
    void dead.send(record("a"));
    while (memory.list("incident#").length === 0) await Promise.resolve();
    return world({ store: memory, options: { leaseSeconds } });
  }

  test.each([10, 30])(
    "of %i seconds: until then nobody else publishes, from then on whoever comes",
    async (seconds) => {
      const w = await afterCrash(seconds);
      const leased = w.time.now;
      w.time.now = leased + seconds * 1000 - 1;
      expect(await w.send(record("a"))).toEqual(["returned"]);
      expect(w.published).toEqual([]);
      w.time.now = leased + seconds * 1000;
      expect(await w.send(record("a"))).toEqual(["processed"]);
      expect(w.published).toHaveLength(1);
    },
  );
});

describe("related incidents", () => {
  const by = (user: string, id: string, operation: string): string =>
    record(id, {
      eventName: operation,
      userIdentity: {
        type: "IAMUser",
        arn: `arn:aws:iam::123456789012:user/${user}`,
        accountId: "123456789012",
      },
    });
  const byOperation = detecting((found) => [
    detection(`${found.eventName} by ${JSON.stringify(found.userIdentity)}`),
  ]);

  test("the first alert of an incident names the actor's other incidents, and nobody else's", async () => {
    const w = world({ detector: byOperation });
    await w.send(by("mallory", "a", "GetStreamKey"));
    await w.send(by("alice", "b", "GetStreamKey"));
    await w.send(by("mallory", "c", "DeleteChannel"));
    const [first, , third] = w.published;
    expect(first?.incident.related).toBeUndefined();
    expect(third?.incident.related?.map(({ id }) => id)).toEqual([first?.incident.id]);
  });

  test("incidents of another day are not linked", async () => {
    const w = world({ detector: byOperation });
    await w.send(by("mallory", "a", "GetStreamKey"));
    await w.send(record("c", { eventTime: "2026-01-03T00:00:00Z" }));
    expect(w.published.map(({ incident }) => incident.related)).toEqual([undefined, undefined]);
  });
});

describe("the host learns which dependency failed, so that health can name it", () => {
  const failed = new Error("away");
  test.each([
    ["state", { store: { read: () => Promise.reject(failed), update: () => Promise.reject(failed) } }],
    [
      "topic",
      {
        publisher: { publish: () => Promise.reject(failed), publishDigest: () => Promise.reject(failed) },
      },
    ],
    ["timers", { scheduleTimer: () => Promise.reject(failed) }],
  ])("%s", async (dependency, broken) => {
    const failures: [string, unknown][] = [];
    const answered = new Set<string>();
    const observer = {
      dependencyFailed: (name: string, error: unknown) => failures.push([name, error]),
      dependencyAnswered: (name: string) => answered.add(name),
    };
    const w = world({ options: { observer, ...broken } });
    expect(await w.send(record("a"))).toEqual(["returned"]);
    expect(new Set(failures.map(([name]) => name))).toEqual(new Set([dependency]));
    expect(failures[0]?.[1]).toBe(failed);
    expect(answered.has(dependency)).toBe(false);
  });
});

describe("summaries", () => {
  const hour = 3_600_000;

  test("an incident that grew is summed up once when its window is over", async () => {
    const w = world();
    await w.send(record("a"), record("b"), record("c"));
    const [timer] = w.timers;
    expect(timer?.at).toBe(Date.parse("2026-01-01T01:15:00Z"));
    w.time.now += 2 * hour;
    if (timer === undefined) throw new Error("no timer was scheduled");
    await w.send(timerBody(timer));
    await w.send(timerBody(timer));
    expect(w.published.map(({ kind, incident }) => [kind, incident.count])).toEqual([
      ["new", 3],
      ["summary", 3],
    ]);
  });

  test("an incident of one record needs no summary", async () => {
    const w = world();
    await w.send(record("a"));
    w.time.now += 2 * hour;
    await w.send(...w.timers.map(timerBody));
    expect(w.published).toHaveLength(1);
  });

  test("a timer that comes early is sent on, one for an unknown incident does nothing", async () => {
    const w = world();
    await w.send(record("a"));
    const [timer] = w.timers;
    if (timer === undefined) throw new Error("no timer was scheduled");
    expect(await w.send(timerBody(timer))).toEqual(["processed"]);
    expect(w.timers).toEqual([timer, timer]);
    expect(await w.send(timerBody({ kind: "incident-summary", incidentId: "nothing", at: 0 }))).toEqual([
      "processed",
    ]);
    expect(w.published).toHaveLength(1);
  });
});

describe("storms", () => {
  const storm = (count: number): string[] =>
    Array.from({ length: count }, (_, index) => record(`e${index}`, { sourceIPAddress: `192.0.2.${index}` }));

  test("above the limit alerts are published as digest, and one digest tells how many", async () => {
    const w = world({ options: { directPerMinute: 5 } });
    await w.send(...storm(12));
    await w.send(...storm(12));
    const by = (delivery: string): number =>
      w.published.filter((alert) => alert.delivery === delivery).length;
    expect([by("direct"), by("digest")]).toEqual([5, 7]);
    const timer = w.timers.find(({ kind }) => kind === "digest");
    if (timer === undefined) throw new Error("no digest was scheduled");
    w.time.now = timer.at;
    await w.send(timerBody(timer));
    await w.send(timerBody(timer));
    expect(w.digests).toEqual([
      expect.objectContaining({
        direct: 5,
        held: 7,
        heldIsEstimate: false,
        minuteStart: Date.parse("2026-01-01T00:00:00Z"),
      }),
    ]);
    expect(w.incidents()).toHaveLength(12);
  });

  test("two consumers that are woken for a digest at the same moment publish it once", async () => {
    const w = world({ options: { directPerMinute: 5 } });
    await w.send(...storm(8));
    const timer = w.timers.find(({ kind }) => kind === "digest");
    if (timer === undefined) throw new Error("no digest was scheduled");
    w.time.now = timer.at;
    const outcomes = await Promise.all([1, 2, 3].map(() => w.send(timerBody(timer))));
    expect(w.digests).toHaveLength(1);
    expect(outcomes.flat().sort()).toEqual(["processed", "returned", "returned"]);
    expect(await w.send(timerBody(timer))).toEqual(["processed"]);
    expect(w.digests).toHaveLength(1);
  });

  test("a digest that could not be published is published by the next attempt, with the same totals", async () => {
    const w = world({ options: { directPerMinute: 5 } });
    await w.send(...storm(8));
    const timer = w.timers.find(({ kind }) => kind === "digest");
    if (timer === undefined) throw new Error("no digest was scheduled");
    w.time.now = timer.at;
    w.broken.publisher = true;
    expect(await w.send(timerBody(timer))).toEqual(["returned"]);
    w.broken.publisher = false;
    expect(await w.send(timerBody(timer))).toEqual(["processed"]);
    expect(w.digests).toEqual([expect.objectContaining({ direct: 5, held: 3 })]);
  });

  test("a consumer whose clock lags holds nothing back in a minute that was summed up already", async () => {
    const w = world({ options: { directPerMinute: 5 } });
    const lagging = w.time.now;
    await w.send(...storm(8));
    const due = (): Timer[] => w.timers.filter(({ kind }) => kind === "digest");
    w.time.now = due()[0]?.at ?? 0;
    await w.send(...due().map(timerBody));
    w.time.now = lagging;
    await w.send(...storm(20));
    const [, late] = due();
    if (late === undefined) throw new Error("no digest was scheduled for what came late");
    w.time.now = late.at;
    await w.send(timerBody(late));
    expect(w.digests.map(({ id, direct, held }) => [id, direct, held])).toEqual([
      [`digest.${Date.parse("2026-01-01T00:00:00Z")}`, 5, 3],
      [`digest.${Date.parse("2026-01-01T00:01:00Z")}`, 5, 7],
    ]);
  });

  test("lesser alerts leave a third of the limit to urgent ones", async () => {
    let severity: Detection["severity"] = "low";
    const w = world({
      options: { directPerMinute: 6 },
      detector: detecting((found) => [detection(found.eventID, { severity })]),
    });
    await w.send(...storm(10));
    severity = "critical";
    await w.send(record("urgent"));
    expect(w.published.filter((alert) => alert.delivery === "direct").map((alert) => alert.severity)).toEqual(
      [...Array<string>(4).fill("low"), "critical"],
    );
  });
});
