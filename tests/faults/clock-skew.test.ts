import type { Message } from "@streamwarden/detection";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createChannel } from "../support/records.ts";
import { type Simulation, simulate } from "../support/simulation.ts";
import { passTime } from "../support/storm.ts";

/**
 * The consumer takes its time from the machine and offers no way to change it, so clocks that disagree are played at
 * the level of the pipeline: consumers with their own clocks share the state, the queue and the topic.
 */
const start = Date.parse("2026-01-01T02:00:00Z");
const leaseSeconds = 30;
const users = 6;
const recordsEach = 12;
/** Longest that two clocks disagree in the strict law: below it a claim is always respected. */
const toleratedSeconds = leaseSeconds - 5;

interface World {
  readonly skews: readonly number[];
  readonly seed: number;
  readonly batchSize: number;
}

function world(largestSkewSeconds: number): fc.Arbitrary<World> {
  return fc.record({
    skews: fc.array(fc.integer({ min: 0, max: largestSkewSeconds * 1000 }), { minLength: 2, maxLength: 4 }),
    seed: fc.nat(),
    batchSize: fc.integer({ min: 1, max: 10 }),
  });
}

/** Every record twice, in a random order, through all consumers side by side until the queue is empty. */
async function run({ skews, seed, batchSize }: World): Promise<Simulation> {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  // Publishing takes several turns, so that others can come between claim and mark.
  const turns = async (): Promise<void> => {
    for (let turn = Math.floor(random() * 8); turn > 0; turn -= 1) await Promise.resolve();
  };
  const simulation = simulate({
    start,
    skews,
    leaseSeconds,
    directPerMinute: 1_000_000,
    beforePublish: turns,
  });
  const bodies = Array.from({ length: users * recordsEach }, (_, index) =>
    JSON.stringify(
      createChannel({ eventID: `e${index}`, user: `u${index % users}`, eventTime: "2026-01-01T01:30:00Z" }),
    ),
  );
  let waiting: Message[] = [...bodies, ...bodies]
    .map((body, index) => ({ message: { id: `m${index}`, body, receivedAt: start }, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ message }) => message);
  for (let turn = 0; waiting.length > 0; turn += 1) {
    if (turn > 2000) throw new Error("The queue never empties.");
    simulation.now += 1000;
    const batches = skews.map(() => waiting.splice(0, batchSize));
    const returned = await Promise.all(batches.map((batch, index) => simulation.process(index, batch)));
    waiting = [...waiting, ...returned.flat()];
  }
  return simulation;
}

function expectNothingMissing(simulation: Simulation): { ids: string[]; due: string[] } {
  const incidents = simulation.incidents();
  expect(incidents).toHaveLength(users);
  expect(new Set(incidents.map(({ ids }) => ids.length))).toEqual(new Set([recordsEach]));
  expect(incidents.flatMap(({ outbox }) => outbox)).toEqual([]);
  const due = incidents.flatMap(({ id }) => [`${id}.new`, `${id}.10`]).sort();
  const ids = simulation.published.map(({ alert }) => alert.id).sort();
  expect([...new Set(ids)]).toEqual(due);
  return { ids, due };
}

describe("law: clocks that disagree", () => {
  test("by less than a claim lasts lose nothing and repeat nothing", async () => {
    await fc.assert(
      fc.asyncProperty(world(toleratedSeconds), async (one) => {
        const { ids, due } = expectNothingMissing(await run(one));
        expect(ids).toEqual(due);
      }),
      { numRuns: 40 },
    );
  });

  test("by up to an hour lose nothing; what is repeated has the same id", async () => {
    await fc.assert(
      fc.asyncProperty(world(3600), async (one) => {
        expectNothingMissing(await run(one));
      }),
      { numRuns: 40 },
    );
  });

  test("sum every incident up once, whoever is woken", async () => {
    await fc.assert(
      fc.asyncProperty(world(toleratedSeconds), async (one) => {
        const simulation = await run(one);
        const before = simulation.published.length;
        await passTime(simulation, start + 4 * 3_600_000);
        const summaries = simulation.published.slice(before).map(({ alert }) => alert.id);
        expect(summaries.sort()).toEqual(
          simulation
            .incidents()
            .map(({ id }) => `${id}.summary`)
            .sort(),
        );
      }),
      { numRuns: 20 },
    );
  });
});
