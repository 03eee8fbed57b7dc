import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { correlationText, events, Harness, second, type TestEvent } from "../testing/correlations.ts";
import { naiveFirings } from "../testing/naive-correlation.ts";
import { chainedEntries } from "./window/entries.ts";

const many = `${correlationText("type: event_count\nrules: [a]\ngroup-by: [g]\ntimespan: 5s\ncondition: {gte: 2}", "name: many")}---\n`;
const few = `${correlationText("type: event_count\nrules: [a]\ngroup-by: [g]\ntimespan: 5s\ncondition: {lt: 2}", "name: few")}---\n`;

describe("a firing is an event of the outer correlation", () => {
  test("with the time of the event that fired, and an id that names correlation and event", () => {
    const harness = new Harness(
      "type: event_count\nrules: [many]\ntimespan: 1m\ncondition: {gte: 1}",
      {},
      many,
    );
    harness.run([
      { is: "a", at: 0, id: "one", g: "x" },
      { is: "a", at: 3, id: "two", g: "x" },
    ]);
    expect([...harness.firings.values()]).toMatchObject([
      { id: "many:two", time: 3 * second, value: 1, ids: ["many:two"], group: [] },
    ]);
  });

  test("whose fields are the inner group-by values, and no others", () => {
    const harness = new Harness(
      "type: event_count\nrules: [many]\ngroup-by: [g, h]\ntimespan: 1m\ncondition: {gte: 1}",
      {},
      many,
    );
    harness.run([
      { is: "a", at: 0, id: "one", g: "x", h: "h" },
      { is: "a", at: 3, id: "two", g: "x", h: "h" },
    ]);
    expect([...harness.firings.values()].map(({ fields }) => fields)).toEqual([{ g: "x", h: null }]);
  });

  test("read through an alias where the outer correlation has one", () => {
    const outer =
      "type: temporal\nrules: [many, b]\ngroup-by: who\ntimespan: 1m\naliases: {who: {many: g, b: h}}";
    const given = (h: string): TestEvent[] => [
      { is: "a", at: 0, id: "one", g: "x" },
      { is: "a", at: 3, id: "two", g: "x" },
      { is: "b", at: 4, id: "three", h },
    ];
    expect(new Harness(outer, {}, many).run(given("x"))).toEqual(["b@4"]);
    expect(new Harness(outer, {}, many).run(given("y"))).toEqual([]);
  });

  test.each([
    ["event_count", "condition: {gte: 2}"],
    ["value_count", "condition: {field: who, gte: 2}"],
  ])("in each group in which one event fired, of %s", (type, condition) => {
    const inner = "type: event_count\nrules: [a, b]\ngroup-by: [who]\ntimespan: 5s\ncondition: {gte: 1}";
    const both = `${correlationText(`${inner}\naliases: {who: {a: g, b: h}}`, "name: both")}---\n`;
    const outer = `type: ${type}\nrules: [both]\ntimespan: 1m\n${condition}`;
    const fired = (g: string, h: string) => {
      const harness = new Harness(outer, {}, both);
      harness.run([{ is: "ab", at: 1, id: "one", g, h }]);
      return harness.firings.size > 0;
    };
    expect(fired("x", "y")).toBe(true);
    expect(fired("x", "x")).toBe(false);
  });

  test("groups only by its own fields", () => {
    const outer = "type: value_count\nrules: [many]\ntimespan: 1m\ncondition: {field: g, gte: 2}";
    const given = ["x", "x", "y", "y"].map((g, index) => ({ is: "a", at: index, id: `${index}`, g }));
    expect(new Harness(outer, {}, many).run(given)).toEqual(["a@3"]);
  });
});

describe("the delay of inner correlations", () => {
  test("is added to the wait for complete windows, so that the outer one does not decide too early", () => {
    const harness = new Harness("type: temporal\ntimespan: 10s\ncondition: b and not few", {}, few);
    expect(harness.correlation.inputDelaySeconds).toBe(5);
    harness.add(events("b@0 a@9"));
    // At 10 s the window of b is over, but that `a` stayed alone for 5 s is known at 14 s only.
    expect(harness.close(10.001)).toEqual([]);
    harness.close(100);
    expect([...harness.firings.keys()]).toEqual([]);
    expect(harness.inner.size).toBe(1);
  });

  test("adds up along a chain", () => {
    const alone = correlationText(
      "type: event_count\nrules: [few]\ngroup-by: [g]\ntimespan: 7s\ncondition: {lt: 3}",
      "name: alone",
    );
    const harness = new Harness(
      "type: temporal\ntimespan: 10s\ncondition: b or alone",
      {},
      `${few}${alone}---\n`,
    );
    expect(harness.correlation.inputDelaySeconds).toBe(12);
  });
});

describe("chains", () => {
  const history = fc.array(
    fc.record({
      is: fc.constantFrom("a", "b", "ab"),
      at: fc.integer({ min: 0, max: 30 }),
      g: fc.constantFrom("x", "y"),
      delay: fc.integer({ min: 0, max: 20 }),
      closes: fc.boolean(),
    }),
    { maxLength: 20 },
  );

  test.each([
    ["many", many, "type: temporal\nrules: [many, b]\ngroup-by: g\ntimespan: 6s"],
    ["many", many, "type: temporal\ngroup-by: g\ntimespan: 6s\ncondition: many and not b"],
    ["few", few, "type: temporal_ordered\nrules: [few, b]\ngroup-by: g\ntimespan: 6s"],
    ["few", few, "type: temporal\ngroup-by: g\ntimespan: 6s\ncondition: b and not few"],
    ["few", few, "type: value_count\nrules: [few]\ntimespan: 6s\ncondition: {field: g, gte: 2}"],
  ])("fire where the definition, applied twice, says (%s under %#)", (name, inner, body) => {
    fc.assert(
      fc.property(history, (given) => {
        const harness = new Harness(body, { allowedLatenessSeconds: 20 }, inner);
        const arrivals = given
          .map(({ is, at, g, delay, closes }, index) => ({
            event: { is, at, g, id: `${index}` },
            arrives: at + delay,
            closes,
          }))
          .toSorted((left, right) => left.arrives - right.arrives);
        for (const { event, arrives, closes } of arrivals) {
          if (closes) {
            harness.close(arrives - 20);
          }
          harness.add([event]);
        }
        harness.close(1_000_000);
        expect([...harness.firings.keys()].toSorted()).toEqual(
          expected(
            new Harness(body, {}, inner),
            name,
            arrivals.map(({ event }) => event),
          ),
        );
      }),
      { numRuns: 150 },
    );
  });
});

/** Names of the outer firings by the naive reference, applied to the inner and then to the outer correlation. */
function expected(harness: Harness, name: string, given: readonly TestEvent[]): string[] {
  const entries = given.flatMap((event) => harness.entries(event));
  const inner = entries.filter(({ correlation }) => correlation.name === name);
  const own = entries.filter(({ correlation }) => correlation === harness.correlation);
  const firings = [...Map.groupBy(inner, ({ groupKey }) => groupKey).values()].flatMap((grouped) => {
    const [scope] = grouped;
    const fired =
      scope === undefined
        ? []
        : naiveFirings(
            scope.correlation,
            grouped.map(({ entry }) => entry),
          );
    return [...fired].flatMap((id) => {
      const found = grouped.find(({ entry }) => entry.id === id);
      const fields = {};
      return found === undefined ? [] : [{ ...found, fields, id, time: found.entry.time, value: 0, ids: [] }];
    });
  });
  const all = [...own, ...chainedEntries(harness.ruleset, firings)];
  return [...Map.groupBy(all, ({ groupKey }) => groupKey)]
    .flatMap(([key, grouped]) =>
      [
        ...naiveFirings(
          harness.correlation,
          grouped.map(({ entry }) => entry),
        ),
      ].map((id) => `${key} ${id}`),
    )
    .toSorted();
}
