import type { Alert } from "@streamwarden/alerting";
import { parseConfig } from "@streamwarden/config";
import { loadPolicies } from "@streamwarden/policies";
import fc from "fast-check";
import { expect, test } from "vitest";
import { learningDocuments, storedMatches, termDocuments } from "../correlation/first-seen-documents.ts";
import { keptRecords, windowDocuments } from "../correlation/window-documents.ts";
import { deliveryMinutes } from "../delivery/delivery-minute.ts";
import { StateStoreError } from "../errors.ts";
import { actorTrails } from "../incident/actor-trail.ts";
import { incidentDocuments } from "../incident/incident-document.ts";
import type { MessageOutcome, PipelineOptions } from "../pipeline/context.ts";
import { createDetector } from "../pipeline/detector.ts";
import { createPipeline } from "../pipeline/pipeline.ts";
import * as released from "../testing/released/aaf93c6.js";
import { timerBody } from "../timer/timer.ts";
import { ledgerEntries } from "../timer/timer-ledger.ts";
import type { DocumentKind } from "./document-kind.ts";
import { MemoryStateStore } from "./memory-state-store.ts";
import type { StateStore } from "./state-store.ts";

const policies = `title: Channel created
name: created
logsource: { product: aws, service: cloudtrail }
detection: { call: { eventSource: ivs.amazonaws.com, eventName: CreateChannel }, condition: call }
level: high
---
title: Channel deleted
name: deleted
logsource: { product: aws, service: cloudtrail }
detection: { call: { eventSource: ivs.amazonaws.com, eventName: DeleteChannel }, condition: call }
level: low
---
title: Three deletions
name: three-deletions
correlation: { type: event_count, rules: [deleted], group-by: [actor.id], timespan: 1m, condition: { gte: 3 } }
level: critical
---
title: Stream stopped
name: stopped
logsource: { product: aws, service: cloudtrail }
detection: { call: { eventSource: ivs.amazonaws.com, eventName: StopStream }, condition: call }
level: low
---
title: A lonely deletion
name: lonely
correlation: { type: event_count, rules: [deleted], group-by: [actor.id], timespan: 1m, condition: { lte: 1 } }
level: low
---
title: Stopped without a lonely deletion
name: outer
correlation:
  type: temporal
  rules: [stopped, lonely]
  group-by: [actor.id]
  timespan: 3m
  condition: stopped and not lonely
level: medium
---
title: New person
name: new-person
logsource: { product: aws, service: cloudtrail }
detection: { call: { eventSource: ivs.amazonaws.com, eventName: [CreateChannel, DeleteChannel] }, condition: call }
level: medium
custom_attributes:
  streamwarden.first_seen: { of: [actor.id], within: 1d, learn: 1h }
`;
const files = [{ path: "policies.yml", text: policies }];
const config = "policies: { pack: false }";

const ours = loadPolicies({ files }, parseConfig(config, "streamwarden.yml"));
const theirs = released.loadPolicies({ config: released.parseConfig(config, "streamwarden.yml"), files });

const start = Date.parse("2026-01-01T00:00:00Z");
const operations = ["CreateChannel", "DeleteChannel", "DeleteChannel", "StopStream", "ListChannels"];

function call(id: string, user: string, operation: string, time: number): string {
  return JSON.stringify({
    eventVersion: "1.11",
    eventID: id,
    eventTime: new Date(time).toISOString(),
    eventSource: "ivs.amazonaws.com",
    eventName: operation,
    awsRegion: "us-east-1",
    sourceIPAddress: "192.0.2.1",
    userIdentity: {
      type: "IAMUser",
      arn: `arn:aws:iam::111111111111:user/${user}`,
      accountId: "111111111111",
      userName: user,
    },
    recipientAccountId: "111111111111",
  });
}

/**
 * 90 calls of four people over eight minutes, the first of them the busiest, and one long before, from which first
 * sightings learn. The 90 are in hand within the allowed lateness, beyond which order may show in what waits.
 */
const bodies: readonly string[] = [
  call("event-past", "zoe", "CreateChannel", start - 2 * 3_600_000),
  ...Array.from({ length: 90 }, (_, index) =>
    call(
      `event-${index}`,
      ["alice", "alice", "bob", "carol", "alice", "dave"][(index * 7) % 6] ?? "",
      operations[(index * 31) % operations.length] ?? "",
      start + ((index * 7919) % 480) * 1000,
    ),
  ),
];

/** As in a table, documents are text: nothing but JSON passes from one consumer to another. */
function tableOf(memory: MemoryStateStore, fails: () => boolean): StateStore {
  const parse = (text: string | undefined) => (text === undefined ? undefined : JSON.parse(text));
  const away = (when: string): void => {
    if (fails()) throw new StateStoreError("state-store-unavailable", when);
  };
  return {
    async read(key) {
      away("before the read");
      return parse(await memory.read<string>(key));
    },
    async update(key, ttlSeconds, change) {
      away("before the write");
      const text = await memory.update<string | undefined>(key, ttlSeconds, (stored) => {
        const current = parse(stored);
        const next = change(current);
        return next === current ? stored : JSON.stringify(next);
      });
      away("after the write");
      return parse(text);
    },
  };
}

const correlations = new Set(["three-deletions", "lonely", "outer"]);

type Release = "old" | "new";

interface Course {
  readonly seed: number;
  /** Which release takes each batch, again and again from the beginning within its half of the batches. */
  readonly before: readonly Release[];
  readonly after: readonly Release[];
  readonly batchSize: number;
  readonly failurePercent: number;
}

/** Runs all records, twice each, and all timers, until nothing is left to do. */
async function run({ seed, before, after, batchSize, failurePercent }: Course) {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const fails = (): boolean => random(100) < failurePercent;
  let now = start + 481_000;
  const clock = { now: () => now };
  const memory = new MemoryStateStore({ clock });
  const published: Alert[] = [];
  const troubles: unknown[] = [];
  let timers: { readonly body: string; readonly at: number }[] = [];
  let count = 0;
  const shared = {
    store: tableOf(memory, fails),
    clock,
    directPerMinute: 1_000_000,
    publisher: {
      async publish(alert: Alert) {
        await Promise.resolve();
        if (fails()) throw new Error("SNS is away");
        published.push(alert);
      },
      publishDigest: async () => undefined,
    },
    quarantine: (message: { readonly body: string }, reason: { readonly message: string }) => {
      troubles.push(`quarantined: ${reason.message} ${message.body}`);
      return Promise.resolve();
    },
    observer: {
      dependencyFailed(_dependency: string, error: unknown) {
        const isInjected =
          error instanceof Error && /^(before the|after the|SNS is away)/.test(error.message);
        if (!isInjected) troubles.push(error);
      },
    },
  } satisfies Omit<PipelineOptions, "detector" | "scheduleTimer">;
  const consumers = {
    new: createPipeline({
      ...shared,
      detector: createDetector(ours),
      scheduleTimer: async (timer) => void timers.push({ body: timerBody(timer), at: timer.at }),
    }),
    old: released.createPipeline({
      ...shared,
      detector: released.createDetector(theirs),
      scheduleWakeUp: async (wakeUp) =>
        void timers.push({ body: JSON.stringify({ streamwardenWakeUp: wakeUp }), at: wakeUp.at }),
    }),
  };
  const waiting = [...bodies, ...bodies]
    .map((body) => ({ body, at: random(1_000_000) }))
    .sort((a, b) => a.at - b.at)
    .map(({ body }) => ({ id: `m${count++}`, body, receivedAt: now }));
  const half = Math.ceil(waiting.length / batchSize / 2);
  for (let turn = 0; waiting.length > 0 || timers.length > 0; turn += 1) {
    if (turn > 5000) throw new Error("the queue never empties");
    if (waiting.length === 0) now = Math.max(now, Math.min(...timers.map(({ at }) => at)));
    const due = timers.filter(({ at }) => at <= now);
    timers = timers.filter(({ at }) => at > now);
    waiting.push(...due.map(({ body }) => ({ id: `t${count++}`, body, receivedAt: now })));
    now += 250;
    const order = turn < half ? before : after;
    const batches = [waiting.splice(0, batchSize), waiting.splice(0, batchSize)];
    const results = await Promise.all(
      batches.map((batch, index) => consumers[order[(turn + index) % order.length] ?? "new"].process(batch)),
    );
    const outcomes: readonly MessageOutcome[] = results.flatMap((result) => result.outcomes);
    const returned = new Set(outcomes.filter(({ outcome }) => outcome === "returned").map(({ id }) => id));
    waiting.push(...batches.flat().filter(({ id }) => returned.has(id)));
  }
  const documents = memory
    .list()
    .map(({ key, document }) => ({ key, document: JSON.parse(String(document)) as unknown }));
  return { documents, published, troubles };
}

const kinds: Readonly<Record<string, Pick<DocumentKind<object>, "parse">>> = {
  incident: incidentDocuments,
  window: windowDocuments,
  record: keptRecords,
  "first-seen": termDocuments,
  "first-seen-learning": learningDocuments,
  "first-seen-match": storedMatches,
  actor: actorTrails,
  delivery: deliveryMinutes,
  "wake-up": ledgerEntries,
};

/** What must not depend on which release did what. */
function visible({ documents, published, troubles }: Awaited<ReturnType<typeof run>>) {
  expect(troubles).toEqual([]);
  for (const { key, document } of documents) kinds[key.split("#")[0] ?? ""]?.parse(key, document);
  const incidents = documents
    .filter(({ key }) => key.startsWith("incident#"))
    .map(({ key, document }) => incidentDocuments.parse(key, document));
  // An alert that goes out twice says the same, whoever sends it.
  for (const copies of Map.groupBy(published, ({ id }) => id).values()) {
    const texts = copies.map(({ kind, severity, incident, record }) =>
      JSON.stringify([kind, severity, incident, record.eventId]),
    );
    expect(new Set(texts).size).toBe(1);
  }
  return {
    incidents: incidents.map(({ outbox, samples, latest, raised, ...incident }) => ({
      ...incident,
      raised: raised.toSorted(),
      latest: latest?.eventId,
      samples: samples.map(({ eventId, actor }) => [eventId, actor.id, actor.principal]),
      owed: outbox.length,
    })),
    alerts: [...new Set(published.map(({ id }) => id))].toSorted(),
    terms: documents.filter(({ key }) => key.startsWith("first-seen#")).map(({ key }) => key),
  };
}

/**
 * What both releases know. The released one counts the firings of a correlation where this one counts the calls behind
 * them, and remembers nothing of calls; that a correlation fired, and the first alert of it, neither may lose.
 */
function inBoth({ incidents, alerts, terms }: ReturnType<typeof visible>) {
  const counted = new Set(
    incidents.filter(({ policyName }) => correlations.has(policyName)).map(({ id }) => id),
  );
  return {
    incidents: incidents.map(({ calls: _calls, latest: _latest, fired: _fired, ...incident }) => {
      const { id, policyName, severity, group, windowStart, windowEnd, owed } = incident;
      return counted.has(id) ? { id, policyName, severity, group, windowStart, windowEnd, owed } : incident;
    }),
    alerts: alerts.filter((id) => id.endsWith(".new") || ![...counted].some((one) => id.startsWith(one))),
    terms,
  };
}

/**
 * A window over one that waits is decided two minutes after it. When the store fails in between, what it decides
 * depends on when the store is well again.
 */
function withoutChain({ incidents, alerts, terms }: ReturnType<typeof visible>) {
  const chained = new Set(incidents.filter(({ policyName }) => policyName === "outer").map(({ id }) => id));
  return {
    incidents: incidents.filter(({ id }) => !chained.has(id)),
    alerts: alerts.filter((id) => ![...chained].some((incident) => id.startsWith(incident))),
    terms,
  };
}

const calm = { seed: 1, batchSize: 20, failurePercent: 0 };

test("the policies of these laws load in both releases and fire each", async () => {
  expect([ours.problems, theirs.problems]).toEqual([[], []]);
  const { incidents, alerts } = visible(await run({ ...calm, before: ["new"], after: ["new"] }));
  expect(new Set(incidents.map(({ policyName }) => policyName))).toEqual(
    new Set(["created", "new-person", "outer", "three-deletions"]),
  );
  expect(alerts.some((id) => id.endsWith(".summary"))).toBe(true);
});

test("law: a released consumer and this one, on one store and one queue, give what each gives alone", async () => {
  const reference = inBoth(visible(await run({ ...calm, before: ["old"], after: ["old"] })));
  expect(inBoth(visible(await run({ ...calm, before: ["new"], after: ["new"] })))).toEqual(reference);
  const release = fc.constantFrom<Release>("old", "new");
  const someOf = fc.array(release, { minLength: 1, maxLength: 7 });
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        seed: fc.nat(),
        // Forward, back, and any mixture.
        before: fc.oneof(fc.constant<Release[]>(["old"]), fc.constant<Release[]>(["new"]), someOf),
        after: fc.oneof(fc.constant<Release[]>(["old"]), fc.constant<Release[]>(["new"]), someOf),
        batchSize: fc.integer({ min: 1, max: 25 }),
        // The released engine can lose an alert of a correlation when the store fails; this one must not (below).
        failurePercent: fc.constant(0),
      }),
      async (course) => {
        expect(inBoth(visible(await run(course)))).toEqual(reference);
      },
    ),
    { numRuns: 40 },
  );
});

test("law: with failures of store and topic everywhere, this release alone loses nothing", async () => {
  const alone = { before: ["new"], after: ["new"] } as const;
  const reference = withoutChain(visible(await run({ ...calm, ...alone })));
  await fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.integer({ min: 1, max: 25 }),
      fc.constantFrom(3, 10),
      async (seed, batchSize, failurePercent) => {
        const outcome = visible(await run({ seed, batchSize, failurePercent, ...alone }));
        expect(withoutChain(outcome)).toEqual(reference);
      },
    ),
    { numRuns: 25 },
  );
});
