import type { Alert } from "@streamwarden/alerting";
import { parseConfig } from "@streamwarden/config";
import { loadPolicies } from "@streamwarden/policies";
import { describe, expect, test } from "vitest";
import { StateStoreError } from "../errors.ts";
import { incidentDocuments } from "../incident/incident-document.ts";
import { addBalances, emptyBalance, imbalances } from "../pipeline/balance.ts";
import { createDetector } from "../pipeline/detector.ts";
import { createPipeline } from "../pipeline/pipeline.ts";
import { MemoryStateStore } from "../state/memory-state-store.ts";
import type { StateStore } from "../state/state-store.ts";
import { failingStore } from "../testing/failing-store.ts";
import { type Timer, timerBody } from "../timer/timer.ts";

function rule(name: string, eventName: string): string {
  return `
title: ${name}
name: ${name}
logsource: { product: aws, service: cloudtrail }
detection:
  call: { eventSource: ivs.amazonaws.com, eventName: ${eventName} }
  condition: call
level: low
---`;
}

const massDeletion = `${rule("channel-deleted", "DeleteChannel")}
title: Mass deletion
name: mass-deletion
correlation:
  type: event_count
  rules: [channel-deleted]
  group-by: [recipientAccountId, actor.id]
  timespan: 10m
  condition: { gte: 3 }
level: critical
`;

const stoppedAndNotRestarted = `${rule("stream-stopped", "StopStream")}${rule("channel-updated", "UpdateChannel")}
title: Stopped without an update
name: stopped-without-update
correlation:
  type: temporal
  rules: [stream-stopped, channel-updated]
  group-by: [actor.id]
  timespan: 10m
  condition: stream-stopped and not channel-updated
level: high
`;

const start = Date.parse("2026-01-01T00:00:00Z");

function call(id: string, eventName: string, seconds: number, user = "mallory"): string {
  return JSON.stringify({
    eventVersion: "1.11",
    eventID: id,
    eventTime: new Date(start + seconds * 1000).toISOString(),
    eventSource: "ivs.amazonaws.com",
    eventName,
    userIdentity: {
      type: "IAMUser",
      arn: `arn:aws:iam::123456789012:user/${user}`,
      accountId: "123456789012",
    },
    recipientAccountId: "123456789012",
  });
}

function world(text: string, wrap: (store: StateStore) => StateStore = (store) => store, consumers = 1) {
  const config = parseConfig("policies: { pack: false }", "streamwarden.yml");
  const loaded = loadPolicies({ files: [{ path: "policies.yml", text }] }, config);
  expect(loaded.problems).toEqual([]);
  const time = { now: start + 60_000 };
  const memory = new MemoryStateStore({ clock: { now: () => time.now } });
  const published: Alert[] = [];
  const timers: Timer[] = [];
  let total = emptyBalance;
  let count = 0;
  const pipelines = Array.from({ length: consumers }, () =>
    createPipeline({
      detector: createDetector(loaded),
      store: wrap(memory),
      clock: { now: () => time.now },
      publisher: {
        publish: async (alert) => void published.push(alert),
        publishDigest: async () => undefined,
      },
      quarantine: () => Promise.reject(new Error("nothing here is unreadable")),
      scheduleTimer: async (timer) => void timers.push(timer),
    }),
  );
  const sendTo = async (consumer: number, ...bodies: string[]) => {
    const messages = bodies.map((body) => ({ id: `m${count++}`, body, receivedAt: time.now }));
    const result = await pipelines[consumer]?.process(messages);
    if (result === undefined) throw new Error("there is no such consumer");
    expect(imbalances(result.balance)).toEqual([]);
    total = addBalances(total, result.balance);
    return result.outcomes.map(({ outcome }) => outcome);
  };
  const send = (...bodies: string[]) => sendTo(0, ...bodies);
  return {
    time,
    published,
    timers,
    send,
    sendTo,
    total: () => total,
    /** Delivers the timers that are due at a time, as SQS would. */
    async wakeAt(at: number) {
      time.now = at;
      const due = timers.filter((timer) => timer.at <= at && timer.kind === "window");
      return await send(...due.map(timerBody));
    },
    documents: () => memory.list(),
    incidents: () =>
      memory.list("incident#").map(({ key, document }) => incidentDocuments.parse(key, document)),
  };
}

describe("a correlation over calls", () => {
  test("fires at the record that completes it, silences its base rule, and is one incident", async () => {
    const w = world(massDeletion);
    await w.send(call("a", "DeleteChannel", 0), call("b", "DeleteChannel", 60));
    expect(w.published).toEqual([]);
    await w.send(call("c", "DeleteChannel", 120), call("d", "DeleteChannel", 180));
    expect(w.published).toHaveLength(1);
    expect(w.published[0]).toMatchObject({
      severity: "critical",
      policy: { name: "mass-deletion" },
      record: { eventId: "c", eventName: "DeleteChannel" },
      incident: {
        group: [
          { field: "recipientAccountId", value: "123456789012" },
          { field: "actor.id", value: "arn:aws:iam::123456789012:user/mallory" },
        ],
      },
    });
    expect(w.published[0]?.record.reasons).toEqual(["3 or more calls within 10 minutes"]);
    expect(w.total().records).toMatchObject({ seen: 4, alerted: 1, merged: 1, quiet: 2 });
  });

  test("actors are never added up, and a call outside the timespan does not count", async () => {
    const w = world(massDeletion);
    await w.send(
      call("a", "DeleteChannel", 0),
      call("b", "DeleteChannel", 60, "alice"),
      call("c", "DeleteChannel", 120, "bob"),
      call("d", "DeleteChannel", 300),
      call("e", "DeleteChannel", 601),
    );
    expect(w.published).toEqual([]);
  });

  test("late and repeated records give the same incidents as records in order", async () => {
    const calls = [0, 60, 120, 180].map((seconds, index) => call(`e${index}`, "DeleteChannel", seconds));
    const inOrder = world(massDeletion);
    for (const body of calls) await inOrder.send(body);
    const late = world(massDeletion);
    for (const index of [3, 3, 0, 2, 1, 2]) await late.send(calls[index] ?? "");
    const sets = [inOrder, late].map((w) =>
      w.incidents().map(({ id, ids, firstTime, lastTime }) => ({ id, ids, firstTime, lastTime })),
    );
    expect(sets[1]).toEqual(sets[0]);
    expect(new Set(late.published.map(({ id }) => id))).toEqual(
      new Set(inOrder.published.map(({ id }) => id)),
    );
  });

  test("a crash between the window and the incident loses no firing", async () => {
    let isBroken = true;
    const w = world(massDeletion, (store) =>
      failingStore(store, (key) => isBroken && key.startsWith("incident#")),
    );
    await w.send(call("a", "DeleteChannel", 0), call("b", "DeleteChannel", 60));
    expect(await w.send(call("c", "DeleteChannel", 120))).toEqual(["returned"]);
    isBroken = false;
    expect(await w.send(call("c", "DeleteChannel", 120))).toEqual(["processed"]);
    expect(w.published).toHaveLength(1);
  });

  test("a late record whose alert is leased by a dead batch waits for it, also beside others that the firing hangs on", async () => {
    let isAnswerLost = false;
    const w = world(massDeletion, (store) => ({
      read: (key) => store.read(key),
      async update(key, ttlSeconds, change) {
        const document = await store.update(key, ttlSeconds, change);
        if (isAnswerLost && key.startsWith("incident#"))
          throw new StateStoreError("state-store-unavailable", "The answer is lost.");
        return document;
      },
    }));
    await w.send(call("b", "DeleteChannel", 60), call("c", "DeleteChannel", 120));
    isAnswerLost = true;
    expect(await w.send(call("late", "DeleteChannel", 30))).toEqual(["returned"]);
    isAnswerLost = false;
    // The other one could stand for the firing as well, but the alert waits for the record that made it due.
    const both = [call("later", "DeleteChannel", 15), call("late", "DeleteChannel", 30)];
    expect(await w.send(...both)).toEqual(["processed", "returned"]);
    w.time.now += 31_000;
    expect(await w.send(call("late", "DeleteChannel", 30))).toEqual(["processed"]);
    expect(w.published.map(({ incident }) => incident.count)).toContain(3);
    expect(w.incidents().flatMap(({ outbox }) => outbox)).toEqual([]);
  });

  test("a window that cannot be written returns its messages", async () => {
    const w = world(massDeletion, (store) => failingStore(store, (key) => key.startsWith("window#")));
    expect(await w.send(call("a", "DeleteChannel", 0), call("x", "ListChannels", 0))).toEqual([
      "returned",
      "processed",
    ]);
  });
});

describe("a correlation that waits for complete windows", () => {
  const due = start + 10 * 60_000 + 15 * 60_000 + 1;

  test("fires when the window is complete and the awaited call never came, with the first call's record", async () => {
    const w = world(stoppedAndNotRestarted);
    await w.send(call("stop", "StopStream", 0));
    expect(w.timers.filter(({ kind }) => kind === "window").map(({ at }) => at)).toEqual([due]);
    expect(w.published).toEqual([]);
    expect(await w.wakeAt(due)).toEqual(["processed"]);
    expect(w.published).toHaveLength(1);
    expect(w.published[0]).toMatchObject({
      policy: { name: "stopped-without-update" },
      record: { eventId: "stop", eventName: "StopStream", actor: { label: "mallory" } },
    });
    await w.wakeAt(due + 1000);
    expect(w.published).toHaveLength(1);
  });

  test("stays silent when the awaited call came, however late it was delivered within the bound", async () => {
    const w = world(stoppedAndNotRestarted);
    await w.send(call("stop", "StopStream", 0));
    w.time.now = due - 1000;
    await w.send(call("update", "UpdateChannel", 300));
    await w.wakeAt(due);
    expect(w.published).toEqual([]);
  });

  test("what another consumer handled since is not taken for scheduled", async () => {
    const w = world(stoppedAndNotRestarted, (store) => store, 2);
    await w.sendTo(0, call("first", "StopStream", 0));
    const [timer] = w.timers.filter(({ kind }) => kind === "window");
    if (timer === undefined) throw new Error("no timer was scheduled");
    w.time.now = due;
    await w.sendTo(1, timerBody(timer));
    w.timers.length = 0;
    await w.sendTo(0, call("second", "StopStream", 1600));
    const [next] = w.timers.filter(({ kind }) => kind === "window");
    expect(next?.at).toBe(due + 1_600_000);
    w.time.now = due + 1_600_000;
    await w.sendTo(1, timerBody(next ?? timer));
    expect(w.incidents().flatMap(({ samples }) => samples.map(({ eventId }) => eventId))).toEqual([
      "first",
      "second",
    ]);
  });

  test("consumers share one chain of timers", async () => {
    const w = world(stoppedAndNotRestarted, (store) => store, 4);
    for (const consumer of [0, 1, 2, 3])
      await w.sendTo(consumer, call(`stop-${consumer}`, "StopStream", consumer));
    expect(w.timers.filter(({ kind }) => kind === "window")).toHaveLength(1);
  });

  test("an early timer is sent on, but not when the schedule went on without it", async () => {
    const w = world(stoppedAndNotRestarted);
    await w.send(call("stop", "StopStream", 0));
    const [timer] = w.timers.filter(({ kind }) => kind === "window");
    if (timer === undefined) throw new Error("no timer was scheduled");
    w.timers.length = 0;
    await w.send(timerBody(timer));
    expect(w.timers).toEqual([timer]);
    w.timers.length = 0;
    await w.send(timerBody({ ...timer, at: timer.at + 1 }));
    expect(w.timers).toEqual([]);
  });

  test("a timer decides with the records of its own batch", async () => {
    const w = world(stoppedAndNotRestarted);
    await w.send(call("stop", "StopStream", 0));
    const timers = w.timers.filter(({ kind }) => kind === "window").map(timerBody);
    w.time.now = due;
    await w.send(...timers, call("update", "UpdateChannel", 300));
    expect(w.published).toEqual([]);
  });

  test("an entry that comes between deciding and forgetting is looked at again", async () => {
    let interfere: (() => Promise<void>) | undefined;
    const w = world(
      stoppedAndNotRestarted,
      (store) => ({
        read: (key) => store.read(key),
        async update(key, ttlSeconds, change) {
          const document = await store.update(key, ttlSeconds, change);
          const now = interfere;
          if (key.startsWith("incident#") && now !== undefined) {
            interfere = undefined;
            await now();
          }
          return document;
        },
      }),
      2,
    );
    await w.sendTo(0, call("stop", "StopStream", 0));
    const timers = w.timers.filter(({ kind }) => kind === "window").map(timerBody);
    w.time.now = due;
    interfere = async () => void (await w.sendTo(1, call("late", "StopStream", 0)));
    await w.sendTo(0, ...timers);
    const again = w.timers.filter(({ kind }) => kind === "window").slice(1);
    expect(again.length).toBeGreaterThan(0);
    await w.sendTo(0, ...again.map(timerBody));
    expect(w.incidents()[0]?.ids).toHaveLength(2);
  });

  test("a timer whose firing cannot be made durable comes again", async () => {
    let isBroken = true;
    const w = world(stoppedAndNotRestarted, (store) =>
      failingStore(store, (key) => isBroken && key.startsWith("incident#")),
    );
    await w.send(call("stop", "StopStream", 0));
    expect(await w.wakeAt(due)).toEqual(["returned"]);
    isBroken = false;
    expect(await w.wakeAt(due)).toEqual(["processed"]);
    expect(w.published).toHaveLength(1);
  });
});

test("an exception keeps a policy from matching and is told to the host, so that its hits are counted", async () => {
  const text = `${rule("channel-deleted", "DeleteChannel")}
title: Clean-up of the staging account
name: staging-clean-up
logsource: { product: aws, service: cloudtrail }
filter:
  rules: [channel-deleted]
  cleaner: { "actor.id|endswith": ":user/cleaner" }
  condition: not cleaner
custom_attributes:
  streamwarden.owner: platform team
  streamwarden.reason: nightly clean-up
  streamwarden.expires: 2026-06-30
`;
  const config = parseConfig("policies: { pack: false }", "streamwarden.yml");
  const loaded = loadPolicies({ files: [{ path: "policies.yml", text }] }, config);
  expect(loaded.problems).toEqual([]);
  const published: string[] = [];
  const hits: string[] = [];
  const pipeline = createPipeline({
    detector: createDetector(loaded),
    store: new MemoryStateStore(),
    publisher: {
      publish: async (alert) => void published.push(alert.record.eventId),
      publishDigest: async () => undefined,
    },
    quarantine: async () => undefined,
    scheduleTimer: async () => undefined,
    observer: { excepted: (exception, policy) => void hits.push(`${exception} of ${policy}`) },
  });
  const bodies = [call("by-cleaner", "DeleteChannel", 0, "cleaner"), call("by-mallory", "DeleteChannel", 0)];
  await pipeline.process(bodies.map((body, index) => ({ id: `m${index}`, body, receivedAt: 0 })));
  expect(published).toEqual(["by-mallory"]);
  expect(hits).toEqual(["staging-clean-up of channel-deleted"]);
});

test("records that are hours late still count where the correlation fires at once", async () => {
  const w = world(massDeletion);
  w.time.now = start + 2 * 3600 * 1000;
  await w.send(call("new", "DeleteChannel", 5400));
  await w.send(...["a", "b", "c"].map((id, index) => call(id, "DeleteChannel", index * 60)));
  expect(w.published).toHaveLength(1);
});

test("a secret in a group value is redacted in alerts and state", async () => {
  const token = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.${"s".repeat(43)}`;
  const w = world(massDeletion.replace("actor.id]", "userAgent]"));
  const deletion = (id: string): string =>
    JSON.stringify({ ...(JSON.parse(call(id, "DeleteChannel", 0)) as object), userAgent: `curl ${token}` });
  await w.send(deletion("a"), deletion("b"), deletion("c"));
  expect(w.published).toHaveLength(1);
  expect(JSON.stringify([w.published, w.documents()])).not.toContain(token);
});

test("groups that differ in a secret only stay apart for the correlation above", async () => {
  const w = world(`${rule("deleted", "DeleteChannel")}
title: Deleted by one agent
name: by-one
correlation:
  type: event_count
  rules: [deleted]
  group-by: [userAgent]
  timespan: 10m
  condition: { gte: 2 }
level: low
---
title: Deleted by two agents
name: by-two
correlation:
  type: value_count
  rules: [by-one]
  timespan: 10m
  condition: { field: userAgent, gte: 2 }
level: high
`);
  const deletion = (id: string, userAgent: string): string =>
    JSON.stringify({ ...(JSON.parse(call(id, "DeleteChannel", 0)) as object), userAgent });
  await w.send(deletion("a", "token=aaaaaa"), deletion("b", "token=aaaaaa"));
  expect(w.published).toEqual([]);
  await w.send(deletion("c", "token=bbbbbb"), deletion("d", "token=bbbbbb"));
  expect(w.published).toHaveLength(1);
  expect(JSON.stringify([w.published, w.documents()])).not.toMatch(/token=[ab]/);
});

test("a correlation without id and name that waits for its window fires like any other", async () => {
  const w = world(stoppedAndNotRestarted.replace("name: stopped-without-update\n", ""));
  await w.send(call("a", "StopStream", 0));
  await w.wakeAt(start + 3600 * 1000);
  expect(w.published.map(({ policy }) => policy.title)).toEqual(["Stopped without an update"]);
});

test("the record of a firing is kept as long as its own correlation's window", async () => {
  const absence = (name: string, timespan: string): string => `title: ${name}
name: ${name}
correlation:
  type: temporal
  rules: [stream-stopped, channel-updated]
  group-by: [actor.id]
  timespan: ${timespan}
  condition: stream-stopped and not channel-updated
level: high
`;
  const rules = `${rule("stream-stopped", "StopStream")}${rule("channel-updated", "UpdateChannel")}`;
  const w = world(`${rules}\n${absence("short", "1h")}---\n${absence("long", "30d")}`);
  await w.send(call("a", "StopStream", 0));
  for (let day = 1; day <= 32; day++) await w.wakeAt(start + day * 86_400_000);
  const actors = w.published.map(({ policy, record }) => [policy.name, record.actor.label]);
  expect(actors).toEqual([
    ["short", "mallory"],
    ["long", "mallory"],
  ]);
});

describe("a correlation over one that waits is decided after it", () => {
  const overLonely = `${rule("stopped", "StopStream")}${rule("deleted", "DeleteChannel")}
title: Lonely deletion
name: lonely
correlation: { type: event_count, rules: [deleted], group-by: [actor.id], timespan: 10m, condition: { lte: 1 } }
level: low
---
title: Stopped without a lonely deletion
name: outer
correlation:
  type: temporal
  rules: [stopped, lonely]
  group-by: [actor.id]
  timespan: 1h
  condition: stopped and not lonely
level: high
`;
  const isOuter = (timer: Timer): boolean => timer.kind === "window" && timer.correlation === "outer";
  /** Delivers what is due, again and again, as queues do after an outage: in any order. */
  const deliver = async (w: ReturnType<typeof world>, order: (due: Timer[]) => Timer[][]) => {
    for (let round = 0; round < 10; round++) {
      const due = w.timers.filter(({ at, kind }) => kind === "window" && at <= w.time.now);
      for (const timer of due) w.timers.splice(w.timers.indexOf(timer), 1);
      for (const batch of order(due)) await w.send(...batch.map(timerBody));
      w.time.now += 120_000;
    }
  };
  const published = ({ published: alerts }: ReturnType<typeof world>) =>
    alerts.map(({ policy }) => policy.name);

  test.each<[string, (due: Timer[]) => Timer[][]]>([
    ["in one batch", (due) => [due]],
    ["the one above first", (due) => [due.filter(isOuter), due.filter((timer) => !isOuter(timer))]],
  ])("after an outage, %s", async (_, order) => {
    const w = world(overLonely);
    await w.send(call("a", "StopStream", 0), call("b", "DeleteChannel", 30));
    w.time.now = start + 5 * 3600 * 1000;
    await deliver(w, order);
    expect(published(w)).toEqual([]);
    const other = world(overLonely);
    await other.send(call("a", "StopStream", 0));
    other.time.now = start + 5 * 3600 * 1000;
    await deliver(other, order);
    expect(published(other)).toEqual(["outer"]);
  });

  test("where both are due in the same moment, and the one above comes first", async () => {
    const w = world(overLonely);
    await w.send(call("a", "StopStream", 0), call("b", "DeleteChannel", 3600));
    for (let minute = 1; minute < 180; minute++) {
      w.time.now = start + minute * 60_000;
      const due = w.timers.filter(({ at, kind }) => kind === "window" && at <= w.time.now);
      for (const timer of due) w.timers.splice(w.timers.indexOf(timer), 1);
      for (const timer of due.toSorted((left, right) => Number(isOuter(right)) - Number(isOuter(left))))
        await w.send(timerBody(timer));
    }
    expect(published(w)).toEqual([]);
  });

  test.each([
    ["prompt", 0],
    ["held up for a minute", 70],
    ["held up for ten", 600],
  ])("over three levels, with timers that are %s", async (_, pauseSeconds) => {
    const threeLevels = `${rule("stopped", "StopStream")}${rule("deleted", "DeleteChannel")}${rule("updated", "UpdateChannel")}
title: One
name: one
correlation: { type: event_count, rules: [deleted], group-by: [actor.id], timespan: 10m, condition: { lte: 1 } }
level: low
---
title: Two
name: two
correlation: { type: temporal, rules: [stopped, one], group-by: [actor.id], timespan: 20m, condition: stopped and not one }
level: low
---
title: Three
name: three
correlation: { type: temporal, rules: [updated, two], group-by: [actor.id], timespan: 30m, condition: updated and not two }
level: high
`;
    const w = world(threeLevels);
    await w.send(call("u", "UpdateChannel", 0), call("s", "StopStream", 1800));
    const twoIsDue =
      w.timers.find((timer) => timer.kind === "window" && timer.correlation === "two")?.at ?? 0;
    for (let seconds = 0; seconds < 4 * 3600; seconds += 10) {
      w.time.now = start + seconds * 1000;
      if (w.time.now >= twoIsDue && w.time.now < twoIsDue + pauseSeconds * 1000) continue;
      const due = w.timers.filter(({ at, kind }) => kind === "window" && at <= w.time.now);
      for (const timer of due) w.timers.splice(w.timers.indexOf(timer), 1);
      for (const timer of due.toReversed()) await w.send(timerBody(timer));
    }
    expect(published(w)).toEqual([]);
  });
});
