import { describe, expect, test } from "vitest";
import { type Lease, leaseEntries, type OutboxEntry, settleEntries } from "./outbox.ts";

const now = 1_000;
const mine: Lease = { by: "me", until: now + 30_000 };
const due: OutboxEntry["due"] = {
  kind: "timer",
  timer: { kind: "incident-summary", incidentId: "0123456789abcdef01234567", at: 5_000 },
};

function entry(id: string, lease?: Lease): OutboxEntry {
  return { id, cause: `record of ${id}`, due, ...(lease === undefined ? {} : { lease }) };
}

const free = entry("free");
const own = entry("own", { by: "me", until: now + 1 });
const lapsed = entry("lapsed", { by: "other", until: now });
const held = entry("held", { by: "other", until: now + 1 });

function lease(outbox: readonly OutboxEntry[], causes: readonly string[] = []) {
  return leaseEntries(outbox, { lease: mine, now, causes: new Set(causes) });
}

describe("leasing an outbox", () => {
  test.each([
    ["that nobody has", free],
    ["that the holder has already", own],
    ["whose lease lapsed", lapsed],
  ])("takes an entry %s, and changes nothing but its lease", (_, taken) => {
    const { outbox, owed, elsewhere } = lease([taken], [taken.cause]);
    expect(outbox).toEqual([{ ...taken, lease: mine }]);
    expect(owed).toEqual(outbox);
    expect(elsewhere).toEqual([]);
  });

  test("leaves an entry that somebody else has; only who caused it waits for it", () => {
    expect(lease([held], ["another record"])).toEqual({ outbox: [held], owed: [], elsewhere: [] });
    expect(lease([held], [held.cause])).toEqual({ outbox: [held], owed: [], elsewhere: [held] });
  });

  test("keeps the order of entries", () => {
    const { outbox, owed } = lease([lapsed, held, free, own]);
    expect(outbox.map(({ id }) => id)).toEqual(["lapsed", "held", "free", "own"]);
    expect(owed.map(({ id }) => id)).toEqual(["lapsed", "free", "own"]);
  });

  test.each<[why: string, outbox: readonly OutboxEntry[]]>([
    ["it is empty", []],
    ["others have all of it", [held, entry("held too", held.lease)]],
  ])("gives the same outbox when %s, so that nothing is written", (_, outbox) => {
    expect(lease(outbox).outbox).toBe(outbox);
  });
});

describe("settling an outbox", () => {
  test.each<[why: string, done: readonly string[], left: readonly OutboxEntry[]]>([
    ["gives back what the holder could not do", [], [free, entry("own"), lapsed, held]],
    ["removes what the holder did", ["own"], [free, lapsed, held]],
    ["removes what was done under a lease that is another's by now", ["held"], [free, entry("own"), lapsed]],
    ["removes what was done without a lease", ["free", "own"], [lapsed, held]],
    ["removes everything", ["held", "lapsed", "own", "free"], []],
  ])("%s", (_, done, left) => {
    expect(settleEntries([free, own, lapsed, held], "me", new Set(done))).toEqual(left);
  });

  test("leaves the leases of others alone where the holder has nothing", () => {
    expect(settleEntries([free, held, lapsed], "me", new Set(["free"]))).toEqual([held, lapsed]);
  });

  test.each<[why: string, outbox: readonly OutboxEntry[]]>([
    ["it is empty", []],
    ["nothing of it is the holder's or done", [free, lapsed, held]],
  ])("gives the same outbox when %s, so that nothing is written", (_, outbox) => {
    expect(settleEntries(outbox, "me", new Set(["own"]))).toBe(outbox);
  });
});
