import { describe, expect, test } from "vitest";
import { events, Harness, type TestEvent } from "../testing/correlations.ts";

function run(body: string, given: string | readonly TestEvent[]): string {
  return new Harness(body).run(typeof given === "string" ? events(given) : given).join(" ");
}

function count(condition: string): string {
  return `type: event_count\nrules: [a, b]\ntimespan: 10s\ncondition: ${condition}`;
}
function temporal(condition = ""): string {
  return `type: temporal\nrules: [a, b, c]\ntimespan: 10s${condition === "" ? "" : `\ncondition: ${condition}`}`;
}
function extended(type: string, condition: string): string {
  return `type: ${type}\ntimespan: 10s\ncondition: ${condition}`;
}
function ordered(rules: string, condition = ""): string {
  return `type: temporal_ordered\nrules: ${rules}\ntimespan: 10s${condition === "" ? "" : `\ncondition: ${condition}`}`;
}

describe("event_count", () => {
  test.each([
    ["{gte: 3}", "a@0 a@1 a@2", "a@2"],
    ["{gt: 2}", "a@0 a@1 a@2", "a@2"],
    ["{gte: 2}", "a@0 b@5", "b@5"],
    ["{gte: 2}", "a@0 a@10", "a@10"],
    ["{gte: 2}", "a@0 a@11", ""],
    ["{gte: 2.5}", "a@0 a@1 a@2", "a@2"],
    // The event that opens a forward window is in it.
    ["{lt: 2}", "a@0 a@5 a@30", "a@5 a@30"],
    ["{lte: 2}", "a@0 a@1 a@2", "a@1 a@2"],
    ["{eq: 2}", "a@0 a@1 a@20", "a@0"],
    ["{neq: 2}", "a@0 a@1 a@20", "a@1 a@20"],
    ["{gte: 2, lt: 4}", "a@0 a@1 a@2 a@3 a@30", "a@1 a@2"],
    ["{gt: 1, lte: 2}", "a@0 a@10 a@30", "a@0"],
  ])("%s over %s fires at %s", (condition, given, fired) => {
    expect(run(count(condition), given)).toBe(fired);
  });

  test("fires at every event while the condition holds, not once per window", () => {
    expect(run(count("{gte: 2}"), "a@0 a@1 a@2 a@3")).toBe("a@1 a@2 a@3");
  });

  test("counts one event that matches two of the rules once", () => {
    expect(run(count("{gte: 2}"), "ab@0")).toBe("");
    expect(run(count("{gte: 2}"), "ab@0 a@1")).toBe("a@1");
  });

  test("includes both ends of the window", () => {
    expect(run(count("{gte: 2}"), "a@0 a@10")).toBe("a@10");
    expect(run(count("{eq: 2}"), "a@0 a@10 a@30")).toBe("a@0");
  });

  test("lets all events of one second see each other, whatever their order", () => {
    expect(run(count("{gte: 3}"), "a@5 a@5 a@5")).toBe("a@5 a@5 a@5");
  });
});

describe("value_count", () => {
  const distinct = (field: string, condition: string): string =>
    `type: value_count\nrules: [a]\ntimespan: 10s\ncondition: {field: ${field}, ${condition}}`;
  const with_ = (...values: readonly unknown[]): TestEvent[] =>
    values.map((v, index) => ({ is: "a", at: index, id: `${index}`, v }));

  test.each([
    ["distinct texts", ["x", "y", "x"], "a@1 a@2"],
    ["texts that differ only in case as two", ["x", "X"], "a@1"],
    ["a number and its text as one", [1, "1"], ""],
    ["a number and another writing of it as two", [1, "1.0"], "a@1"],
    ["the empty text as a value", ["", "x"], "a@1"],
    ["objects by their compact JSON", [{ k: 1 }, { k: 2 }], "a@1"],
    ["each member of an array", [["x", "y"]], "a@0"],
    ["no missing value", [undefined, "x", null, [], "y"], "a@4"],
  ])("counts %s", (_, values, fired) => {
    expect(run(distinct("v", "gte: 2"), with_(...values))).toBe(fired);
  });

  test("takes a list of fields as tuples, and skips a tuple with a missing part", () => {
    const given = [
      { is: "a", at: 0, id: "0", v: "x", w: "1" },
      { is: "a", at: 1, id: "1", v: "x", w: "1" },
      { is: "a", at: 2, id: "2", v: "x" },
      { is: "a", at: 3, id: "3", v: "x", w: "2" },
    ];
    expect(run(distinct("[v, w]", "gte: 2"), given)).toBe("a@3");
  });

  test("does not confuse tuples whose parts run together", () => {
    const given = [
      { is: "a", at: 0, id: "0", v: 'x","y', w: "z" },
      { is: "a", at: 1, id: "1", v: "x", w: 'y","z' },
    ];
    expect(run(distinct("[v, w]", "gte: 2"), given)).toBe("a@1");
  });

  test("tells long values apart that begin alike", () => {
    const long = "x".repeat(1_000_000);
    expect(run(distinct("v", "gte: 2"), with_(`${long}1`, `${long}2`))).toBe("a@1");
    expect(run(distinct("v", "gte: 2"), with_(`${long}1`, `${long}1`))).toBe("");
  });

  test("reads an alias where `field` names one", () => {
    const body =
      "type: value_count\nrules: [a, b]\ntimespan: 10s\naliases: {who: {a: x, b: y}}\ncondition: {field: who, gte: 2}";
    const given = [
      { is: "a", at: 0, id: "0", x: "1", y: "9" },
      { is: "b", at: 1, id: "1", x: "9", y: "1" },
      { is: "b", at: 2, id: "2", y: "2" },
    ];
    expect(run(body, given)).toBe("b@2");
  });
});

describe("value_sum, value_avg, value_percentile, value_median", () => {
  const measured = (type: string, condition: string): string =>
    `type: ${type}\nrules: [a]\ntimespan: 10s\ncondition: {field: n, ${condition}}`;
  const numbers = (...values: readonly unknown[]): TestEvent[] =>
    values.map((n, index) => ({ is: "a", at: index, id: `${index}`, n }));

  test.each([
    ["value_sum", "gte: 6", [1, 2, 3], [6]],
    ["value_sum", "gte: -100", [1, -2, 3], [2, 1, 3]],
    ["value_avg", "gt: 1.5", [1, 2, 3], [2, 2.5, 3]],
    ["value_avg", "gt: 1.5, lt: 2.5", [1, 2, 3], [2]],
    ["value_median", "gte: 0", [1, 9, 2], [2, 5.5, 2]],
    ["value_percentile", "gte: 0", [1, 9, 2], [2, 5.5, 2]],
    ["value_percentile", "percentile: 95, gte: 0", [10, 20, 30, 40], [38.5, 39, 39.5, 40]],
    ["value_percentile", "percentile: 0, gte: 0", [3, 1], [1, 1]],
    ["value_percentile", "percentile: 100, gte: 0", [1, 3], [3, 3]],
  ])("%s {%s} of %j gives %j", (type, condition, given, values) => {
    const harness = new Harness(measured(type, condition));
    harness.run(numbers(...given));
    expect(harness.values()).toEqual(values);
  });

  test("counts texts that write numbers and skips what is no number", () => {
    const harness = new Harness(measured("value_sum", "gte: 0"));
    const given = numbers("1", " 2", "x", true, null, undefined, {}, "1e400", "2.5e1", [3, "4", "y"]);
    expect(harness.run(given)).toEqual(["a@0", "a@1", "a@8", "a@9"]);
    expect(harness.values()).toEqual([1 + 2 + 25 + 7, 2 + 25 + 7, 25 + 7, 7]);
  });
});

describe("temporal", () => {
  test.each([
    ["", "a@0 b@5 c@10", "c@10"],
    ["", "c@0 b@5 a@10", "a@10"],
    ["", "a@0 b@5 c@11", ""],
    ["{gte: 2}", "a@0 a@1 b@2", "b@2"],
    ["{gt: 2}", "a@0 b@1 c@2", "c@2"],
    ["{lt: 2}", "a@0 a@1 b@2 b@30", "b@2 b@30"],
    ["{eq: 2}", "a@0 b@1 a@2 c@3", "a@2"],
    ["{gte: 2, lt: 3}", "a@0 b@1 b@9 c@30 a@31", "a@0 c@30"],
  ])("%s over %s fires at %s", (condition, given, fired) => {
    expect(run(temporal(condition), given)).toBe(fired);
  });

  test("lets one event that matches several rules count for each", () => {
    expect(run(temporal(), "ab@0 c@1")).toBe("c@1");
    expect(run(temporal(), "abc@0")).toBe("abc@0");
  });
});

describe("temporal_ordered", () => {
  test.each([
    ["[a, b]", "a@0 b@1", "b@1"],
    ["[a, b]", "b@0 a@1", ""],
    ["[a, b]", "b@0 a@1 b@2", "b@2"],
    ["[a, b, c]", "a@0 c@1 b@2", ""],
    ["[a, b, c]", "a@0 c@1 b@2 c@3", "c@3"],
    ["[a, b, c]", "b@0 a@1 c@1", ""],
    ["[a, b, c]", "b@0 a@1 b@1 c@1", "a@1 b@1 c@1"],
    ["[a, b]", "a@0 b@11", ""],
    ["[a, b]", "a@0 a@5 b@11", "b@11"],
    // A rule may be required twice.
    ["[a, b, a]", "a@0 b@1", ""],
    ["[a, b, a]", "a@0 b@1 a@2", "a@2"],
    // The window keeps the sequence while it is whole, so that every further event fires.
    ["[a, b]", "a@0 b@1 a@2", "b@1 a@2"],
  ])("%s over %s fires at %s", (rules, given, fired) => {
    expect(run(ordered(rules), given)).toBe(fired);
  });

  test("takes events of one second as ordered", () => {
    expect(run(ordered("[a, b]"), "b@5 a@5")).toBe("b@5 a@5");
    expect(run(ordered("[a, b, c]"), "c@5 b@5 a@4")).toBe("c@5 b@5");
  });

  test("needs two distinct events for two steps", () => {
    expect(run(ordered("[a, b]"), "ab@5")).toBe("");
    expect(run(ordered("[a, b]"), "ab@5 ab@5")).toBe("ab@5 ab@5");
    expect(run(ordered("[a, b]"), "ab@5 a@5")).toBe("ab@5 a@5");
    expect(run(ordered("[a, b, a]"), "ab@5 ab@5")).toBe("");
  });

  test.each([
    ["{gte: 2}", "a@0 c@1", "c@1"],
    ["{gte: 2}", "c@0 a@1", ""],
    ["{lt: 2}", "c@0 a@1", "c@0 a@1"],
    ["{eq: 2}", "a@0 b@1 c@30 b@31", "a@0"],
  ])("%s compares the longest sequence: %s fires at %s", (condition, given, fired) => {
    expect(run(ordered("[a, b, c]", condition), given)).toBe(fired);
  });
});

describe("extended conditions", () => {
  test.each([
    ["temporal", "a and b", "a@0 b@5", "b@5"],
    ["temporal", "a and (b or c)", "a@0 c@5", "c@5"],
    ["temporal", "a or b and c", "b@0 a@1", "a@1"],
    ["temporal", "a and not b", "a@0 b@5", ""],
    ["temporal", "a and not b", "a@0 b@11", "a@0"],
    ["temporal", "a and not b", "b@0 a@5", "a@5"],
    ["temporal", "a and not b", "a@5 b@5", ""],
    ["temporal", "a and b and not c", "a@0 b@1 c@20", "a@0"],
    ["temporal", "not (a and b) and c", "c@0 a@1 c@20 a@21 b@22", "c@0"],
    ["temporal", "not not a and b", "a@0 b@1", "b@1"],
    ["temporal_ordered", "a and b", "b@0 a@1", ""],
    ["temporal_ordered", "a and b", "a@0 b@1", "b@1"],
    ["temporal_ordered", "a and (b or c)", "c@0 a@1 c@2", "c@2"],
    ["temporal_ordered", "a and b and not c", "a@0 b@1", "a@0"],
    ["temporal_ordered", "a and b and not c", "b@0 a@1", ""],
    ["temporal_ordered", "a and b and not c", "a@0 c@1 b@2", ""],
  ])("%s `%s` over %s fires at %s", (type, condition, given, fired) => {
    expect(run(extended(type, condition), given)).toBe(fired);
  });

  test("decides absence only when the window is complete", () => {
    const harness = new Harness(extended("temporal", "a and not b"));
    const [first] = events("a@0");
    expect(harness.add(first === undefined ? [] : [first])).toEqual([]);
    expect(harness.close(10)).toEqual([]);
    expect(harness.close(10.001)).toEqual([first?.id]);
    expect(harness.close(100)).toEqual([]);
  });
});
