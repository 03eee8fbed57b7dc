import { describe, expect, test } from "vitest";
import { Harness, type TestEvent } from "../testing/correlations.ts";

function event(is: string, at: number, id: string, who: string): TestEvent {
  return { is, at, id, who };
}

/** Defects that were found in peers by running them. None may ever appear here. */
describe("peer defect 4: events are stored twice, and one delivered twice counts twice", () => {
  const body = "type: event_count\nrules: [a]\ngroup-by: [who]\ntimespan: 10m\ncondition: {gte: 10}";

  test("a threshold of 10 fires on the tenth event, not on the fifth", () => {
    const harness = new Harness(body);
    const fired = Array.from({ length: 10 }, (_, index) =>
      harness.add([event("a", index, `${index}`, "alice")]),
    );
    expect(fired.flat()).toEqual(["9"]);
  });

  test("one event delivered ten times is one event", () => {
    const harness = new Harness(body);
    const fired = Array.from({ length: 10 }, () => harness.add([event("a", 0, "one", "alice")]));
    expect(fired.flat()).toEqual([]);
    expect(harness.add(Array.from({ length: 10 }, () => event("a", 0, "one", "alice")))).toEqual([]);
  });
});

describe("peer defect 5: a sequence fires for two different actors", () => {
  const body = "type: temporal_ordered\nrules: [a, b]\ngroup-by: [who]\ntimespan: 10m";

  test("alice creates, bob attaches: nothing", () => {
    expect(new Harness(body).run([event("a", 0, "1", "alice"), event("b", 1, "2", "bob")])).toEqual([]);
  });

  test("alice creates, alice attaches: a firing", () => {
    expect(new Harness(body).run([event("a", 0, "1", "alice"), event("b", 1, "2", "alice")])).toEqual([
      "b@1",
    ]);
  });
});

describe("rsigma: windows are pushed at the back and evicted from the front, whatever the event's time", () => {
  const body = "type: event_count\nrules: [a]\ntimespan: 10s\ncondition: {gte: 3}";

  test("a late event counts in the window of its own time", () => {
    const harness = new Harness(body);
    harness.add([event("a", 0, "0", "x")]);
    harness.add([event("a", 2, "2", "x")]);
    harness.add([event("a", 100, "100", "x")]);
    harness.add([event("a", 102, "102", "x")]);
    expect(harness.add([event("a", 1, "1", "x")])).toEqual(["2"]);
    expect(harness.firings.size).toBe(1);
  });

  test("a late event evicts nothing that is newer", () => {
    const harness = new Harness(body);
    harness.add([event("a", 100, "100", "x"), event("a", 101, "101", "x")]);
    harness.add([event("a", 50, "50", "x")]);
    expect(harness.add([event("a", 102, "102", "x")])).toEqual(["102"]);
  });
});

describe("Panther: thresholds count by the time of processing", () => {
  const body = "type: event_count\nrules: [a]\ntimespan: 1m\ncondition: {gte: 3}";

  test("a backlog of a quiet day that is processed within a second fires nothing", () => {
    const given = Array.from({ length: 100 }, (_, index) => event("a", index * 600, `${index}`, "x"));
    expect(new Harness(body).add(given)).toEqual([]);
  });

  test("a burst that trickles in over an hour fires", () => {
    const harness = new Harness(body);
    // Between the parts of the burst come events of half an hour later.
    harness.add([event("a", 0, "0", "x")]);
    harness.add([event("a", 800, "800", "x")]);
    harness.add([event("a", 10, "10", "x")]);
    harness.add([event("a", 850, "850", "x")]);
    expect(harness.add([event("a", 20, "20", "x")])).toEqual(["20"]);
  });
});
