import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sampleRecord, sampleScope } from "../testing/fixtures.ts";
import { mergeIncident, type Progress, settleIncident } from "./incident.ts";
import type { IncidentDocument } from "./incident-document.ts";
import { storedEvent } from "./incident-event.ts";

function merge(
  current: IncidentDocument | undefined,
  ids: readonly string[],
  change: { by?: string; now?: number; live?: boolean; times?: (id: string) => number } = {},
): Progress {
  const now = change.now ?? 0;
  return mergeIncident(current, {
    scope: sampleScope({ live: change.live ?? true }),
    events: ids.map((id) => {
      const record = sampleRecord(id, change.times?.(id));
      return storedEvent({ id, time: record.times.called }, record);
    }),
    lease: { by: change.by ?? "batch", until: now + 30_000 },
    now,
    allowedLatenessSeconds: 900,
  });
}
function publish(progress: Progress): IncidentDocument {
  const done = new Set(progress.owed.map(({ id }) => id));
  const settled = settleIncident(progress.document, "batch", done);
  if (settled === undefined) throw new Error("the incident vanished");
  return settled;
}
/** The names of the alerts that are owed: `new`, `10` ... */
function alertNames(progress: Progress): string[] {
  return progress.owed.filter(({ due }) => due.kind === "alert").map(({ id }) => id.split(".")[1] ?? "");
}
function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `e${index}`);
}

describe("alerts of an incident", () => {
  test("the first record is owed at once, repeats merge in silence", () => {
    const first = merge(undefined, ["a"]);
    expect(alertNames(first)).toEqual(["new"]);
    const second = merge(publish(first), ["b"]);
    expect(second.owed).toEqual([]);
    expect(second.document.ids).toHaveLength(2);
  });

  test("updates come at 10, 100 and 1,000, however the records are batched", () => {
    const names = (batchSize: number): string[] => {
      let document: IncidentDocument | undefined;
      const raised: string[] = [];
      const ids = numbered(1000);
      for (let start = 0; start < ids.length; start += batchSize) {
        const progress = merge(document, ids.slice(start, start + batchSize));
        raised.push(...alertNames(progress));
        document = publish(progress);
      }
      return raised;
    };
    for (const batchSize of [1, 7, 10, 1000]) expect(names(batchSize)).toEqual(["new", "10", "100", "1000"]);
  });

  test("the same eventID counts once", () => {
    const first = publish(merge(undefined, ["a", "a"]));
    const again = merge(first, ["a"]);
    expect([...again.known]).toEqual(["a"]);
    expect(again.document).toBe(first);
  });

  test("a dry-run incident keeps everything and owes nothing; going live alerts on the next record", () => {
    const quiet = merge(undefined, numbered(20), { live: false });
    expect(quiet.owed).toEqual([]);
    expect(quiet.document.ids).toHaveLength(20);
    expect(alertNames(merge(quiet.document, ["later"]))).toEqual(["new", "10"]);
  });
});

describe("what an incident keeps of its records", () => {
  const times = (id: string): number => 1_600_000_000_000 + Number(id.slice(1)) * 1000;

  test.each([
    ["in order", numbered(8)],
    ["backwards", numbered(8).toReversed()],
    ["twice", [...numbered(8), ...numbered(8)]],
  ])("is the earliest five whole, by time, when they come %s", (_, ids) => {
    let document: IncidentDocument | undefined;
    for (const id of ids) document = publish(merge(document, [id], { times }));
    expect(document?.samples.map(({ eventId }) => eventId)).toEqual(["e0", "e1", "e2", "e3", "e4"]);
  });

  test("of one moment, those with the lowest eventIDs", () => {
    const { document } = merge(undefined, ["g", "c", "a", "f", "b", "e", "d"]);
    expect(document.samples.map(({ eventId }) => eventId)).toEqual(["a", "b", "c", "d", "e"]);
  });
});

describe("the outbox", () => {
  test("while one batch publishes, another neither publishes nor waits for what it did not cause", () => {
    const first = merge(undefined, ["a"], { by: "one" });
    const other = merge(first.document, ["b"], { by: "two" });
    expect(other.owed).toEqual([]);
    expect(other.elsewhere).toEqual([]);
  });

  test("a redelivered cause waits for the batch that publishes it", () => {
    const first = merge(undefined, ["a"], { by: "one" });
    const again = merge(first.document, ["a"], { by: "two" });
    expect(again.owed).toEqual([]);
    expect(again.elsewhere.map(({ id }) => id)).toContain("0123456789abcdef01234567.new");
  });

  test("after a crash the lease lapses and the alert is published by whoever comes, under the same id and text", () => {
    const crashed = merge(undefined, ["a"], { by: "one" });
    const rescue = merge(crashed.document, ["a"], { by: "two", now: 30_001 });
    expect(rescue.owed.map(({ due }) => due)).toEqual(crashed.owed.map(({ due }) => due));
  });

  test("a released lease is free at once", () => {
    const failed = merge(undefined, ["a"], { by: "one" });
    const released = settleIncident(failed.document, "one", new Set());
    expect(alertNames(merge(released, ["a"], { by: "two" }))).toEqual(["new"]);
  });

  test("confirming and releasing what is not there changes nothing", () => {
    const document = publish(merge(undefined, ["a"]));
    expect(settleIncident(document, "nobody", new Set(["x"]))).toBe(document);
    expect(settleIncident(undefined, "nobody", new Set(["x"]))).toBeUndefined();
  });
});

test("law: order, repetition and batching of records do not show in the incident or its alert ids", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(500), { minLength: 1, maxLength: 40 }),
      fc.infiniteStream(fc.nat(1000)),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
      (numbers, randomness, sizes) => {
        const ids = numbers.map((value) => `e${value}`);
        const times = (id: string): number => 1_600_000_000_000 + (Number(id.slice(1)) % 60) * 1000;
        const run = (order: readonly string[], batchSizes: readonly number[]): unknown => {
          let document: IncidentDocument | undefined;
          const alertIds = new Set<string>();
          for (let start = 0, batch = 0; start < order.length; batch += 1) {
            const size = batchSizes[batch % batchSizes.length] ?? 1;
            const progress = merge(document, order.slice(start, start + size), { times });
            for (const name of alertNames(progress)) alertIds.add(name);
            document = publish(progress);
            start += size;
          }
          return {
            document: { ...document, raised: [...(document?.raised ?? [])].sort() },
            alertIds: [...alertIds].sort(),
          };
        };
        const shuffled = [...ids, ...ids]
          .map((id) => ({ id, at: randomness.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ id }) => id);
        expect(run(shuffled, sizes)).toEqual(run(ids, [ids.length]));
      },
    ),
  );
});
