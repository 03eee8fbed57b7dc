import type { Alert, AlertRecord } from "@streamwarden/alerting";
import fc from "fast-check";
import { expect, test } from "vitest";
import { StateStoreError } from "../errors.ts";
import { type IncidentDocument, incidentDocuments } from "../incident/incident-document.ts";
import { MemoryStateStore } from "../state/memory-state-store.ts";
import type { StateStore } from "../state/state-store.ts";
import { addBalances, type Balance, emptyBalance, imbalances } from "./balance.ts";
import type { Message } from "./context.ts";
import type { Detector } from "./detector.ts";
import { createPipeline, type Pipeline } from "./pipeline.ts";

const start = Date.parse("2026-01-01T02:00:00Z");
const policy = { id: "p", name: "policy", title: "Policy", tags: [], references: [], falsePositives: [] };

const detector: Detector = {
  chain: () => [],
  detectionOf: () => undefined,
  correlation: () => undefined,
  firstSeen: () => undefined,
  policy: () => policy,
  detect: (record) => ({
    entries: [],
    detections: [
      {
        policy,
        severity: "high",
        live: true,
        windowSeconds: 3600,
        group: [{ field: "sourceIPAddress", value: String(record.sourceIPAddress) }],
        reasons: [],
      },
    ],
  }),
};

/** 120 records of 6 actors over 3 windows; the first actor is the busiest. */
const bodies: readonly string[] = Array.from({ length: 120 }, (_, index) =>
  JSON.stringify({
    eventVersion: "1.11",
    eventID: `event-${index}`,
    eventTime: new Date(Date.parse("2026-01-01T00:00:00Z") + ((index * 7919) % 10_800) * 1000).toISOString(),
    eventSource: "ivs.amazonaws.com",
    eventName: "CreateChannel",
    sourceIPAddress: `192.0.2.${index % 2 === 0 ? 0 : index % 6}`,
  }),
);

/** What must not depend on how the records came: everything but arrival times and the outbox. */
function visible(documents: readonly IncidentDocument[]): string {
  const withoutArrival = ({ times, carrier: _carrier, ...record }: AlertRecord) => ({
    ...record,
    called: times.called,
  });
  return JSON.stringify(
    documents.map(({ outbox, samples, latest, raised, ...incident }) => ({
      ...incident,
      latest: latest && withoutArrival(latest),
      raised: raised.toSorted(),
      samples: samples.map(withoutArrival),
      owed: outbox.length,
    })),
  );
}

interface Trouble {
  readonly seed: number;
  readonly consumers: number;
  readonly batchSize: number;
  readonly failurePercent: number;
}

/** Runs all records, twice each, through several consumers that share a store, until the queue is empty. */
async function run(trouble: Trouble) {
  let state = trouble.seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const fails = (): boolean => random(100) < trouble.failurePercent;
  let now = start;
  const memory = new MemoryStateStore({ clock: { now: () => now } });
  const store: StateStore = {
    async read(key) {
      if (fails()) throw new StateStoreError("state-store-unavailable", "before the read");
      await Promise.resolve();
      return await memory.read(key);
    },
    async update(key, ttlSeconds, change) {
      if (fails()) throw new StateStoreError("state-store-unavailable", "before the write");
      await Promise.resolve();
      const document = await memory.update(key, ttlSeconds, change);
      if (fails()) throw new StateStoreError("state-store-unavailable", "after the write");
      return document;
    },
  };
  const published: Alert[] = [];
  let total: Balance = emptyBalance;
  const pipelines: Pipeline[] = Array.from({ length: trouble.consumers }, () =>
    createPipeline({
      detector,
      store,
      clock: { now: () => now },
      directPerMinute: 1_000_000,
      publisher: {
        async publish(alert) {
          await Promise.resolve();
          if (fails()) throw new Error("SNS is away");
          published.push(alert);
        },
        publishDigest: async () => undefined,
      },
      quarantine: () => Promise.reject(new Error("nothing here is unreadable")),
      scheduleTimer: async () => undefined,
    }),
  );
  let waiting: Message[] = [...bodies, ...bodies]
    .map((body, index) => ({ message: { id: `m${index}`, body, receivedAt: now }, at: random(1_000_000) }))
    .sort((a, b) => a.at - b.at)
    .map(({ message }) => message);
  for (let turn = 0; waiting.length > 0; turn += 1) {
    if (turn > 5000) throw new Error("the queue never empties");
    now += 1000;
    const batches = pipelines.map(() => waiting.splice(0, trouble.batchSize));
    const results = await Promise.all(batches.map((batch, index) => pipelines[index]?.process(batch)));
    const returned = new Set<string>();
    for (const result of results) {
      if (result === undefined) continue;
      expect(imbalances(result.balance)).toEqual([]);
      total = addBalances(total, result.balance);
      for (const { id, outcome } of result.outcomes) if (outcome === "returned") returned.add(id);
    }
    waiting = [...waiting, ...batches.flat().filter(({ id }) => returned.has(id))];
  }
  const incidents = memory
    .list("incident#")
    .map(({ key, document }) => incidentDocuments.parse(key, document));
  return {
    incidents: visible(incidents),
    alertIds: new Set(published.map(({ id }) => id)),
    published,
    total,
  };
}

const calm: Trouble = { seed: 1, consumers: 1, batchSize: 240, failurePercent: 0 };

test("law: the same records in any order, batching and number of consumers, with failures everywhere, give byte-identical incidents and the same alert ids", async () => {
  const reference = await run(calm);
  expect(reference.alertIds.size).toBe(15);
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        seed: fc.nat(),
        consumers: fc.integer({ min: 1, max: 4 }),
        batchSize: fc.integer({ min: 1, max: 25 }),
        failurePercent: fc.constantFrom(0, 0, 5, 30),
      }),
      async (trouble) => {
        const outcome = await run(trouble);
        expect(outcome.incidents).toBe(reference.incidents);
        expect(outcome.alertIds).toEqual(reference.alertIds);
      },
    ),
    { numRuns: 50 },
  );
});

test("law: without failures no alert is published twice, whatever runs side by side", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 25 }),
      async (seed, consumers, batchSize) => {
        const { published, alertIds, total } = await run({ seed, consumers, batchSize, failurePercent: 0 });
        expect(published).toHaveLength(alertIds.size);
        expect(total.alerts.owed).toBe(alertIds.size);
        expect(total.records.seen).toBe(bodies.length * 2);
      },
    ),
    { numRuns: 30 },
  );
});

test("an alert that is published again after a failure has the same id and the same text", async () => {
  const { published } = await run({ seed: 7, consumers: 3, batchSize: 5, failurePercent: 30 });
  const byId = Map.groupBy(published, ({ id }) => id);
  const repeated = [...byId.values()].filter((alerts) => alerts.length > 1);
  expect(repeated.length).toBeGreaterThan(0);
  for (const alerts of repeated) expect(new Set(alerts.map((alert) => JSON.stringify(alert))).size).toBe(1);
});
