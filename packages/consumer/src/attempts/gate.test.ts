import fc from "fast-check";
import { expect, test } from "vitest";
import { Gate } from "./gate.ts";

test("law: whoever is alone meets nobody, and everybody's turn comes", async () => {
  const work = fc.record({ alone: fc.boolean(), turns: fc.integer({ min: 0, max: 5 }), fails: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(work, { maxLength: 12 }), async (works) => {
      const gate = new Gate();
      let [inside, insideAlone, done] = [0, 0, 0];
      const results = works.map(({ alone, turns, fails }) =>
        gate[alone ? "alone" : "together"](async () => {
          inside += 1;
          if (alone) insideAlone += 1;
          for (let turn = 0; turn <= turns; turn += 1) {
            expect(insideAlone === 0 || inside === 1).toBe(true);
            await Promise.resolve();
          }
          inside -= 1;
          if (alone) insideAlone -= 1;
          done += 1;
          if (fails) throw new Error("as planned");
        }),
      );
      const settled = await Promise.allSettled(results);
      expect(settled.map(({ status }) => status === "rejected")).toEqual(works.map(({ fails }) => fails));
      expect(done).toBe(works.length);
    }),
  );
});
