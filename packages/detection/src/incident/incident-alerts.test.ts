import type { RelatedIncident, Severity } from "@streamwarden/alerting";
import { describe, expect, test } from "vitest";
import { sampleRecord, sampleScope } from "../testing/fixtures.ts";
import {
  alertsOf,
  firing,
  match,
  matches,
  merge,
  minute,
  namesOf,
  publish,
  published,
  start,
  timersOf,
} from "../testing/incidents.ts";
import { describeIncident, incidentId, summariseIncident } from "./incident.ts";
import type { IncidentDocument } from "./incident-document.ts";
import type { IncidentEvent } from "./incident-event.ts";

const { id: incident, policy, windowEnd } = sampleScope();

describe("the id of an incident", () => {
  const group = [{ field: "actor.id", value: "alice" }];
  const same = incidentId("p", group, 0);

  test("is 24 hexadecimal digits of policy, group and window", () => {
    expect(same).toMatch(/^[0-9a-f]{24}$/);
    expect(incidentId("p", [{ field: "actor.id", value: "alice" }], 0)).toBe(same);
  });

  test.each([
    ["policy", incidentId("q", group, 0)],
    ["window", incidentId("p", group, 1)],
    ["value", incidentId("p", [{ field: "actor.id", value: "bob" }], 0)],
    ["field", incidentId("p", [{ field: "sourceIPAddress", value: "alice" }], 0)],
    ["group", incidentId("p", [], 0)],
  ])("is another for another %s", (_, other) => {
    expect(other).not.toBe(same);
  });
});

describe("the first alert", () => {
  test("is what the incident is: who, what, when, how much", () => {
    const { document, owed } = merge(undefined, [match("b", 5), match("a")]);
    const [alert] = alertsOf({ owed });
    expect(alert).toMatchObject({
      id: `${incident}.new`,
      kind: "new",
      delivery: "direct",
      severity: "high",
      policy,
      record: { eventId: "a" },
      createdAt: start + minute,
      publishedAt: start + minute,
      incident: {
        id: incident,
        count: 2,
        countIsEstimate: false,
        firstTime: start,
        lastTime: start + 5000,
        windowStart: sampleScope().windowStart,
        windowEnd,
        group: sampleScope().group,
        eventIds: ["a", "b"],
      },
    });
    expect(alert?.incident).toEqual(describeIncident(document));
    expect(alert).not.toHaveProperty("news");
    expect(owed[0]).toMatchObject({ id: `${incident}.new`, cause: "a", lease: { by: "batch" } });
    expect(document).toMatchObject({ policyId: policy.id, policyName: policy.name, raised: ["new"] });
  });

  test("tells of other incidents of the actor where there are any", () => {
    const related = [{ id: "other", policy: "Other", severity: "low", since: start }] as const;
    const first = (others?: readonly RelatedIncident[]) =>
      alertsOf(merge(undefined, [match("a")], others === undefined ? {} : { related: others }))[0]?.incident;
    expect(first(related)?.related).toEqual(related);
    expect(first([])).not.toHaveProperty("related");
    expect(first()).not.toHaveProperty("related");
  });

  test.each([
    ["the window's end", start + minute, windowEnd],
    ["now, for a window long past", windowEnd + minute, windowEnd + minute],
  ])("schedules the summary once, lateness after %s", (_, now, from) => {
    const first = merge(undefined, [match("a")], { now });
    expect(timersOf(first)).toEqual([{ kind: "incident-summary", incidentId: incident, at: from + 900_000 }]);
    expect(first.owed.map(({ id }) => id)).toEqual([`${incident}.new`, `${incident}.wake-up`]);
    expect(timersOf(merge(publish(first), matches(20), { now }))).toEqual([]);
  });
});

describe("later alerts", () => {
  test("of a power of ten are updates with the latest call", () => {
    const first = published(matches(1));
    const [update, ...others] = alertsOf(merge(first, matches(12), { now: start + 2 * minute }));
    expect(others).toEqual([]);
    expect(update).toMatchObject({
      id: `${incident}.10`,
      kind: "update",
      record: { eventId: "e0011" },
      createdAt: start + 2 * minute,
      incident: { count: 12 },
    });
  });

  test.each<[before: Severity, after: Severity, names: readonly string[], severity: Severity]>([
    ["low", "high", ["severity-high"], "high"],
    ["high", "critical", ["severity-critical"], "critical"],
    ["high", "high", [], "high"],
    ["high", "low", [], "high"],
  ])("from %s to %s severity: %j", (before, after, names, severity) => {
    const progress = merge(published([match("a")], { severity: before }), [match("b", 1)], {
      severity: after,
    });
    expect(namesOf(progress)).toEqual(names);
    expect(progress.document.severity).toBe(severity);
    const again = merge(publish(progress), [match("c", 2)], { severity: after });
    expect(namesOf(again)).toEqual([]);
  });

  test("are none when nothing is new", () => {
    const document = published(matches(3));
    for (const again of [merge(document, matches(3)), merge(document, [])]) {
      expect(again).toMatchObject({ owed: [], elsewhere: [] });
      expect(again.document).toBe(document);
    }
    expect([...merge(document, matches(4)).known]).toEqual(["e0000", "e0001", "e0002"]);
  });

  test("of a dry run are none, whatever happens", () => {
    const progress = merge(undefined, matches(12), { live: false });
    expect(progress.owed).toEqual([]);
    expect(progress.document).toMatchObject({ raised: [], outbox: [] });
    expect(merge(progress.document, [match("z", 60)], { live: false, severity: "critical" }).owed).toEqual(
      [],
    );
  });

  test("come with an earlier call as well, and it becomes the first", () => {
    const { document } = merge(published([match("b", 5)]), [match("a", 1)]);
    expect([document.firstTime, document.lastTime]).toEqual([start + 1000, start + 5000]);
    expect(document.samples.map(({ eventId }) => eventId)).toEqual(["a", "b"]);
  });
});

describe("news", () => {
  const from = (id: string, seconds: number, sourceIp: string): IncidentEvent =>
    match(id, seconds, { sourceIp });

  test("is an alert that says what is new, with the call that brought it", () => {
    const first = published([from("a", 0, "192.0.2.1")]);
    const progress = merge(first, [
      from("b", 1, "192.0.2.2"),
      from("c", 2, "198.51.100.1"),
      from("d", 3, "198.51.100.2"),
    ]);
    const [alert, ...others] = alertsOf(progress);
    expect(others).toEqual([]);
    expect(alert).toMatchObject({
      kind: "update",
      record: { eventId: "c" },
      news: [{ facet: "networks", value: "198.51.100.0/24" }],
      incident: { count: 4 },
    });
    expect(alert?.id).toMatch(/\.news-[0-9a-f]{12}$/);
    expect(progress.document.raised).toEqual(["new", alert?.id.slice(incident.length + 1)]);
  });

  test("has one name, whoever brings it, and another for other news", () => {
    const first = published([from("a", 0, "192.0.2.1")]);
    const name = (event: IncidentEvent): string | undefined => namesOf(merge(first, [event]))[0];
    expect(name(from("b", 1, "198.51.100.1"))).toBe(name(from("c", 2, "198.51.100.7")));
    expect(name(from("b", 1, "203.0.113.1"))).not.toBe(name(from("c", 2, "198.51.100.7")));
  });

  test("is none in the first alert, nor the second time", () => {
    const first = merge(undefined, [from("a", 0, "192.0.2.1"), from("b", 1, "198.51.100.1")]);
    expect(namesOf(first)).toEqual(["new"]);
    expect(namesOf(merge(publish(first), [from("c", 2, "198.51.100.9")]))).toEqual([]);
  });

  test("makes eight alerts at most in one incident, and is listed beyond", () => {
    let document = published([from("a", 0, "192.0.2.1")]);
    const raised: number[] = [];
    for (let index = 1; index <= 8; index += 1) {
      const progress = merge(document, [from(`b${index}`, index, `198.51.${index}.1`)]);
      raised.push(...alertsOf(progress).map((alert) => alert.incident.newsRaised ?? 0));
      document = publish(progress);
    }
    expect(raised).toEqual([0, 0, 0, 0, 0, 0, 0, 8]);
    const ninth = merge(document, [from("z", 9, "203.0.113.1")]);
    expect(namesOf(ninth)).toEqual(["10"]);
    const networks = describeIncident(ninth.document).calls?.networks?.values.map(({ value }) => value);
    expect(networks).toContain("203.0.113.0/24");
  });
});

describe("an incident of a correlation", () => {
  const calls = ["a", "b", "c"].map((id, index) => sampleRecord(id, start + index * 1000));
  const more = ["a", "b", "c", "d"].map((id, index) => sampleRecord(id, start + index * 1000));

  test("begins with the call that completed it, and counts the calls behind it", () => {
    const progress = merge(undefined, [firing("c", calls)]);
    expect(alertsOf(progress)[0]).toMatchObject({
      kind: "new",
      record: { eventId: "c" },
      incident: {
        count: 3,
        firstTime: start,
        lastTime: start + 2000,
        eventIds: ["a", "b", "c"],
        fired: { at: start + 2000, when: "3 or more calls" },
      },
    });
    expect(progress.owed[0]?.cause).toBe("cause of c");
    expect(progress.document.fired).toMatchObject({ id: "c", needs: 3, record: { eventId: "c" } });
    expect(progress.document.fired?.firings).toHaveLength(1);
  });

  test("begins with its first call where the one that completed it is not known whole", () => {
    const partly = { ...firing("c", calls), recordOf: firing("a", calls.slice(0, 1)).recordOf };
    const progress = merge(undefined, [partly]);
    expect(alertsOf(progress)[0]?.record.eventId).toBe("a");
    expect(progress.document.fired).not.toHaveProperty("record");
  });

  test("is silent while no call is known whole", () => {
    const unknown = { ...firing("c", calls), recordOf: () => undefined };
    const progress = merge(undefined, [unknown]);
    expect(progress.owed).toEqual([]);
    expect(progress.document.ids).toHaveLength(3);
  });

  test("has no updates at powers of ten that it takes anyway", () => {
    const twenty = Array.from({ length: 20 }, (_, index) => sampleRecord(`e${index}`, start + index * 1000));
    const names = (needs: number): string[] => namesOf(merge(undefined, [firing("e19", twenty, { needs })]));
    expect(names(3)).toEqual(["new", "10"]);
    expect(names(9)).toEqual(["new", "10"]);
    expect(names(10)).toEqual(["new"]);
    expect(names(20)).toEqual(["new"]);
  });

  test.each<[why: string, batches: readonly (readonly IncidentEvent[])[]]>([
    ["in order", [[firing("c", calls)], [firing("d", more)]]],
    ["backwards", [[firing("d", more)], [firing("c", calls)]]],
    ["in one batch", [[firing("d", more), firing("c", calls)]]],
    ["twice", [[firing("c", calls), firing("c", calls)], [firing("d", more)], [firing("c", calls)]]],
  ])("remembers its earliest firing and that there was another, when they come %s", (_, batches) => {
    let document: IncidentDocument | undefined;
    for (const batch of batches) document = publish(merge(document, batch));
    expect(document?.fired).toMatchObject({ id: "c", at: start + 2000, record: { eventId: "c" } });
    expect(document?.fired?.firings).toHaveLength(2);
  });

  test("remembers the same of many firings of one moment, in any order", () => {
    const all = ["e", "d", "c", "f", "a", "b"].map((id) => firing(id, [sampleRecord(id, start)]));
    const remembered = (events: readonly IncidentEvent[]) => {
      let document: IncidentDocument | undefined;
      for (const event of events) document = publish(merge(document, [event]));
      return document?.fired;
    };
    expect(remembered(all)?.id).toBe("a");
    expect(remembered(all.toReversed())).toEqual(remembered(all));
    expect(published(all).fired).toEqual(remembered(all));
  });

  test("is unchanged by firings that are known, or beyond the second", () => {
    const both = published([firing("c", calls), firing("d", more)]);
    expect(merge(both, [firing("c", calls)]).document).toBe(both);
    const after = merge(both, [firing("b", more)]).document.fired?.firings;
    expect(after).toHaveLength(2);
    expect(merge(both, [match("a")]).document.fired).toBe(both.fired);
  });
});

describe("the summary", () => {
  const lease = { by: "batch", until: windowEnd + 30_000 };
  const now = windowEnd;
  const summarise = (current: IncidentDocument | undefined) =>
    summariseIncident(current, { policy, lease, now });

  test("tells the whole incident once, with its first call", () => {
    const document = published(matches(3));
    const summary = summarise(document);
    expect(alertsOf(summary)).toEqual([
      expect.objectContaining({
        id: `${incident}.summary`,
        kind: "summary",
        policy,
        record: expect.objectContaining({ eventId: "e0000" }),
        incident: describeIncident(document),
        createdAt: now,
        publishedAt: now,
      }),
    ]);
    expect(summary.document?.raised).toEqual(["new", "summary"]);
    expect(summary.owed[0]?.cause).toBe("e0000");
    if (summary.document === undefined) throw new Error("the incident vanished");
    const again = summarise(publish({ document: summary.document, owed: summary.owed }));
    expect(again.owed).toEqual([]);
  });

  const calls = ["a", "b", "c"].map((id, index) => sampleRecord(id, start + index * 1000));

  test.each<[why: string, document: IncidentDocument | undefined]>([
    ["nobody remembers the incident", undefined],
    ["the first alert told it all", published([match("a")])],
    ["it was a dry run", published(matches(3), { live: false })],
    [
      "no call is known whole",
      merge(undefined, [{ ...firing("c", calls), recordOf: () => undefined }]).document,
    ],
    ["a correlation fired once, however many calls that took", published([firing("c", calls)])],
  ])("is none when %s", (_, document) => {
    expect(summarise(document)).toEqual({ document, outbox: [], owed: [], elsewhere: [] });
    expect(summarise(document).document).toBe(document);
  });

  test("comes when a correlation fired twice", () => {
    const more = [...calls, sampleRecord("d", start + 3000)];
    const document = published([firing("c", calls), firing("d", more)]);
    expect(namesOf(summarise(document))).toEqual(["summary"]);
  });

  test("takes along what is still owed, and waits for what somebody else has", () => {
    const first = merge(undefined, matches(1), { by: "other", now: now - 30_000 });
    const lapsed = summarise(first.document);
    expect(lapsed.owed.map(({ id }) => id)).toEqual([`${incident}.new`, `${incident}.wake-up`]);
    expect(lapsed.document?.raised).toEqual(["new"]);
    const busy = merge(undefined, matches(1), { by: "other", now });
    const waits = summarise(busy.document);
    expect(waits.elsewhere.map(({ id }) => id)).toEqual([`${incident}.new`, `${incident}.wake-up`]);
    expect(waits.document).toBe(busy.document);
  });
});
