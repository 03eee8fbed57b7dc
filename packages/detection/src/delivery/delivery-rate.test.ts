import type { Alert, AlertPolicy, AlertRecord, Severity } from "@streamwarden/alerting";
import { describe, expect, test } from "vitest";
import { sampleRecord, sampleScope } from "../testing/fixtures.ts";
import type { DeliveryMinute } from "./delivery-minute.ts";
import {
  allotDelivery,
  digestOf,
  isClosed,
  leaseDigest,
  minuteEnd,
  minuteOf,
  settleDigest,
} from "./delivery-rate.ts";

const minuteStart = 1_600_000_020_000;

interface Change {
  readonly severity?: Severity;
  readonly policy?: Partial<AlertPolicy>;
  readonly record?: Partial<AlertRecord>;
  readonly actor?: string;
}

function alert(id: string, { severity = "medium", policy, record, actor = "alice" }: Change = {}): Alert {
  const scope = sampleScope({ severity });
  const sample = sampleRecord(id);
  return {
    id,
    kind: "new",
    delivery: "direct",
    severity,
    policy: { ...scope.policy, ...policy },
    incident: {
      id: scope.id,
      count: 1,
      countIsEstimate: false,
      firstTime: sample.times.called,
      lastTime: sample.times.called,
      windowStart: scope.windowStart,
      windowEnd: scope.windowEnd,
      group: scope.group,
      eventIds: [id],
    },
    record: { ...sample, ...record, actor: { ...sample.actor, label: actor } },
    createdAt: sample.times.matched,
  };
}

function alerts(count: number, change: Change = {}, prefix = "a"): Alert[] {
  return Array.from({ length: count }, (_, index) => alert(`${prefix}${index}`, change));
}

/** Batches one after the other in one minute. */
function allot(directPerMinute: number, ...batches: readonly (readonly Alert[])[]) {
  const deliveries = new Map<string, string>();
  let document: DeliveryMinute | undefined;
  for (const batch of batches) {
    const allotment = allotDelivery(document, batch, { minuteStart, directPerMinute });
    document = allotment.document;
    for (const [id, delivery] of allotment.deliveries) deliveries.set(id, delivery);
  }
  if (document === undefined) throw new Error("there was no batch");
  const direct = [...deliveries].filter(([, delivery]) => delivery === "direct").map(([id]) => id);
  return { document, deliveries, direct };
}

/** A minute in which every alert was held back. */
function heldBack(...held: readonly Alert[]): DeliveryMinute {
  return allot(0, held).document;
}

describe("a minute", () => {
  test.each([
    ["at its start", minuteStart],
    ["within", minuteStart + 1],
    ["just before its end", minuteStart + 59_999],
  ])("is the same %s", (_, now) => {
    expect([minuteOf(now), minuteEnd(minuteOf(now))]).toEqual([minuteStart, minuteStart + 60_000]);
  });

  test.each<[DeliveryMinute["digest"], boolean]>([
    ["none", false],
    ["closed", true],
    ["sent", true],
  ])("whose digest is %s is closed: %s", (digest, closed) => {
    expect(isClosed({ ...heldBack(), digest })).toBe(closed);
  });
});

describe("which alerts reach people at once", () => {
  test.each<[severity: Severity, limit: number, direct: number]>([
    ["informational", 9, 6],
    ["low", 9, 6],
    ["medium", 9, 6],
    ["high", 9, 9],
    ["critical", 9, 9],
    ["medium", 10, 6],
    ["medium", 1, 0],
    ["high", 1, 1],
    ["critical", 0, 0],
  ])("of many %s ones under a limit of %i: %i", (severity, limit, direct) => {
    expect(allot(limit, alerts(20, { severity })).direct).toHaveLength(direct);
  });

  test("a third of the limit is left for the urgent ones after a storm of others", () => {
    const { direct } = allot(9, alerts(20), alerts(20, { severity: "high" }, "h"));
    expect(direct).toEqual(["a0", "a1", "a2", "a3", "a4", "a5", "h0", "h1", "h2"]);
  });

  test("urgent ones that came first leave less for others", () => {
    const { direct } = allot(9, alerts(5, { severity: "critical" }, "c"), alerts(20));
    expect(direct).toEqual(["c0", "c1", "c2", "c3", "c4", "a0"]);
  });

  test("the most urgent of a batch, in whichever order it has them", () => {
    const severities = ["low", "critical", "informational", "high", "medium"] as const;
    const batch = severities.map((severity) => alert(severity, { severity }));
    for (const order of [batch, batch.toReversed()])
      expect(new Set(allot(3, order).direct)).toEqual(new Set(["critical", "high"]));
    expect(new Set(allot(6, batch.toReversed()).direct)).toEqual(
      new Set(["critical", "high", "medium", "low"]),
    );
  });

  test("what was decided once stays so when the batch comes again", () => {
    const batch = alerts(8);
    const once = allot(6, batch);
    const again = allot(6, batch, batch);
    expect(again).toEqual(once);
    expect(again.deliveries.get("a3")).toBe("direct");
    expect(again.deliveries.get("a4")).toBe("digest");
  });
});

describe("what a minute keeps", () => {
  test("is nothing of alerts that reached people", () => {
    expect(allot(9, [alert("a", { record: { account: "111122223333" } })]).document).toEqual({
      minuteStart,
      direct: ["a"],
      held: [],
      actors: [],
      accounts: [],
      regions: [],
      tactics: [],
      digest: "none",
    });
  });

  test("are who, where and what of those held back, each once", () => {
    const document = heldBack(
      alert("a", {
        actor: "alice",
        record: { account: "111122223333", region: "eu-west-1" },
        policy: { tags: ["attack.persistence", "attack.t1098"] },
      }),
      alert("b", {
        actor: "bob",
        record: { account: "111122223333", region: "us-east-1" },
        policy: { tags: ["attack.persistence", "attack.impact"] },
      }),
      alert("c", { actor: "alice" }),
    );
    expect(document).toMatchObject({
      actors: ["alice", "bob"],
      accounts: ["111122223333"],
      regions: ["eu-west-1", "us-east-1"],
      tactics: ["persistence", "impact"],
    });
  });

  test("are the first of many actors, accounts and regions, over all batches", () => {
    const batch = (start: number): Alert[] =>
      Array.from({ length: 25 }, (_, index) => {
        const text = `${start + index}`;
        return alert(text, { actor: text, record: { account: text, region: text } });
      });
    const { document } = allot(0, batch(0), batch(25));
    const numbers = Array.from({ length: 30 }, (_, index) => `${index}`);
    expect(document.actors).toEqual(numbers.slice(0, 10));
    expect(document.accounts).toEqual(numbers);
    expect(document.regions).toEqual(numbers);
  });

  test("is one row for each policy and severity", () => {
    const document = heldBack(
      alert("a", { policy: { name: "keys", title: "Keys" } }),
      alert("b", { policy: { name: "keys", title: "Keys" }, severity: "high" }),
      alert("c", { policy: { name: "channels", title: "Channels" } }),
      alert("d", { policy: { name: "keys", title: "Keys" } }),
      alert("d", { policy: { name: "keys", title: "Keys" } }),
    );
    const rows = document.held.map(({ name, title, severity, alerts: ids }) => [
      name,
      title,
      severity,
      ids.length,
    ]);
    expect(rows).toEqual([
      ["keys", "Keys", "high", 1],
      ["keys", "Keys", "medium", 2],
      ["channels", "Channels", "medium", 1],
    ]);
  });

  test("sums policies beyond the fortieth up, by severity, and goes on counting the forty", () => {
    const of = (index: number, id: string, severity: Severity): Alert =>
      alert(id, { severity, policy: { name: `p${index}`, title: `Policy ${index}` } });
    const forty = Array.from({ length: 40 }, (_, index) => of(index, `first${index}`, "medium"));
    const more = [
      of(0, "again", "medium"),
      of(39, "last again", "medium"),
      of(40, "a", "medium"),
      of(41, "b", "medium"),
      of(0, "c", "low"),
    ];
    const { held } = allot(0, forty, more).document;
    expect(held).toHaveLength(42);
    expect(held.filter(({ alerts: ids }) => ids.length > 1).map(({ name }) => name)).toEqual([
      "p0",
      "p39",
      "other",
    ]);
    expect(held.slice(40).map(({ name, title, severity }) => [name, title, severity])).toEqual([
      ["other", "Other policies", "medium"],
      ["other", "Other policies", "low"],
    ]);
  });
});

describe("the digest", () => {
  test("says everything that the minute kept", () => {
    const { document } = allot(
      3,
      alerts(2, { actor: "carol" }),
      alerts(3, { actor: "mallory", record: { account: "111122223333", region: "eu-west-1" } }, "held"),
      [alert("tagged", { policy: { name: "keys", title: "Keys", tags: ["attack.impact"] } })],
    );
    expect(digestOf(document, 1_600_000_085_000)).toEqual({
      id: "digest.1600000020000",
      minuteStart,
      direct: 2,
      held: 4,
      heldIsEstimate: false,
      policies: [
        { name: "policy", title: "Policy", severity: "medium", count: 3 },
        { name: "keys", title: "Keys", severity: "medium", count: 1 },
      ],
      actors: ["mallory", "alice"],
      accounts: ["111122223333"],
      regions: ["eu-west-1"],
      tactics: ["impact"],
      createdAt: 1_600_000_085_000,
    });
  });

  test("lists the most numerous policies first, and of equal ones the most severe", () => {
    const of = (name: string, severity: Severity, count: number): Alert[] =>
      alerts(count, { severity, policy: { name } }, name);
    const digest = digestOf(
      allot(
        0,
        of("few", "medium", 1),
        of("lesser", "low", 2),
        of("worst", "critical", 2),
        of("worse", "high", 2),
        of("many", "informational", 3),
      ).document,
      0,
    );
    expect(digest?.policies.map(({ name }) => name)).toEqual(["many", "worst", "worse", "lesser", "few"]);
  });

  test.each([
    ["every alert of a policy is counted", 127, false],
    ["from 128 on their number is an estimate", 400, true],
  ])("%s", (_, count, isEstimate) => {
    const digest = digestOf(heldBack(...alerts(count), alert("b", { policy: { name: "other rule" } })), 0);
    expect(digest?.heldIsEstimate).toBe(isEstimate);
    const [most] = digest?.policies ?? [];
    expect(digest?.held).toBe((most?.count ?? 0) + 1);
    expect(Math.abs((most?.count ?? 0) - count)).toBeLessThanOrEqual(isEstimate ? count / 4 : 0);
  });

  test.each<[why: string, document: DeliveryMinute | undefined]>([
    ["a minute that nobody knows", undefined],
    ["a minute that held nothing back", allot(9, [alert("a")]).document],
    ["a minute whose digest is out", { ...heldBack(alert("a")), digest: "sent" }],
  ])("of %s does not exist", (_, document) => {
    expect(digestOf(document, 0)).toBeUndefined();
    expect(leaseDigest(document, { by: "one", until: 30_000 }, 0)).toBe(document);
  });
});

describe("the lease of a digest", () => {
  const open = heldBack(alert("a"));
  const leased: DeliveryMinute = { ...open, digest: "closed", lease: { by: "one", until: 30_000 } };
  const released: DeliveryMinute = { ...open, digest: "closed" };
  const sent: DeliveryMinute = { ...open, digest: "sent" };

  test.each<[why: string, document: DeliveryMinute, now: number, holder: string]>([
    ["a minute that is still open", open, 0, "two"],
    ["a closed one that was given back", released, 0, "two"],
    ["one that somebody else has", leased, 29_999, "one"],
    ["one whose lease lapsed", leased, 30_000, "two"],
  ])("%s", (_, document, now, holder) => {
    const lease = { by: "two", until: now + 30_000 };
    const next = leaseDigest(document, lease, now);
    expect(next?.lease?.by).toBe(holder);
    expect(next).toEqual(holder === "two" ? { ...open, digest: "closed", lease } : document);
  });

  test.each<
    [
      why: string,
      document: DeliveryMinute | undefined,
      holder: string,
      sent: boolean,
      next: DeliveryMinute | undefined,
    ]
  >([
    ["its holder published it", leased, "one", true, sent],
    ["somebody published it whose lease lapsed meanwhile", leased, "two", true, sent],
    ["its holder could not publish it", leased, "one", false, released],
    ["somebody else could not", leased, "two", false, leased],
    ["somebody could not who does not hold it any more", released, "one", false, released],
    ["the minute was forgotten", undefined, "one", true, undefined],
    ["the minute was forgotten before it could be given back", undefined, "one", false, undefined],
  ])("ends: %s", (_, document, holder, published, next) => {
    expect(settleDigest(document, holder, published)).toEqual(next);
  });
});
