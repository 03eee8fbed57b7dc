import type { Alert } from "@streamwarden/alerting";
import { decodeRecord } from "@streamwarden/cloudtrail";
import { parseConfig } from "@streamwarden/config";
import { loadPolicies, type PolicySet, seedFirstSeen } from "@streamwarden/policies";
import { describe, expect, test } from "vitest";
import { addBalances, emptyBalance, imbalances } from "../pipeline/balance.ts";
import { createDetector } from "../pipeline/detector.ts";
import { createPipeline } from "../pipeline/pipeline.ts";
import { MemoryStateStore } from "../state/memory-state-store.ts";
import type { StateStore } from "../state/state-store.ts";
import { failingStore } from "../testing/failing-store.ts";
import { type Timer, timerBody } from "../timer/timer.ts";

function policy(within = "30d"): string {
  return `title: New principal
name: new-principal
logsource: { product: aws, service: cloudtrail }
detection:
  call: { eventSource: ivs.amazonaws.com, eventName: CreateChannel }
  condition: call
level: medium
custom_attributes:
  streamwarden.first_seen: { of: [actor.id], within: ${within}, learn: 7d }
`;
}
function load(within?: string): PolicySet {
  return loadPolicies(
    { files: [{ path: "policies.yml", text: policy(within) }] },
    parseConfig("policies: { pack: false }", "streamwarden.yml"),
  );
}
const start = Date.parse("2026-01-01T00:00:00Z");
const day = 86_400_000;
const lateness = 15 * 60_000;

function call(id: string, days: number, user: string, eventName = "CreateChannel", account = "111111111111") {
  return {
    eventVersion: "1.11",
    eventID: id,
    eventTime: new Date(start + days * day).toISOString(),
    eventSource: "ivs.amazonaws.com",
    eventName,
    userIdentity: { type: "IAMUser", arn: `arn:aws:iam::${account}:user/${user}`, accountId: account },
    recipientAccountId: account,
  };
}
type Call = ReturnType<typeof call>;

function world(wrap: (store: StateStore) => StateStore = (store) => store, loaded = load()) {
  expect(loaded.problems).toEqual([]);
  const time = { now: start };
  const clock = { now: () => time.now };
  const memory = new MemoryStateStore({ clock });
  const published: Alert[] = [];
  let timers: Timer[] = [];
  let total = emptyBalance;
  let count = 0;
  const pipeline = createPipeline({
    detector: createDetector(loaded),
    store: wrap(memory),
    clock,
    publisher: { publish: async (alert) => void published.push(alert), publishDigest: async () => undefined },
    quarantine: () => Promise.reject(new Error("nothing here is unreadable")),
    scheduleTimer: async (timer) => void timers.push(timer),
  });
  const send = async (...bodies: string[]): Promise<string[]> => {
    const messages = bodies.map((body) => ({ id: `m${count++}`, body, receivedAt: time.now }));
    const result = await pipeline.process(messages);
    expect(imbalances(result.balance)).toEqual([]);
    total = addBalances(total, result.balance);
    return result.outcomes.map(({ outcome }) => outcome);
  };
  const w = {
    time,
    memory,
    published,
    total: () => total,
    pending: () => timers.filter(({ kind }) => kind === "first-seen"),
    /** Delivers calls a moment after the last of them. */
    async deliver(...calls: Call[]): Promise<string[]> {
      time.now = Math.max(time.now, ...calls.map(({ eventTime }) => Date.parse(eventTime) + 1000));
      return await send(...calls.map((one) => JSON.stringify(one)));
    },
    /** Delivers the timers that are due at a time, as SQS would; one that is returned comes again. */
    async wake(days: number): Promise<string[]> {
      time.now = Math.max(time.now, start + days * day);
      const due = timers.filter(({ at }) => at <= time.now);
      timers = timers.filter(({ at }) => at > time.now);
      const outcomes = await send(...due.map(timerBody));
      timers.push(...due.filter((_timer, index) => outcomes[index] === "returned"));
      return outcomes;
    },
    /** The events that were told, with who did them. */
    told: () => published.map(({ record }) => `${record.eventId} ${record.actor.label}`),
  };
  return w;
}

describe("a first-seen policy in the pipeline", () => {
  test("learns, then tells of a new principal once its turn has come, with the record", async () => {
    const w = world();
    await w.deliver(call("a", 0, "alice"));
    await w.wake(1);
    await w.deliver(call("b", 3, "bob"));
    await w.wake(8);
    expect(w.told()).toEqual([]);
    await w.deliver(
      call("a2", 10, "alice"),
      call("m", 10, "mallory"),
      call("x", 10, "mallory", "ListChannels"),
    );
    expect(w.told()).toEqual([]);
    expect(w.pending().map(({ at }) => at)).toEqual([start + 10 * day + lateness + 1]);
    await w.wake(11);
    expect(w.told()).toEqual(["m mallory"]);
    expect(w.published[0]).toMatchObject({
      policy: { name: "new-principal" },
      incident: { group: [{ value: "111111111111" }, { value: "arn:aws:iam::111111111111:user/mallory" }] },
    });
    expect(w.published[0]?.record.reasons.slice(0, 2)).toEqual([
      "first seen in 30d: actor.id (by recipientAccountId)",
      "eventSource = ivs.amazonaws.com",
    ]);
    await w.deliver(call("m2", 12, "mallory"));
    await w.wake(13);
    expect(w.told()).toEqual(["m mallory"]);
  });

  test("accounts learn for themselves", async () => {
    const w = world();
    await w.deliver(call("a", 0, "alice"), call("b", 9, "alice", "CreateChannel", "222222222222"));
    await w.wake(10);
    expect(w.told()).toEqual([]);
  });

  test("says so again after a pause longer than `within`", async () => {
    const w = world();
    await w.deliver(call("a", 0, "alice"), call("b", 1, "bob"));
    await w.wake(2);
    for (const days of [12, 24, 36]) await w.deliver(call(`a${days}`, days, "alice"));
    await w.deliver(call("b2", 32, "bob"));
    await w.wake(40);
    expect(w.told()).toEqual(["b2 bob"]);
  });

  test("an earlier record that is delivered later is the one that is told", async () => {
    const w = world();
    await w.deliver(call("a", 0, "alice"));
    await w.wake(1);
    await w.deliver(call("late", 10.005, "mallory"));
    await w.deliver(call("early", 10, "mallory"));
    await w.wake(11);
    expect(w.told()).toEqual(["early mallory"]);
  });

  test("a record that comes days after its turn is told at once", async () => {
    const w = world();
    await w.deliver(call("a", 0, "alice"), call("a2", 20, "alice"));
    await w.deliver(call("late", 10, "mallory"));
    await w.wake(20.0001);
    expect(w.told()).toEqual(["late mallory"]);
  });

  test("a record older than any message can be teaches and is not told", async () => {
    const w = world();
    await w.deliver(call("a", 0, "alice"), call("a2", 30, "alice"));
    await w.deliver(call("history", 10, "bob"), call("old", 14, "carol"));
    await w.wake(30.1);
    await w.deliver(call("b", 31, "bob"), call("m", 31, "mallory"));
    await w.wake(32);
    expect(w.told()).toEqual(["m mallory"]);
  });

  test("redelivery, of records and of timers, changes nothing", async () => {
    const once = world();
    const twice = world();
    const calls = [
      call("a", 0, "alice"),
      call("m", 10, "mallory"),
      call("n", 10, "nina"),
      call("m2", 11, "mallory"),
    ];
    for (const one of calls) {
      await once.deliver(one);
      await twice.deliver(one, one);
      await twice.deliver(one);
    }
    for (const w of [once, twice]) await w.wake(12);
    await twice.deliver(...calls);
    await twice.wake(13);
    expect(twice.told().toSorted()).toEqual(once.told().toSorted());
    expect(once.told().toSorted()).toEqual(["m mallory", "n nina"]);
    expect(twice.memory.list("first-seen#")).toEqual(once.memory.list("first-seen#"));
  });

  test.each(["first-seen#", "first-seen-learning#", "first-seen-match#", "incident#"])(
    "a store that is away for %s returns the message, and nothing is lost when it comes again",
    async (prefix) => {
      let isBroken = false;
      const w = world((store) => failingStore(store, (key) => isBroken && key.startsWith(prefix)));
      await w.deliver(call("a", 0, "alice"));
      await w.wake(1);
      isBroken = true;
      if (prefix !== "incident#") expect(await w.deliver(call("m", 10, "mallory"))).toEqual(["returned"]);
      isBroken = false;
      await w.deliver(call("m", 10, "mallory"));
      isBroken = true;
      expect(await w.wake(11)).toContain("returned");
      isBroken = false;
      await w.wake(11);
      expect(w.told()).toEqual(["m mallory"]);
    },
  );

  test("a record from long ago that comes while another is told is told as well", async () => {
    let interrupt: (() => Promise<unknown>) | undefined;
    const w = world(
      (store) => ({
        read: (key) => store.read(key),
        async update(key, ttlSeconds, change) {
          const once = key.startsWith("incident#") ? interrupt : undefined;
          if (once !== undefined) {
            interrupt = undefined;
            await once();
          }
          return await store.update(key, ttlSeconds, change);
        },
      }),
      load("5d"),
    );
    await w.deliver(call("a", 0, "alice"));
    await w.wake(1);
    await w.deliver(call("m", 20, "mallory"));
    interrupt = () => w.deliver(call("long-ago", 9, "mallory"));
    await w.wake(21);
    await w.wake(22);
    expect(w.told()).toEqual(["m mallory", "long-ago mallory"]);
  });

  test("documents that were learnt from history end the learning period", async () => {
    const w = world();
    const history = [call("a", -40, "alice"), call("b", -10, "bob")].flatMap((one) => {
      const decoded = decodeRecord(one);
      return decoded.outcome === "record" ? [decoded.record] : [];
    });
    const { terms, learning } = seedFirstSeen(load(), history, start);
    for (const [key, document] of [...terms, ...learning])
      await w.memory.update<unknown>(key, 1e6, () => document);
    await w.deliver(call("b2", 0.5, "bob"), call("m", 0.6, "mallory"), call("a2", 0.7, "alice"));
    await w.wake(1);
    expect(w.told()).toEqual(["m mallory", "a2 alice"]);
  });
});

test.each(["36h", "8d", "30d"])("the reason says the time as the policy does: %s", (within) => {
  const loaded = load(within);
  expect(loaded.problems).toEqual([]);
  const reason = createDetector(loaded).firstSeen(loaded.policies[0]?.id ?? "")?.reason;
  expect(reason).toBe(`first seen in ${within}: actor.id (by recipientAccountId)`);
});
