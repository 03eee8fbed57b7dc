import fc from "fast-check";
import { expect, test } from "vitest";
import { sharesOf } from "./deadlines.ts";

test("law: whatever time is left, the parts of a batch end one after the other, and before it is up", () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 900_000, noNaN: true }), (remaining) => {
      const { callMilliseconds, workMilliseconds, closingMilliseconds, postponingMilliseconds } =
        sharesOf(remaining);
      const ends = [
        callMilliseconds,
        workMilliseconds,
        closingMilliseconds,
        postponingMilliseconds,
        remaining,
      ];
      expect(ends.toSorted((a, b) => a - b)).toEqual(ends);
      expect(new Set(ends).size).toBe(ends.length);
      expect(workMilliseconds).toBeGreaterThan(remaining * 0.59);
    }),
  );
});

test.each([0, -1, -30_000])("%d ms leave nothing to do but answer", (remaining) => {
  expect(Object.values(sharesOf(remaining))).toEqual([0, 0, 0, 0]);
});

test("of the 30 s that the deployed function has, 24 are for work, and one call may take 6", () => {
  expect(sharesOf(30_000)).toEqual({
    callMilliseconds: 6000,
    workMilliseconds: 24_000,
    closingMilliseconds: 26_000,
    postponingMilliseconds: 28_000,
  });
});
