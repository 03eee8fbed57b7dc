import { describe, expect, test } from "vitest";
import { type FaultWorld, startFaultWorld } from "../support/fault-world.ts";
import { drain, eventually, sendAll } from "../support/queues.ts";
import { createChannel } from "../support/records.ts";
import type { Simulation } from "../support/simulation.ts";
import { passTime, runStorm, stormStart } from "../support/storm.ts";

const directPerMinute = 30;
const minute = 60_000;
const isLong = process.env.STREAMWARDEN_LONG_TESTS === "1";

describe("100,000 matching records of 1,000 actors in one minute, through four consumers", () => {
  const records = 100_000;
  const actors = 1000;
  let storm: Simulation;

  test("nothing is lost: every incident is in the state, with its exact count, and nothing is owed", async () => {
    storm = await runStorm({ records, actors, consumers: 4, directPerMinute });
    const incidents = storm.incidents();
    expect(incidents).toHaveLength(actors);
    expect(new Set(incidents.map(({ ids }) => ids.length))).toEqual(new Set([records / actors]));
    expect(incidents.flatMap(({ outbox }) => outbox)).toEqual([]);
    const { messages, records: seen } = storm.total();
    expect(messages.processed).toBe(records);
    expect(seen.seen).toBe(records);
    const due = incidents.flatMap(({ id }) => ["new", "10", "100"].map((level) => `${id}.${level}`));
    expect(storm.published.map(({ alert }) => alert.id).sort()).toEqual(due.sort());
  });

  test("people get at most the limit, machines get everything", () => {
    const direct = storm.published.filter(({ alert }) => alert.delivery === "direct");
    expect(direct).toHaveLength(directPerMinute);
    expect(storm.published.length).toBe(actors * 3);
  });

  test("one digest tells how much was held back", async () => {
    await passTime(storm, stormStart + 2 * minute);
    expect(storm.digests).toHaveLength(1);
    const [digest] = storm.digests;
    expect(digest).toMatchObject({
      id: `digest.${stormStart}`,
      direct: directPerMinute,
      heldIsEstimate: true,
      policies: [{ name: "channel-created", severity: "high" }],
    });
    const held = actors * 3 - directPerMinute;
    expect(Math.abs((digest?.held ?? 0) - held) / held, "the estimate's error").toBeLessThan(0.2);
  });

  test("the summaries at the end of the window stay under the limit too, minute by minute", async () => {
    const before = storm.published.length;
    await passTime(storm, stormStart + 2 * 60 * minute);
    const summaries = storm.published.slice(before);
    expect(summaries).toHaveLength(actors);
    expect(new Set(summaries.map(({ alert }) => alert.kind))).toEqual(new Set(["summary"]));
    const direct = summaries.filter(({ alert }) => alert.delivery === "direct");
    const byMinute = Map.groupBy(direct, ({ at }) => Math.floor(at / minute));
    for (const alerts of byMinute.values()) expect(alerts.length).toBeLessThanOrEqual(directPerMinute);
    expect(storm.digests.length, "held summaries are told").toBeGreaterThan(1);
  });

  test("what is kept is bounded: no document comes near DynamoDB's 400 KB", () => {
    const sizes = storm.stateDocuments().map(({ document }) => JSON.stringify(document).length);
    expect(Math.max(...sizes)).toBeLessThan(100_000);
  });
});

test("a few alerts in a minute are counted exactly in the digest", async () => {
  const storm = await runStorm({ records: 120, actors: 60, consumers: 3, directPerMinute });
  await passTime(storm, stormStart + 2 * minute);
  expect(storm.digests).toEqual([
    expect.objectContaining({ direct: directPerMinute, held: 60 - directPerMinute, heldIsEstimate: false }),
  ]);
});

describe("over the wire, with two consumers", () => {
  interface Delivered {
    readonly id: string;
    readonly delivery: string;
  }

  const delivered = async (world: FaultWorld): Promise<Delivered[]> =>
    (await drain(world.sqs, world.inbox)).map(({ Body = "", MessageAttributes }) => ({
      id: String(JSON.parse(Body).metadata.uid),
      delivery: MessageAttributes?.delivery?.StringValue ?? "",
    }));

  test("3,000 records of 750 actors: the minutes of all consumers together keep the limit", async () => {
    const world = await startFaultWorld({ visibilityTimeoutSeconds: 20 });
    try {
      await world.scale(2);
      const actors = 750;
      const one = (index: number) =>
        createChannel({ eventID: `wire-${index}`, user: `wire-${index % actors}` });
      // Trail files of ten records each.
      const bodies = Array.from({ length: 300 }, (_, file) =>
        JSON.stringify({ Records: Array.from({ length: 10 }, (__, index) => one(file * 10 + index)) }),
      );
      await sendAll(world.sqs, world.aws.resources.queueUrl, bodies);
      await world.idle(120);

      const incidents = await world.incidents("wire-");
      expect(incidents).toHaveLength(actors);
      expect(new Set(incidents.map(({ ids }) => ids.length))).toEqual(new Set([3000 / actors]));
      const alerts = (await delivered(world)).filter(({ id }) => !id.startsWith("digest."));
      expect(alerts.map(({ id }) => id).sort()).toEqual(incidents.map(({ id }) => `${id}.new`).sort());

      const minutes = (await world.store.list("delivery#")).map(
        ({ document }) =>
          document as { readonly direct: readonly string[]; readonly held: readonly unknown[] },
      );
      expect(minutes.length).toBeGreaterThan(0);
      for (const { direct } of minutes) expect(direct.length).toBeLessThanOrEqual(directPerMinute);
      const direct = alerts.filter(({ delivery }) => delivery === "direct").map(({ id }) => id);
      expect(direct.sort()).toEqual(minutes.flatMap((one) => one.direct).sort());
      expect(alerts.length - direct.length, "held back").toBeGreaterThan(actors - 30 * minutes.length - 1);
      if (!isLong) {
        process.stdout.write("STREAMWARDEN_LONG_TESTS=1 also waits a minute for the storm's digest.\n");
        return;
      }
      const digests = new Map<string, number>();
      const held = minutes.filter((one) => one.held.length > 0).length;
      await eventually(
        "every digest is there",
        async () => {
          for (const { id } of await delivered(world)) digests.set(id, (digests.get(id) ?? 0) + 1);
          return digests.size === held;
        },
        90,
      );
      expect([...digests.values()]).toEqual(Array.from({ length: held }, () => 1));
    } finally {
      await world.close();
    }
  });
});
