import { describe, expect, test } from "vitest";
import { events, Harness, second } from "../../testing/correlations.ts";
import { explainWindow, type WindowExplanation } from "./explain-window.ts";

function explainAt(body: string, given: string, at: number): WindowExplanation {
  const harness = new Harness(body);
  harness.add(events(given));
  const [document] = harness.documents.values();
  return explainWindow(harness.correlation, document, [], at * second);
}
function names(rules: readonly { readonly name?: string }[]): string {
  return rules.map(({ name }) => name ?? "").join(" ");
}

describe("explaining a window", () => {
  test("says how many events are missing", () => {
    const body = "type: event_count\nrules: [a]\ntimespan: 10s\ncondition: {gte: 5}";
    expect(explainAt(body, "a@0 a@5 a@9 a@30", 9)).toMatchObject({
      from: -1 * second,
      to: 9 * second,
      verdict: false,
      isDelayed: false,
      condition: ">= 5",
      value: 3,
      missingCount: 2,
      eventCount: 3,
      isTruncated: false,
    });
  });

  test("says nothing is missing of a window that satisfies the condition", () => {
    const body = "type: event_count\nrules: [a]\ntimespan: 10s\ncondition: {gt: 1}";
    const explanation = explainAt(body, "a@0 a@5", 5);
    expect(explanation).toMatchObject({ verdict: true, value: 2 });
    expect(explanation).not.toHaveProperty("missingCount");
  });

  test("shows the values that were counted", () => {
    const body = "type: value_count\nrules: [a]\ntimespan: 10s\ncondition: {field: is, gte: 3}";
    expect(explainAt(body, "ab@0", 0)).toMatchObject({
      value: 2,
      missingCount: 1,
      events: [{ value: ["a", "b"] }],
    });
  });

  test("names the rules that are there and those that are not", () => {
    const body = "type: temporal\nrules: [a, b, c]\ntimespan: 10s";
    const explanation = explainAt(body, "a@0 a@1 c@2", 2);
    expect(explanation.rules.map(({ rule, count }) => `${rule.name} ${count}`)).toEqual([
      "a 2",
      "b 0",
      "c 1",
    ]);
    expect(explanation).toMatchObject({ verdict: false, value: 2, missingCount: 1 });
    expect(names(explanation.missing)).toBe("b");
  });

  test("names the steps that the longest sequence lacks", () => {
    const body = "type: temporal_ordered\nrules: [a, b, c]\ntimespan: 10s";
    const explanation = explainAt(body, "b@0 a@1 c@2", 2);
    expect(explanation).toMatchObject({ verdict: false, value: 2 });
    expect(explanation.missing).toHaveLength(1);
    expect(explanation.rules.every(({ count }) => count === 1)).toBe(true);
  });

  test("names what is absent and what should be", () => {
    const body = "type: temporal\ntimespan: 10s\ncondition: a and b and not c";
    const explanation = explainAt(body, "a@0 c@2", 0);
    expect(explanation).toMatchObject({ verdict: false, isDelayed: true, from: 0, to: 10 * second });
    expect(explanation.condition).toBe("a and b and not c");
    expect(names(explanation.missing)).toBe("b");
    expect(names(explanation.unwanted)).toBe("c");
  });

  test("agrees with the firings", () => {
    const body = "type: temporal_ordered\nrules: [a, b]\ntimespan: 3s";
    const given = "b@0 a@1 b@3 a@8 b@12";
    const fired = new Harness(body).run(events(given));
    const verdicts = given.split(" ").filter((word) => explainAt(body, given, Number(word.slice(2))).verdict);
    expect(verdicts).toEqual(fired);
  });

  test("works before anything was seen", () => {
    const { correlation } = new Harness("type: event_count\nrules: [a]\ntimespan: 10s\ncondition: {gte: 1}");
    expect(explainWindow(correlation, undefined, [], 0)).toMatchObject({
      verdict: false,
      value: 0,
      events: [],
    });
  });
});
