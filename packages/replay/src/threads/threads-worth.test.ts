import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { threadsWorth } from "./threads-worth.ts";

const megabyte = 1_000_000;

describe("how many threads the rest of a reading is worth", () => {
  test.each([
    ["nothing was read yet", { seconds: 0, readBytes: 0, totalBytes: 9000 }, 8, 1],
    ["the first thread is not yet warm", { seconds: 0.9, readBytes: 1, totalBytes: 9000 }, 8, 1],
    ["three seconds are left", { seconds: 1, readBytes: 10, totalBytes: 40 }, 8, 1],
    ["four seconds are left", { seconds: 1, readBytes: 10, totalBytes: 50 }, 8, 2],
    ["ten seconds are left", { seconds: 2, readBytes: 10, totalBytes: 60 }, 8, 5],
    ["a minute is left", { seconds: 1, readBytes: 10, totalBytes: 610 }, 8, 8],
    ["a minute is left to two processors", { seconds: 1, readBytes: 10, totalBytes: 610 }, 2, 2],
    ["a minute is left to one", { seconds: 1, readBytes: 10, totalBytes: 610 }, 1, 1],
    ["policies are cheap", { seconds: 1, readBytes: 100 * megabyte, totalBytes: 400 * megabyte }, 2, 1],
    ["policies are dear", { seconds: 10, readBytes: 100 * megabyte, totalBytes: 400 * megabyte }, 2, 2],
    ["everything was read", { seconds: 99, readBytes: 50, totalBytes: 50 }, 8, 1],
    ["files grew while they were read", { seconds: 99, readBytes: 60, totalBytes: 50 }, 8, 1],
  ])("%s", (_, measured, most, threads) => {
    expect(threadsWorth(measured, most)).toBe(threads);
  });

  test("at least one, at most as many as may be, and none with less than two seconds to do", () => {
    const positive = fc.integer({ min: 0, max: 1e6 });
    fc.assert(
      fc.property(
        positive,
        positive,
        positive,
        fc.integer({ min: 1, max: 64 }),
        (seconds, read, more, most) => {
          const threads = threadsWorth({ seconds, readBytes: read, totalBytes: read + more }, most);
          expect(threads).toBeGreaterThanOrEqual(1);
          expect(threads).toBeLessThanOrEqual(most);
          if (threads > 1) expect((seconds * more) / read / threads).toBeGreaterThanOrEqual(2 - 1e-9);
        },
      ),
    );
  });
});
