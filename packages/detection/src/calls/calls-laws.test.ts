import { callFacets } from "@streamwarden/alerting";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Call } from "./call.ts";
import { addCalls, type Calls, describeCalls, keptValues, noCalls, sampledCalls } from "./calls.ts";

/** Calls whose values come from pools smaller and larger than the tables. The same event is always the same call. */
function anyCall(pool: number): fc.Arbitrary<Call> {
  return fc.nat(600).map((number) => ({
    id: `event-${number}`,
    time: (number * 7919) % 1000,
    values: Object.fromEntries(
      callFacets.map((facet) => [facet, [`${facet}-${(number * 31) % (pool + 1)}`]]),
    ),
  }));
}
const calls = fc.oneof(
  fc.array(anyCall(3), { maxLength: 60 }),
  fc.array(anyCall(200), { maxLength: 700, size: "max" }),
);

test("law: the same set of calls gives the same bytes, in any order, batching and repetition", () => {
  fc.assert(
    fc.property(calls, fc.infiniteStream(fc.nat()), fc.integer({ min: 1, max: 40 }), (set, random, batch) => {
      const reference = addCalls(noCalls, set);
      const shuffled = [...set, ...set]
        .map((call) => ({ call, at: random.next().value as number }))
        .sort((a, b) => a.at - b.at)
        .map(({ call }) => call);
      let other: Calls = noCalls;
      for (let start = 0; start < shuffled.length; start += batch)
        other = addCalls(other, shuffled.slice(start, start + batch));
      expect(JSON.stringify(other)).toBe(JSON.stringify(reference));
      // Adding what is known changes nothing, so nothing needs to be written.
      expect(addCalls(reference, set)).toBe(reference);
    }),
    { numRuns: 150 },
  );
});

test("law: a value leaves a table only for values that came first", () => {
  fc.assert(
    fc.property(calls, (set) => {
      const { facets } = addCalls(noCalls, set);
      for (const facet of callFacets) {
        const firsts = new Map<string, number>();
        for (const { time, values } of set)
          for (const value of values[facet] ?? [])
            firsts.set(value, Math.min(firsts.get(value) ?? Infinity, time));
        const expected = [...firsts].sort(([a, one], [b, two]) => one - two || (a < b ? -1 : 1));
        expect(facets[facet]?.values ?? []).toEqual(expected.slice(0, keptValues[facet]));
      }
    }),
    { numRuns: 150 },
  );
});

test("law: counts are exact while every call is sampled", () => {
  fc.assert(
    fc.property(fc.array(anyCall(3), { maxLength: sampledCalls }), (set) => {
      const distinct = [...new Map(set.map((call) => [call.id, call])).values()];
      const { operations } = describeCalls(addCalls(noCalls, set), distinct.length);
      for (const { value, count } of operations?.values ?? [])
        expect(count).toBe(distinct.filter(({ values }) => values.operations?.[0] === value).length);
      expect(operations?.isEstimate ?? false).toBe(false);
    }),
    { numRuns: 150 },
  );
});
