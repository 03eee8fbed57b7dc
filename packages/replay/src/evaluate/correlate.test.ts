import { derivedFields } from "@streamwarden/cloudtrail";
import { link, parse, type Ruleset } from "@streamwarden/sigma";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Correlator } from "./correlate.ts";
import { plainEntries } from "./plain-entry.ts";

function rule(name: string): string {
  return `title: ${name}\nname: ${name}\nlogsource: {product: aws}\nlevel: low\ndetection:\n  s: {eventName: ${name}}\n  condition: s\n---\n`;
}
function correlation(name: string, body: string): string {
  return `title: ${name}\nname: ${name}\nlevel: low\ncorrelation:\n  group-by: [who]\n  timespan: 1m\n  ${body.replaceAll("\n", "\n  ")}\n---\n`;
}

const text = [
  rule("a"),
  rule("b"),
  // Before the ones it is about: the order of documents must not matter.
  correlation("chain", "type: event_count\nrules: [many, pair]\ncondition: {gte: 2}"),
  correlation("many", "type: event_count\nrules: [a]\ncondition: {gte: 3}"),
  correlation("few", "type: event_count\nrules: [a]\ncondition: {lte: 1}"),
  correlation("pair", "type: temporal_ordered\nrules: [a, b]"),
  correlation("sum", "type: value_sum\nrules: [b]\ncondition: {field: size, gt: 10}"),
].join("");

const parsed = parse([{ path: "rules.yml", text }]);
const linked = link(parsed.documents, { derived: derivedFields });
const { ruleset }: { ruleset: Ruleset } = linked;

const event = fc.record({
  eventID: fc.nat({ max: 60 }).map((id) => `e${id}`),
  // Dense enough that every correlation fires in some of the runs.
  second: fc.nat({ max: 150 }),
  eventName: fc.constantFrom("a", "b", "c"),
  who: fc.constantFrom("x", "y"),
  size: fc.nat({ max: 9 }),
});

function firingsOf(events: readonly (typeof event extends fc.Arbitrary<infer T> ? T : never)[]): string[] {
  const correlator = new Correlator(ruleset);
  for (const { second, ...parts } of events) {
    const eventTime = new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString().replace(".000", "");
    const record = { ...parts, eventTime, eventSource: "s" };
    correlator.add(plainEntries(ruleset, ruleset.match(record), record));
  }
  const { firings, dropped } = correlator.finish();
  expect(dropped.size).toBe(0);
  return firings.map((firing) =>
    JSON.stringify([
      firing.correlation.name,
      firing.fields,
      firing.id,
      firing.time,
      firing.value,
      firing.ids,
    ]),
  );
}

test("law: firings depend on the set of events, not on their order or repetition", () => {
  expect([...parsed.problems, ...linked.problems].filter(({ severity }) => severity === "error")).toEqual([]);
  const seen = new Set<string>();
  const events = fc.uniqueArray(event, { selector: ({ eventID }) => eventID, minLength: 10, maxLength: 50 });
  const shuffled = events.chain((given) =>
    fc.tuple(fc.constant(given), fc.shuffledSubarray([...given, ...given], { minLength: 2 * given.length })),
  );
  fc.assert(
    fc.property(shuffled, ([given, again]) => {
      const firings = firingsOf(given);
      expect(firingsOf(again)).toEqual(firings);
      for (const firing of firings) seen.add(JSON.parse(firing)[0]);
    }),
  );
  expect([...seen].sort()).toEqual(["chain", "few", "many", "pair", "sum"]);
});

test("a window with more events than a store would hold says how many it let go", () => {
  const correlator = new Correlator(ruleset);
  for (let index = 0; index < 5000; index++) {
    const record = {
      eventID: `e${index}`,
      eventTime: "2026-01-01T00:00:00Z",
      eventSource: "s",
      eventName: "a",
      who: "x",
    };
    correlator.add(plainEntries(ruleset, ruleset.match(record), record));
  }
  const position = ruleset.correlations.findIndex(({ name }) => name === "many");
  expect(correlator.finish().dropped.get(position)).toBeGreaterThan(0);
});
