import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { PolicyMatch } from "./result/replay-result.ts";
import { file, lines, type Ran, record, run, useFolder, write } from "./testing/trail-folder.ts";

useFolder();

describe("a replay", () => {
  const fill = (): void => {
    for (let index = 0; index < 30; index++) {
      const names = ["CreateChannel", "GetChannel", "DeleteChannel", "ListChannels"];
      const records = Array.from({ length: 40 }, (_, place) =>
        record(names[(index + place) % names.length] ?? "", place === 7 ? { eventTime: "x" } : {}),
      );
      write(
        `trail/${index % 3}/${index}.json${index % 2 === 0 ? "" : ".gz"}`,
        index % 2 === 0 ? lines(...records) : gzipSync(file(...records)),
      );
    }
    write("trail/1/cut.json", '{"Records":[{"a":');
  };
  const comparable = ({ result, matches }: Ran): unknown => ({ ...result, seconds: 0, matches });

  test("neither the number of threads nor the pre-filter changes a result", async () => {
    fill();
    const expected = comparable(await run({ jobs: 1, preFilter: false }));
    expect(comparable(await run({ jobs: 1 }))).toEqual(expected);
    expect(comparable(await run({ jobs: 2 }))).toEqual(expected);
  });

  test("a slow reader of matches is waited for, and the order stays", async () => {
    fill();
    const expected = (await run({ jobs: 1 })).matches;
    const matches: PolicyMatch[] = [];
    await run({
      jobs: 2,
      onMatches: async (found) => {
        await new Promise(setImmediate);
        matches.push(...found);
      },
    });
    expect(matches).toEqual(expected);
  });

  describe("of one large file", () => {
    /** More than several threads have in hand at once. */
    const fillOne = (): void => {
      const names = ["CreateChannel", "GetChannel", "ListChannels"];
      const parts = { userAgent: "x".repeat(4000) };
      const records = Array.from({ length: 6000 }, (_, place) => record(names[place % 3] ?? "", parts));
      write("trail/large.json", lines(...records));
    };

    test("gives the same on several threads", async () => {
      fillOne();
      const expected = await run({ jobs: 1 });
      expect(expected.matches).toHaveLength(2000);
      expect(comparable(await run({ jobs: 3 }))).toEqual(comparable(expected));
    });

    test("stops where it is interrupted", async () => {
      fillOne();
      const interruption = new AbortController();
      const { result } = await run({
        jobs: 2,
        signal: interruption.signal,
        onMatches: () => interruption.abort(),
      });
      expect(result).toMatchObject({ interrupted: true, files: { interrupted: 1 } });
      expect(result.records).toBeGreaterThan(0);
      expect(result.records).toBeLessThan(6000);
    });
  });

  test.each([1, 2])("with %i threads, what was done before an interruption is the result", async (jobs) => {
    fill();
    const interruption = new AbortController();
    const { result } = await run({
      jobs,
      signal: interruption.signal,
      onMatches: () => interruption.abort(),
    });
    expect(result.interrupted).toBe(true);
    expect(result.files.interrupted).toBeGreaterThan(0);
    const { read, damaged, skipped, interrupted } = result.files;
    expect(read + damaged + skipped + interrupted).toBe(31);
  });
});
