import { describe, expect, test, vi } from "vitest";
import type { JsonObject } from "../event/json.ts";
import { loadClean, ruleText } from "../testing/rules.ts";

function each(count: number, detection: (index: number) => string): string[] {
  return Array.from({ length: count }, (_unused, index) => ruleText(detection(index)));
}

/** Enough of each kind that `source` and `name` become the keys of plans, `code` an optional field, and others branches. */
const rules = [
  ruleText("a: {source: tv, name: Stop}\ncondition: a"),
  ruleText("a: {source: tv, name: Stop, code: null}\ncondition: a"),
  ruleText("a: {source: tv, name: Start, code|startswith: Deni}\ncondition: a"),
  ruleText("a: {source: tv, name: [start, stop]}\nb: {code|exists: true}\ncondition: a and not b"),
  ruleText("a: {source: tv}\nb: {name|startswith: St, user: eve}\ncondition: a and b"),
  ruleText(
    "a: {source: radio, name: Stop}\nb: {name|fieldref: user}\nc: {code: x}\ncondition: a and (not b or c)",
  ),
  ruleText("a: {source: tv, call.access: write}\ncondition: a"),
  ruleText("a: {source: tv, call.access: write, call.host: x}\ncondition: a"),
  ruleText("a: {user: eve, code: x}\ncondition: a"),
  ruleText("keywords: [denied]\ncondition: keywords"),
  ...each(6, (index) => `a: {source: tv, user: [Stop, user${index}]}\ncondition: a`),
  ...each(14, (index) => `a: {source: tv, name: [Stop, name${index}]}\ncondition: a`),
  ...each(6, (index) => `a: {user: [eve, user${index}]}\ncondition: a`),
  ...each(7, (index) => `a: {source: tv, "code|contains": [denied, "word${index}"]}\ncondition: a`),
  ...each(7, (index) => `a: {"source|contains": [radio, "word${index}"]}\ncondition: a`),
];

const callOf = vi.fn((event: { readonly name?: unknown; readonly host?: unknown }) => ({
  access: event.name === "Stop" ? "write" : "read",
  host: event.host,
}));
const derived = { call: { compute: callOf, dependsOn: { access: ["source", "name"] } } };
function load(index: boolean) {
  return loadClean(rules.join("---\n"), { derived, index });
}

const events = ["tv", "radio", "TV", "constructor", 7, null, ["tv"], undefined].flatMap((source) =>
  ["Stop", "Start", "stop", "", ["Stop", "Start"], undefined].flatMap((name) =>
    [{}, { code: "Denied" }, { code: "x", user: "eve" }, { code: null, user: "Stop" }, { host: "x" }].map(
      (rest) => ({
        ...(source === undefined ? {} : { source }),
        ...(name === undefined ? {} : { name }),
        ...rest,
      }),
    ),
  ),
);

describe("what the key fields decide is decided once", () => {
  test.each([1, 2, 3])("and every event has the same verdicts, met %i times in a row", (times) => {
    const planned = load(true);
    const plain = load(false);
    const linesOf = (ruleset: typeof plain, event: JsonObject) =>
      ruleset.match(event).map(({ line }) => line);
    const expected = events.map((event) => linesOf(plain, event));
    expect(new Set(expected.flat()).size).toBe(rules.length);
    const forward = [...events.keys()];
    for (const order of [forward, forward.toReversed(), forward]) {
      for (const index of order) {
        for (let time = 0; time < times; time++) {
          expect(linesOf(planned, events[index] as JsonObject)).toEqual(expected[index]);
        }
      }
    }
  });

  test.each([
    ["no rule", []],
    ["rules that ask for more", each(5, (index) => `a: {user: [eve, user${index}]}\ncondition: a`)],
    ["rules that search", each(7, (index) => `a: {"user|contains": [evelyn, word${index}]}\ncondition: a`)],
  ])("and what is about another service has the same verdicts where %s may be true of it", (_which, more) => {
    const text = [...each(6, (index) => `a: {source: tv, name: name${index}}\ncondition: a`), ...more].join(
      "---\n",
    );
    const planned = loadClean(text);
    const plain = loadClean(text, { index: false });
    for (const user of ["eve", "evelyn", "adam", "eve", "evelyn", ["eve"]]) {
      for (const name of ["name1", "name2", undefined]) {
        for (const source of ["radio", "tv"]) {
          const event = { source, name, user };
          expect(planned.match(event)).toHaveLength(plain.match(event).length);
        }
      }
    }
  });

  test("and a derived field that depends on them alone is not computed again", () => {
    const ruleset = loadClean(
      Array.from({ length: 5 }, () =>
        ruleText("a: {source: tv, name: [Stop, Start], call.access: write}\ncondition: a"),
      ).join("---\n"),
      { derived },
    );
    const event = { source: "tv", name: "Stop" };
    for (let round = 0; round < 3; round++) {
      expect(ruleset.match({ ...event })).toHaveLength(5);
    }
    callOf.mockClear();
    expect(ruleset.match({ ...event })).toHaveLength(5);
    expect(callOf).not.toHaveBeenCalled();
  });

  test.each([null, undefined, "tv", 1, []])("and %j, which is no event, is none", (value) => {
    const event = value as unknown as JsonObject;
    expect(load(true).match(event)).toEqual(load(false).match(event));
  });

  test("and a derived field that throws throws where a rule needs it, and nowhere else", () => {
    const compute = ({ host }: { readonly host?: unknown }) => {
      if (host === null) {
        throw new Error("no host");
      }
      return { access: "write" };
    };
    const text = each(
      5,
      (index) =>
        `a: {source: tv, name: [Stop, name${index}]}\nb: {user: 7, call.access: write}\ncondition: a and b`,
    );
    const throwing = { call: { compute, dependsOn: { access: ["source", "name"] } } };
    const ruleset = loadClean(text.join("---\n"), { derived: throwing });
    const event = { source: "tv", name: "Stop", host: null };
    for (let round = 0; round < 4; round++) {
      expect(ruleset.match({ ...event, user: "adam" })).toEqual([]);
    }
    expect(() => ruleset.match({ ...event, user: 7 })).toThrow("no host");
  });

  test("and a derived field that depends on more is computed for each event", () => {
    const ruleset = load(true);
    const matched = (host: string) => ruleset.match({ source: "tv", name: "Stop", host }).length;
    const before = Array.from({ length: 4 }, () => matched("y"));
    expect(matched("x")).toBe((before[0] as number) + 1);
    expect(matched("y")).toBe(before[0]);
  });

  test("and names that never come again change nothing, by the thousand", () => {
    const ruleset = load(true);
    const event = { source: "tv", name: "Stop" };
    const expected = load(false).match(event).length;
    for (let index = 0; index < 10_000; index++) {
      ruleset.match({ source: "tv", name: `Start${index}` });
      if (index % 1000 === 0) {
        expect(ruleset.match({ ...event })).toHaveLength(expected);
      }
    }
  });
});
