import { type Alert, type AlertRecord, amazonQ, email, ocsf, slack } from "@streamwarden/alerting";
import { parseConfig } from "@streamwarden/config";
import { loadPolicies } from "@streamwarden/policies";
import fc from "fast-check";
import { expect, test } from "vitest";
import { StateStoreError } from "../errors.ts";
import { type IncidentDocument, incidentDocuments } from "../incident/incident-document.ts";
import type { StateStore } from "../state/state-store.ts";
import { sharePipelines } from "../testing/shared-pipelines.ts";
import {
  arnOf,
  federationToken,
  iamUser,
  permissionSet,
  roleSession,
  type StoryCall,
  storyRecord,
  storyStart,
} from "../testing/story-records.ts";
import { createDetector } from "./detector.ts";

/** A match, and a correlation of each kind over it: monotone, in order, waiting, and chains of both. */
const policies = `title: Any deletion
name: any-deletion
logsource: { product: aws, service: cloudtrail }
detection: { call: { eventName|startswith: Delete }, condition: call }
level: medium
custom_attributes: { streamwarden.window: 2h }
---
title: Deletion
name: deletion
logsource: { product: aws, service: cloudtrail }
detection: { call: { eventName|startswith: Delete }, condition: call }
level: medium
custom_attributes: { streamwarden.window: 2h }
---
title: Creation
name: creation
logsource: { product: aws, service: cloudtrail }
detection: { call: { eventName|startswith: Create }, condition: call }
level: informational
custom_attributes: { streamwarden.window: 2h }
---
title: Many deletions
name: many-deletions
correlation: { type: event_count, rules: [deletion], group-by: [actor.id], timespan: 10m, condition: { gte: 4 } }
level: high
custom_attributes: { streamwarden.window: 2h }
---
title: Many channels
name: many-channels
correlation: { type: value_count, rules: [deletion], group-by: [actor.id], timespan: 10m, condition: { field: requestParameters.arn, gte: 3 } }
level: high
custom_attributes: { streamwarden.window: 2h }
---
title: Replaced
name: replaced
correlation: { type: temporal_ordered, rules: [deletion, creation], group-by: [actor.id], timespan: 5m }
level: high
custom_attributes: { streamwarden.window: 2h }
---
title: Exactly two
name: exactly-two
correlation: { type: event_count, rules: [deletion], group-by: [actor.id], timespan: 2m, condition: { eq: 2 } }
level: low
custom_attributes: { streamwarden.window: 2h }
---
title: Storm and replacement
name: storm-and-replacement
correlation: { type: temporal, rules: [many-deletions, replaced], group-by: [actor.id], timespan: 30m }
level: critical
custom_attributes: { streamwarden.window: 2h }
---
title: Pairs and more
name: pairs-and-more
correlation: { type: event_count, rules: [exactly-two], group-by: [actor.id], timespan: 30m, condition: { gte: 2 } }
level: high
custom_attributes: { streamwarden.window: 2h }
`;
const set = loadPolicies(
  { files: [{ path: "laws.yml", text: policies }] },
  parseConfig("policies: { pack: false }", "streamwarden.yml"),
);
const detector = createDetector(set);

const people: readonly object[] = [
  permissionSet("Studio", "mira"),
  permissionSet("Studio", "mira", "ASIAOTHERKEY"),
  permissionSet("Studio", "noah"),
  iamUser("olga"),
  roleSession("Uploader", "run-1"),
  roleSession("Uploader", "run-2", { sourceIdentity: "noah", key: "ASIASECOND" }),
  federationToken("olga", "alias"),
];
const operations = ["DeleteChannel", "DeleteChannel", "DeleteStreamKey", "DeleteRoom", "CreateChannel"];

const someCall = fc.record({
  at: fc.oneof(fc.integer({ min: 0, max: 240 }), fc.integer({ min: 0, max: 6000 })),
  by: fc.oneof(fc.constant(0), fc.nat(people.length - 1)),
  operation: fc.nat(operations.length - 1),
  resource: fc.nat(6),
  from: fc.constantFrom(
    "192.0.2.1",
    "192.0.2.77",
    "198.51.100.5",
    "2001:db8::1",
    "cloudformation.amazonaws.com",
  ),
});

const someCalls = fc.array(someCall, { minLength: 1, maxLength: 30 }).map((calls) =>
  calls.map(
    ({ at, by, operation, resource, from }, index): StoryCall => ({
      id: `call-${index}`,
      at,
      by: people[by] ?? {},
      operation: operations[operation] ?? "",
      request: { arn: arnOf("channel", `c${resource}`) },
      from,
    }),
  ),
);

/** A way in which the same records may come. */
interface Way {
  readonly seed: number;
  readonly consumers: number;
  readonly largestBatch: number;
  readonly repeats: number;
  readonly failurePercent: number;
}
const someWay: fc.Arbitrary<Way> = fc.record({
  seed: fc.nat(),
  consumers: fc.integer({ min: 1, max: 4 }),
  largestBatch: fc.constantFrom(1, 3, 10, 40),
  repeats: fc.integer({ min: 1, max: 2 }),
  failurePercent: fc.constantFrom(0, 0, 0, 10),
});
const calm: Way = { seed: 0, consumers: 1, largestBatch: 1, repeats: 1, failurePercent: 0 };

function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/**
 * An alert, and what was merged when it fell due: two alerts with one key must read alike. The first firing is part of it,
 * because two consumers that complete one window at the same moment merge their own firings one after the other.
 */
interface Told {
  readonly key: string;
  readonly alert: Alert;
}

async function run(calls: readonly StoryCall[], way: Way) {
  const random = randomOf(way.seed);
  const told = new Map<string, Told>();
  function watched(store: StateStore): StateStore {
    function mayFail(when: string): void {
      if (random(100) < way.failurePercent)
        throw new StateStoreError("state-store-unavailable", `${when} the table is away`);
    }
    return {
      async read(key) {
        mayFail("before");
        return await store.read(key);
      },
      async update(key, ttlSeconds, change) {
        mayFail("before");
        const document = await store.update(key, ttlSeconds, change);
        if (key.startsWith("incident#")) note(incidentDocuments.parse(key, document));
        mayFail("after");
        return document;
      },
    };
  }
  function note({ ids, outbox }: IncidentDocument): void {
    for (const { due } of outbox)
      if (due.kind === "alert" && !told.has(due.alert.id)) {
        const { alert } = due;
        told.set(alert.id, {
          alert,
          key: JSON.stringify([alert.id, ids, alert.incident.related, alert.incident.fired]),
        });
      }
  }
  const world = sharePipelines({
    detector,
    now: storyStart + 10_000_000,
    consumers: way.consumers,
    wrap: watched,
    secondsBetweenTurns: way.failurePercent === 0 ? 0 : 1,
  });
  const sent = calls.map((call) => ({ body: storyRecord(call), sentAt: storyStart + call.at * 1000 + 1500 }));
  const shuffled = Array.from({ length: way.repeats }, () => sent)
    .flat()
    .map((one) => ({ one, at: way.seed === 0 ? 0 : random(1_000_000) }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
  const batches = [];
  for (let start = 0; start < shuffled.length; ) {
    const size = 1 + random(way.largestBatch);
    batches.push(shuffled.slice(start, start + size));
    start += size;
  }
  await world.send(batches);
  await world.finish(way.repeats);
  const incidents = world
    .stored("incident#")
    .map(({ key, document }) => incidentDocuments.parse(key, document));
  return { incidents, published: world.published, told: [...told.values()] };
}

/** What is known of an incident, without what is bookkeeping of its alerts and arrivals. */
function evidence(incidents: readonly IncidentDocument[]): readonly object[] {
  function withoutArrival({ times, ...record }: AlertRecord): object {
    return { ...record, called: times.called };
  }
  return incidents
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ outbox, raised: _raised, samples, latest, fired, ...incident }) => ({
      ...incident,
      owed: outbox.length,
      samples: samples.map(withoutArrival),
      latest: latest && withoutArrival(latest),
      fired: fired && { ...fired, record: fired.record && withoutArrival(fired.record) },
    }));
}

/** All renderings of an alert, at one time of decision. */
function renderings(alert: Alert): readonly string[] {
  const at = storyStart + 20_000_000;
  const { record } = alert;
  const times = { ...record.times, matched: at };
  const timed: Alert = { ...alert, createdAt: at, publishedAt: at, record: { ...record, times } };
  return [email(timed), slack(timed), ocsf(timed), amazonQ(timed)].map((one) => JSON.stringify(one, null, 1));
}

function byId(alerts: readonly Alert[], kind: Alert["kind"]): ReadonlyMap<string, readonly string[]> {
  return new Map(
    alerts
      .filter((alert) => alert.kind === kind)
      .map((alert) => [alert.id, renderings(alert)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Thousands are run with `LAW_RUNS=2000`. */
const runs = Number(process.env.LAW_RUNS ?? 80);

test("law: what is known of incidents of every kind does not show in what order, how often and to whom records came", async () => {
  expect(set.problems.filter(({ severity }) => severity === "error")).toEqual([]);
  await fc.assert(
    fc.asyncProperty(someCalls, someWay, async (calls, way) => {
      const plain = await run(calls, calm);
      const other = await run(calls, way);
      expect(evidence(other.incidents)).toEqual(evidence(plain.incidents));
    }),
    { numRuns: runs },
  );
});

test("law: two alerts of one name over the same calls have the same bytes in every rendering", async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(someCalls, someWay, someWay, async (calls, one, other) => {
      const all = [
        ...(await run(calls, calm)).told,
        ...(await run(calls, one)).told,
        ...(await run(calls, other)).told,
      ];
      for (const [, alike] of Map.groupBy(all, ({ key }) => key)) {
        compared += alike.length - 1;
        const [first, ...others] = alike.map(({ alert }) => renderings(alert));
        for (const other of others) expect(other).toEqual(first);
      }
    }),
    { numRuns: runs },
  );
  expect(compared).toBeGreaterThan(runs);
});

test("law: summaries are the same, whatever came before them", async () => {
  await fc.assert(
    fc.asyncProperty(someCalls, someWay, async (calls, way) => {
      const plain = await run(calls, calm);
      const other = await run(calls, way);
      expect(byId(other.published, "summary")).toEqual(byId(plain.published, "summary"));
    }),
    { numRuns: runs },
  );
});

test("law: an incident of matches counts its distinct calls", async () => {
  await fc.assert(
    fc.asyncProperty(someCalls, someWay, async (calls, way) => {
      const { incidents } = await run(calls, way);
      const counted = incidents.filter(({ policyName }) => policyName === "any-deletion");
      const deletions = calls.filter(({ operation }) => operation.startsWith("Delete"));
      expect(counted.reduce((sum, { ids }) => sum + ids.length, 0)).toBe(deletions.length);
    }),
    { numRuns: runs },
  );
});
