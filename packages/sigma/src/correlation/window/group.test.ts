import { describe, expect, test } from "vitest";
import { Harness, type TestEvent } from "../../testing/correlations.ts";
import { groupKey } from "./group.ts";

const bodyText = "type: event_count\nrules: [a]\ngroup-by: [g]\ntimespan: 10s\ncondition: {gte: 2}";

function groupsOf(...values: readonly unknown[]): (string | null | undefined)[] {
  const harness = new Harness(bodyText);
  return values.map((g, index) => {
    const [entry] = harness.entries({ is: "a", at: 0, id: `${index}`, ...(g === undefined ? {} : { g }) });
    return entry?.group[0]?.value;
  });
}

describe("group values", () => {
  test.each<[string, unknown, string | null]>([
    ["a text as it is", "Alice", "Alice"],
    ["a number as JSON writes it", 1, "1"],
    ["true as text", true, "true"],
    ["the empty text, which is not absence", "", ""],
    ["absence as null", undefined, null],
    ["JSON null as absence", null, null],
    ["an empty array as absence", [], null],
    ["an array of one as its member", ["x"], "x"],
    ["several values as one list, in their order", ["y", "x"], '["y","x"]'],
    ["an object as compact JSON", { k: [1] }, '{"k":[1]}'],
  ])("take %s", (_, value, text) => {
    expect(groupsOf(value)).toEqual([text]);
  });

  test("of different case are different groups", () => {
    expect(new Harness(bodyText).run(two("alice", "Alice"))).toEqual([]);
  });

  test("that are missing form one group of their own, apart from every value", () => {
    expect(new Harness(bodyText).run(two(undefined, undefined))).toEqual(["a@1"]);
    expect(new Harness(bodyText).run(two(undefined, ""))).toEqual([]);
    expect(new Harness(bodyText).run(two(undefined, "null"))).toEqual([]);
    expect(new Harness(bodyText).run(two(undefined, "-"))).toEqual([]);
  });

  test("that are too long are cut, and still told apart", () => {
    const [left, right, same] = groupsOf(
      "x".repeat(1_000_000),
      `${"x".repeat(999_999)}y`,
      "x".repeat(1_000_000),
    );
    expect(left).not.toBe(right);
    expect(left).toBe(same);
    expect(left?.length).toBeLessThan(50);
  });

  test("cannot be confused by what stands inside them", () => {
    const key = (...values: readonly string[]): string =>
      groupKey(values.map((value) => ({ field: "f", value })));
    expect(key('x"],["f","y')).not.toBe(key("x", "y"));
    expect(key("__proto__")).not.toBe(key("constructor"));
  });
});

describe("aliases", () => {
  test("read each rule's own field", () => {
    const body =
      "type: temporal\nrules: [a, b]\ngroup-by: [who]\ntimespan: 10s\naliases: {who: {a: src.user, b: dst}}";
    const given = (dst: string): TestEvent[] => [
      { is: "a", at: 0, id: "1", src: { user: "alice" } },
      { is: "b", at: 1, id: "2", dst },
    ];
    expect(new Harness(body).run(given("alice"))).toEqual(["b@1"]);
    expect(new Harness(body).run(given("mallory"))).toEqual([]);
  });

  test("put one event that matches two rules into a group for each", () => {
    const body =
      "type: event_count\nrules: [a, b]\ngroup-by: [who]\ntimespan: 10s\naliases: {who: {a: x, b: y}}\ncondition: {gte: 1}";
    const harness = new Harness(body);
    harness.run([{ is: "ab", at: 0, id: "1", x: "alice", y: "bob" }]);
    expect([...harness.firings.values()].map(({ fields }) => fields)).toEqual([
      { who: "alice" },
      { who: "bob" },
    ]);
  });
});

describe("without group-by", () => {
  test("everything is one group", () => {
    const harness = new Harness("type: event_count\nrules: [a]\ntimespan: 10s\ncondition: {gte: 2}");
    expect(harness.run(two("alice", "bob"))).toEqual(["a@1"]);
  });
});

function two(...values: readonly unknown[]): TestEvent[] {
  return values.map((g, at) => ({ is: "a", at, id: `${at}`, ...(g === undefined ? {} : { g }) }));
}
