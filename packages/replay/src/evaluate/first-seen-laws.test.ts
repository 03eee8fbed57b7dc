import { rmSync } from "node:fs";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { type Call, folder, load, run, told } from "../testing/first-seen.ts";

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the definition says, over all records at once. */
function byDefinition(calls: readonly Call[], within: number, learn: number): string[] {
  const earliest = new Map<string, number>();
  for (const { account = "1", at } of calls)
    earliest.set(account, Math.min(earliest.get(account) ?? Number.POSITIVE_INFINITY, at));
  const isNew = ({ account, user, at }: Call): boolean =>
    at >= (earliest.get(account ?? "1") ?? 0) + learn &&
    !calls.some(
      (other) => other.account === account && other.user === user && other.at < at && other.at >= at - within,
    );
  return [...new Set(calls.filter(isNew).map(({ id }) => id))].sort();
}

const calls = fc
  .array(
    fc.record({
      at: fc.integer({ min: 0, max: 400 }),
      user: fc.constantFrom("u", "v"),
      account: fc.constantFrom("1", "2"),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((all) => all.map((call, index): Call => ({ ...call, id: `e${index}` })));

describe("law", () => {
  const policies = load("law", "{ of: [actor.id], within: 20h, learn: 30h }");

  test("order, repetition and the split into files tell what the definition says", async () => {
    await fc.assert(
      fc.asyncProperty(
        calls,
        fc.array(fc.nat(), { maxLength: 60 }),
        fc.array(fc.nat(3), { minLength: 120, maxLength: 120 }),
        async (all, again, places) => {
          const repeated = again.map((index) => all[index % all.length]).filter((call) => call !== undefined);
          const files: Call[][] = [[], [], [], []];
          for (const [index, call] of [...repeated, ...all].entries()) files[places[index] ?? 0]?.push(call);
          expect(told(await run(policies, files))).toEqual(byDefinition(all, 20, 30));
        },
      ),
      { numRuns: 150 },
    );
  });

  test("so do several threads", async () => {
    await fc.assert(
      fc.asyncProperty(fc.tuple(calls, calls, calls), async (parts) => {
        const all = parts.flat().map((call, index): Call => ({ ...call, id: `e${index}` }));
        const files = [0, 1, 2].map((place) => all.filter((_call, index) => index % 3 === place));
        const several = await run(policies, files, 3);
        expect(told(several)).toEqual(byDefinition(all, 20, 30));
        const one = await run(policies, files);
        expect({ ...several.result, seconds: 0 }).toEqual({ ...one.result, seconds: 0 });
        expect(several.matches).toEqual(one.matches);
      }),
      { numRuns: 3 },
    );
  });
});
