import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Harness, type TestEvent } from "../testing/correlations.ts";
import { naiveFirings } from "../testing/naive-correlation.ts";

const latenessSeconds = 20;
const longAfter = 1_000_000;

/** One of every type, monotone and not. Timespans are short beside the times, so that windows come and go. */
const bodies: Readonly<Record<string, string>> = {
  "event_count gte": "type: event_count\nrules: [a, b]\ntimespan: 5s\ncondition: {gte: 3}",
  "event_count gt, grouped":
    "type: event_count\nrules: [a, b]\ngroup-by: [g]\ntimespan: 5s\ncondition: {gt: 1}",
  "event_count lt": "type: event_count\nrules: [a, b]\ntimespan: 5s\ncondition: {lt: 3}",
  "event_count range":
    "type: event_count\nrules: [a, b]\ngroup-by: g\ntimespan: 5s\ncondition: {gte: 2, lte: 3}",
  "event_count neq": "type: event_count\nrules: [a, b]\ntimespan: 5s\ncondition: {neq: 2}",
  "value_count gte": "type: value_count\nrules: [a, b]\ntimespan: 5s\ncondition: {field: v, gte: 2}",
  "value_count eq":
    "type: value_count\nrules: [a, b]\ngroup-by: g\ntimespan: 5s\ncondition: {field: v, eq: 2}",
  value_sum: "type: value_sum\nrules: [a, b]\ntimespan: 5s\ncondition: {field: n, gte: 5}",
  value_avg: "type: value_avg\nrules: [a, b]\ngroup-by: g\ntimespan: 5s\ncondition: {field: n, lt: 1.5}",
  value_percentile:
    "type: value_percentile\nrules: [a]\ntimespan: 5s\ncondition: {field: n, percentile: 90, gt: 2}",
  value_median: "type: value_median\nrules: [a, b]\ntimespan: 5s\ncondition: {field: n, lte: 1}",
  temporal: "type: temporal\nrules: [a, b, c]\ngroup-by: [g]\ntimespan: 5s",
  "temporal gte 2": "type: temporal\nrules: [a, b, c]\ntimespan: 5s\ncondition: {gte: 2}",
  "temporal lt": "type: temporal\nrules: [a, b, c]\ntimespan: 5s\ncondition: {lt: 3}",
  "temporal extended": "type: temporal\ntimespan: 5s\ncondition: a and (b or c)",
  "temporal absence": "type: temporal\ngroup-by: g\ntimespan: 5s\ncondition: a and not (b or c)",
  temporal_ordered: "type: temporal_ordered\nrules: [a, b, c]\ntimespan: 5s",
  "temporal_ordered twice": "type: temporal_ordered\nrules: [a, b, a]\ngroup-by: g\ntimespan: 5s",
  "temporal_ordered gte 2": "type: temporal_ordered\nrules: [a, b, c]\ntimespan: 3s\ncondition: {gte: 2}",
  "temporal_ordered lt": "type: temporal_ordered\nrules: [a, b, c]\ntimespan: 3s\ncondition: {lt: 2}",
  "temporal_ordered extended": "type: temporal_ordered\ntimespan: 5s\ncondition: a and (b or c)",
  "temporal_ordered absence": "type: temporal_ordered\ntimespan: 5s\ncondition: a and b and not c",
};

interface Arrival {
  readonly event: TestEvent;
  /** When it comes, in seconds: not before it happened, and at most the lateness after. */
  readonly arrives: number;
}

const event = fc.record({
  is: fc.constantFrom("a", "a", "b", "b", "c", "ab", "bc", "abc"),
  at: fc.integer({ min: 0, max: 40 }),
  g: fc.constantFrom("x", "y", null),
  v: fc.constantFrom("p", "q", "r", null, ["p", "q"]),
  n: fc.constantFrom(0, 1, 2, 3, -1, "2", "no number", [1, 3]),
  delays: fc.array(fc.integer({ min: 0, max: latenessSeconds }), { minLength: 1, maxLength: 3 }),
  tieBreak: fc.integer({ min: 0, max: 9 }),
});

/** Events in the order in which they come, each once or several times, cut into batches with moments of closing. */
const history = fc
  .record({
    events: fc.array(event, { maxLength: 25 }),
    cuts: fc.array(fc.record({ size: fc.integer({ min: 1, max: 6 }), closes: fc.boolean() }), {
      minLength: 1,
    }),
    isStored: fc.boolean(),
  })
  .map(({ events, cuts, isStored }) => {
    const arrivals = events.flatMap(({ delays, tieBreak, ...rest }, index): Arrival[] => {
      const given: TestEvent = { ...rest, id: `${tieBreak}-${index}` };
      return delays.map((delay) => ({ event: given, arrives: rest.at + delay }));
    });
    arrivals.sort((left, right) => left.arrives - right.arrives);
    return { arrivals, cuts, isStored };
  });

interface History {
  readonly arrivals: readonly Arrival[];
  readonly cuts: readonly { readonly size: number; readonly closes: boolean }[];
  readonly isStored: boolean;
}

function play(body: string, { arrivals, cuts, isStored }: History): Harness {
  const harness = new Harness(body, { allowedLatenessSeconds: latenessSeconds });
  let next = 0;
  for (let turn = 0; next < arrivals.length; turn++) {
    const { size, closes } = cuts[turn % cuts.length] ?? { size: 1, closes: false };
    harness.add(arrivals.slice(next, next + size).map((arrival) => arrival.event));
    next += size;
    const upcoming = arrivals[next];
    if (closes && upcoming !== undefined) {
      harness.close(upcoming.arrives - latenessSeconds);
    }
    if (isStored) {
      harness.throughJson();
    }
  }
  harness.close(longAfter);
  return harness;
}

/** What the definition says, group by group, as `group event`. */
function expected(body: string, { arrivals }: History): string[] {
  const harness = new Harness(body);
  const groups = new Map<string, ReturnType<Harness["entries"]>[number][]>();
  for (const entry of arrivals.flatMap((arrival) => harness.entries(arrival.event))) {
    groups.set(entry.groupKey, [...(groups.get(entry.groupKey) ?? []), entry]);
  }
  return [...groups]
    .flatMap(([key, grouped]) => {
      const fired = naiveFirings(
        harness.correlation,
        grouped.map(({ entry }) => entry),
      );
      return [...fired].map((id) => `${key} ${id}`);
    })
    .toSorted();
}

describe.each(Object.entries(bodies))("%s", (_, body) => {
  test("fires exactly where the definition says, in any order, repetition, batching and with any moments of closing", () => {
    fc.assert(
      fc.property(history, (given) => {
        const harness = play(body, given);
        expect([...harness.firings.keys()].toSorted()).toEqual(expected(body, given));
      }),
      { numRuns: 150 },
    );
  });
});

describe.each(Object.entries(bodies))("%s, without a clock", (_, body) => {
  test("gives the same firings and the same document for every permutation", () => {
    const permutation = fc
      .array(event, { maxLength: 12 })
      .map((events) =>
        events.map(({ delays: __, tieBreak, ...rest }, index) => ({ ...rest, id: `${tieBreak}-${index}` })),
      )
      .chain((events) =>
        fc.record({
          events: fc.constant(events),
          shuffled: fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
          size: fc.integer({ min: 1, max: 30 }),
        }),
      );
    fc.assert(
      fc.property(permutation, ({ events, shuffled, size }) => {
        const options = { allowedLatenessSeconds: 100 };
        const once = new Harness(body, options);
        once.add(events);
        const mixed = new Harness(body, options);
        for (let start = 0; start < shuffled.length; start += size) {
          mixed.add(shuffled.slice(start, start + size));
        }
        const sorted = (harness: Harness): unknown[] =>
          [...harness.documents].toSorted(([left], [right]) => (left < right ? -1 : 1));
        expect(sorted(mixed)).toEqual(sorted(once));
        once.close(longAfter);
        mixed.close(longAfter);
        expect([...mixed.firings.keys()].toSorted()).toEqual([...once.firings.keys()].toSorted());
      }),
      { numRuns: 50 },
    );
  });
});

describe("the bound", () => {
  const bounded = fc.record({
    events: fc.array(event, { maxLength: 40 }),
    order: fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 40, maxLength: 40 }),
    maxEntries: fc.integer({ min: 3, max: 8 }),
  });

  test.each(["event_count gte", "temporal", "value_count gte", "temporal absence"])(
    "leaves the same document whatever the order (%s), and never more than it allows",
    (name) => {
      fc.assert(
        fc.property(bounded, ({ events, order, maxEntries }) => {
          const given = events.map(({ delays: _, tieBreak, ...rest }, index) => ({
            ...rest,
            id: `${tieBreak}-${index}`,
          }));
          const shuffled = given
            .map((each, index) => ({ each, rank: order[index] ?? 0 }))
            .toSorted((left, right) => left.rank - right.rank)
            .map(({ each }) => each);
          const options = { allowedLatenessSeconds: 1000, maxEntries };
          const [inOrder, mixed] = [given, shuffled].map((list) => {
            const harness = new Harness(bodies[name] ?? "", options);
            for (const each of list) {
              harness.add([each]);
            }
            return harness;
          });
          const sorted = (harness: Harness | undefined): unknown[] =>
            [...(harness?.documents ?? [])].toSorted(([left], [right]) => (left < right ? -1 : 1));
          expect(sorted(mixed)).toEqual(sorted(inOrder));
          for (const document of inOrder?.documents.values() ?? []) {
            expect(document.times.length).toBeLessThanOrEqual(maxEntries);
          }
        }),
        { numRuns: 50 },
      );
    },
  );
});

describe("times", () => {
  test("are the events' own: a backlog that drains in one go gives what a live feed gives", () => {
    const body = "type: event_count\nrules: [a]\ntimespan: 5s\ncondition: {gte: 3}";
    const given = [0, 1, 2, 100, 200, 201, 202].map((at) => ({ is: "a", at, id: `${at}` }));
    const live = new Harness(body);
    for (const each of given) {
      live.add([each]);
    }
    const backlog = new Harness(body);
    backlog.add(given);
    expect([...backlog.firings.keys()]).toEqual([...live.firings.keys()]);
  });
});
