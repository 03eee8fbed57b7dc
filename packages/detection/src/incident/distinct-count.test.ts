import fc from "fast-check";
import { expect, test } from "vitest";
import { addDistinct, distinctCount } from "./distinct-count.ts";

function manyIds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `event-${index}`);
}

test("counts exactly below the bound", () => {
  for (const count of [0, 1, 9, 10, 1000, 1023])
    expect(distinctCount(addDistinct([], manyIds(count)).ids)).toEqual({ count, isEstimate: false });
});

test("estimates within 10% above the bound", () => {
  for (const count of [2000, 10_000, 100_000]) {
    const estimate = distinctCount(addDistinct([], manyIds(count)).ids);
    expect(estimate.isEstimate).toBe(true);
    expect(Math.abs(estimate.count - count) / count).toBeLessThan(0.1);
  }
});

test("order, repetition and batching change nothing", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string(), { maxLength: 60 }).chain((ids) =>
        fc.record({
          ids: fc.constant(ids),
          again: fc.shuffledSubarray([...ids, ...ids], {
            minLength: ids.length * 2,
            maxLength: ids.length * 2,
          }),
          cut: fc.nat(120),
        }),
      ),
      ({ ids, again, cut }) => {
        const bound = 16;
        const atOnce = addDistinct([], ids, bound).ids;
        const first = addDistinct([], again.slice(0, cut), bound).ids;
        expect(addDistinct(first, again.slice(cut), bound).ids).toEqual(atOnce);
      },
    ),
  );
});

test("the count never falls as ids are added", () => {
  let ids: readonly string[] = [];
  let last = 0;
  for (const id of manyIds(2000)) {
    ids = addDistinct(ids, [id]).ids;
    const { count } = distinctCount(ids);
    expect(count).toBeGreaterThanOrEqual(last);
    last = count;
  }
});

test("known ids are named, and adding only them returns the same set", () => {
  const { ids } = addDistinct([], ["a", "b"]);
  const again = addDistinct(ids, ["b", "a"]);
  expect(again.ids).toBe(ids);
  expect([...again.known]).toEqual(["b", "a"]);
});
