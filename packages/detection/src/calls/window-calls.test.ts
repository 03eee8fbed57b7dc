import fc from "fast-check";
import { expect, test } from "vitest";
import type { Call } from "./call.ts";
import {
  callsOfRows,
  decodeWindowCalls,
  encodeWindowCalls,
  mostWindowCalls,
  noWindowCalls,
  type WindowCalls,
  windowCallsSchema,
  withCalls,
} from "./window-calls.ts";

function call(number: number): Call {
  return {
    id: `event-${number}`,
    time: number,
    actor: {
      id: "a",
      principal: "a",
      kind: "user",
      label: "a",
      crossAccount: false,
      mfa: "unknown",
      credential: "unknown",
    },
    context: { eventSource: "ivs.amazonaws.com", credentials: {}, carrier: "eventbridge" },
    values: { operations: ["DeleteChannel"], resources: [`arn:${number}`, "arn:shared"] },
  };
}

/** Row `n` of a chain stands for the calls `n` and `n + 1`. */
const rows = fc.uniqueArray(fc.nat(400), { maxLength: 300 }).map((numbers) =>
  numbers.map((number) => ({
    row: `event-${number}`,
    calls: number % 5 === 0 ? [call(number), call(number + 1)] : [call(number)],
  })),
);

test("law: the calls of a window are a function of the set of its rows, and survive being stored", () => {
  fc.assert(
    fc.property(rows, fc.infiniteStream(fc.nat()), fc.integer({ min: 1, max: 50 }), (set, random, batch) => {
      const ids = set.map(({ row }) => row);
      const reference = withCalls(noWindowCalls, set, ids);
      const shuffled = set
        .map((one) => ({ one, at: random.next().value as number }))
        .sort((a, b) => a.at - b.at)
        .map(({ one }) => one);
      let other: WindowCalls = noWindowCalls;
      for (let start = 0; start < shuffled.length; start += batch) {
        other = withCalls(other, shuffled.slice(start, start + batch), ids);
        other = decodeWindowCalls(
          windowCallsSchema.parse(JSON.parse(JSON.stringify(encodeWindowCalls(other)))),
        );
      }
      expect(encodeWindowCalls(other)).toEqual(encodeWindowCalls(reference));
      expect([...reference.values()].flat().length).toBeLessThanOrEqual(mostWindowCalls);
    }),
    { numRuns: 100 },
  );
});

test("rows that the window let go take their calls along", () => {
  const both = withCalls(
    noWindowCalls,
    [
      { row: "a", calls: [call(1)] },
      { row: "b", calls: [call(2)] },
    ],
    ["a", "b"],
  );
  expect([...withCalls(both, [], ["b"]).keys()]).toEqual(["b"]);
  expect(withCalls(both, [{ row: "a", calls: [call(1)] }], ["a", "b"])).toBe(both);
});

test("a row of which nothing is known is a call all the same", () => {
  const known = withCalls(noWindowCalls, [{ row: "a", calls: [call(1)] }], ["a"]);
  const found = callsOfRows(known, [
    { id: "a", time: 1 },
    { id: "z", time: 9 },
  ]);
  expect(found.map(({ id, time }) => [id, time])).toEqual([
    ["event-1", 1],
    ["z", 9],
  ]);
});

test("a stored call that points nowhere is not read", () => {
  expect(
    windowCallsSchema.safeParse({ texts: ["a"], rows: [["r", null, 1, null, null, 0, [1]]] }).success,
  ).toBe(false);
});

test("a full window of one actor takes less than 24 KB", () => {
  const many = Array.from({ length: 1000 }, (_, number) => ({
    row: `event-${number}`,
    calls: [call(number)],
  }));
  const stored = encodeWindowCalls(
    withCalls(
      noWindowCalls,
      many,
      many.map(({ row }) => row),
    ),
  );
  expect(stored.rows).toHaveLength(mostWindowCalls);
  expect(JSON.stringify(stored).length).toBeLessThan(24 * 1024);
});

test("a call that two rules below counted, or a row that comes again with more calls, is all of it, in any order", () => {
  const counted = (rule: string): Call => ({ ...call(1), values: { ...call(1).values, rules: [rule] } });
  const one = { row: "a", calls: [counted("Replaced")] };
  const other = { row: "a", calls: [counted("Many deletions"), call(2)] };
  const ids = ["a"];
  const both = withCalls(withCalls(noWindowCalls, [one], ids), [other], ids);
  expect(both.get("a")).toMatchObject([
    { values: { rules: ["Many deletions", "Replaced"] } },
    { id: "event-2" },
  ]);
  expect(withCalls(withCalls(noWindowCalls, [other], ids), [one], ids)).toEqual(both);
  expect(withCalls(both, [one, other], ids)).toBe(both);
});
