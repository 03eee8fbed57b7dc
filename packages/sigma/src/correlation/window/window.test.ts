import { describe, expect, test } from "vitest";
import { Harness, second, type TestEvent } from "../../testing/correlations.ts";
import { advance } from "./advance.ts";
import { closeWindows } from "./close-windows.ts";

function event(at: number, id = `e${at}`, is = "a", fields: object = {}): TestEvent {
  return {
    is,
    at,
    id,
    ...fields,
  };
}
const countText = "type: event_count\nrules: [a]\ntimespan: 10s\ncondition: {gte: 3}";
const less = "type: event_count\nrules: [a]\ntimespan: 10s\ncondition: {lt: 3}";
function only<T>(values: Iterable<T>): T {
  const [first] = values;
  if (first === undefined) {
    throw new Error("There is none.");
  }
  return first;
}

describe("a monotone condition", () => {
  test("fires at once, at the event whose window satisfies it", () => {
    const harness = new Harness(countText);
    expect(harness.add([event(0)])).toEqual([]);
    expect(harness.add([event(1)])).toEqual([]);
    expect(harness.add([event(2)])).toEqual(["e2"]);
  });

  test("fires for an earlier event when a late one completes its window", () => {
    const harness = new Harness(countText);
    harness.add([event(0)]);
    harness.add([event(5)]);
    expect(harness.add([event(2)])).toEqual(["e5"]);
  });

  test("tells the firings of a repeated event again, and of every window it is in", () => {
    const harness = new Harness(countText);
    const first = harness.add([event(0), event(1), event(2), event(3)]);
    expect(first).toEqual(["e2", "e3"]);
    expect(harness.add([event(0)])).toEqual(["e2", "e3"]);
    expect(harness.add([event(3)])).toEqual(["e3"]);
  });

  test("tells no firing of windows that none of the given events is in", () => {
    const harness = new Harness(countText);
    harness.add([event(0), event(1), event(2)]);
    expect(harness.add([event(100)])).toEqual([]);
  });

  test("returns the very document when nothing changed", () => {
    const harness = new Harness(countText);
    harness.add([event(0), event(1)]);
    const [key, document] = only(harness.documents);
    const [entry] = harness.entries(event(1));
    const scope = { correlation: harness.correlation, group: [] };
    expect(advance(scope, document, entry === undefined ? [] : [entry.entry]).document).toBe(document);
    expect(advance(scope, document, []).document).toBe(document);
    expect(closeWindows(harness.correlation, document, 1e12).document).toBe(document);
    expect(key).toBe("[]");
  });

  test("never changes the document it was given", () => {
    const harness = new Harness(countText, { maxEntries: 3 });
    for (let at = 0; at < 20; at++) {
      const before = [...harness.documents].map(
        ([, document]) => [document, JSON.stringify(document)] as const,
      );
      harness.add([event(at), event(at - 3, `late${at}`)]);
      for (const [document, text] of before) {
        expect(JSON.stringify(document)).toBe(text);
      }
    }
  });
});

describe("allowed lateness", () => {
  test("keeps what a late event may still need, and no more", () => {
    const harness = new Harness(countText, { allowedLatenessSeconds: 60 });
    harness.add([event(0), event(1), event(70)]);
    expect(only(harness.documents.values()).times).toEqual([0, second, 70 * second]);
    harness.add([event(71)]);
    expect(only(harness.documents.values()).times).toEqual([second, 70 * second, 71 * second]);
  });

  test("counts events that come too late to matter, and leaves them out", () => {
    const harness = new Harness(countText, { allowedLatenessSeconds: 60 });
    harness.add([event(1000)]);
    expect(harness.add([event(1), event(2), event(3)])).toEqual([]);
    expect(harness.late).toBe(3);
  });

  test("is judged against what was known before the batch, so that a long batch is as good as a slow one", () => {
    const harness = new Harness(countText, { allowedLatenessSeconds: 60 });
    expect(harness.add([event(0), event(1), event(2), event(1000)])).toEqual(["e2"]);
    expect(harness.late).toBe(0);
  });

  test("of an event from the future makes no other event late", () => {
    const harness = new Harness(countText, { allowedLatenessSeconds: 60, now: 2 * second });
    harness.add([event(1_000_000_000)]);
    expect(harness.add([event(0), event(1), event(2)])).toEqual(["e2"]);
    expect(harness.late).toBe(0);
  });

  test("has passed for an event whose window was decided", () => {
    const harness = new Harness(less);
    harness.add([event(0)]);
    expect(harness.close(11)).toEqual(["e0"]);
    harness.add([event(0.5), event(1)]);
    expect(harness.late).toBe(1);
    expect(harness.close(12)).toEqual(["e1"]);
  });
});

describe("waiting for complete windows", () => {
  const scopeOf = (harness: Harness) => ({ correlation: harness.correlation, group: [] });
  const entriesOf = (harness: Harness, ...events: readonly TestEvent[]) =>
    events.flatMap((each) => harness.entries(each).map(({ entry }) => entry));

  test("says when the earliest window is over, and after closing when the next one is", () => {
    const harness = new Harness(less);
    const advanced = advance(scopeOf(harness), undefined, entriesOf(harness, event(7), event(3)));
    expect(advanced).toMatchObject({ firings: [], nextDue: 13 * second });
    const early = closeWindows(harness.correlation, advanced.document, 13 * second);
    expect(early).toEqual({ document: advanced.document, firings: [], nextDue: 13 * second });
    const closed = closeWindows(harness.correlation, advanced.document, 13 * second + 1);
    expect(closed).toMatchObject({
      firings: [{ id: "e3", value: 2, ids: ["e3", "e7"] }],
      nextDue: 17 * second,
    });
    const last = closeWindows(harness.correlation, closed.document, 1e9);
    expect(last).not.toHaveProperty("nextDue");
    expect(last.firings).toMatchObject([{ id: "e7", value: 1 }]);
  });

  test("can be decided again from the stored document, for the case that the process dies before publishing", () => {
    const harness = new Harness(less);
    const { document } = advance(scopeOf(harness), undefined, entriesOf(harness, event(3)));
    const first = closeWindows(harness.correlation, document, 1e9).firings;
    expect(closeWindows(harness.correlation, document, 1e9).firings).toEqual(first);
    expect(first).toHaveLength(1);
  });

  test("does nothing without a document", () => {
    const { correlation } = new Harness(less);
    expect(closeWindows(correlation, undefined, 1e9)).toEqual({ document: undefined, firings: [] });
  });
});

describe("the bound of a document", () => {
  test("keeps the newest events and says that it let others go", () => {
    const harness = new Harness(countText, { maxEntries: 3 });
    harness.add([event(0), event(1), event(2), event(3)]);
    expect(only(harness.documents.values())).toMatchObject({
      ids: ["e1", "e2", "e3"],
      truncated: { time: 0, id: "e0" },
    });
    expect(harness.dropped).toBe(1);
  });

  test("takes nothing back that is older than what it let go", () => {
    const harness = new Harness(countText, { maxEntries: 3, allowedLatenessSeconds: 5 });
    harness.add([event(0), event(1), event(2), event(3)]);
    harness.add([event(0)]);
    expect(harness.late).toBe(1);
  });

  test("is whole again once what it let go is too old to matter", () => {
    const harness = new Harness(countText, { maxEntries: 3, allowedLatenessSeconds: 5 });
    harness.add([event(0), event(1), event(2), event(3)]);
    harness.add([event(18)]);
    expect(only(harness.documents.values())).not.toHaveProperty("truncated");
  });

  test("loses no event_count firing of events that come in order", () => {
    const harness = new Harness(countText, { maxEntries: 3 });
    for (let index = 0; index < 30; index++) {
      harness.add([event(Math.floor(index / 10), `${index}`)]);
    }
    expect(harness.firings.size).toBe(30);
  });

  test("lets all rules of one event go together", () => {
    const harness = new Harness("type: temporal\nrules: [a, b, c]\ntimespan: 10s", { maxEntries: 3 });
    harness.add([event(0, "first", "ab"), event(1, "second", "ab")]);
    expect(only(harness.documents.values()).ids).toEqual(["second", "second"]);
  });

  test("judges no window opened in a second of which events were let go", () => {
    const absence = "type: temporal\ntimespan: 10s\ncondition: a and not b";
    const harness = new Harness(absence, { maxEntries: 2 });
    harness.add([event(0, "0", "b"), event(0, "1"), event(5, "2", "c"), event(5, "3")]);
    // The `b` of second 0 is gone, so that nothing can be said of the `a` beside it.
    harness.add([event(0, "1")]);
    expect(harness.close(1000)).toEqual(["3"]);
  });

  test("counts each value of an event that has several", () => {
    const body = "type: value_count\nrules: [a]\ntimespan: 10s\ncondition: {field: v, gte: 2}";
    const harness = new Harness(body, { maxEntries: 4 });
    harness.add([event(0, "0", "a", { v: ["x", "y", "z"] }), event(1, "1", "a", { v: ["p", "q"] })]);
    expect(only(harness.documents.values()).ids).toEqual(["1"]);
  });

  test("holds 2,000 values of the worst kind within 300 KB", () => {
    const body =
      "type: value_count\nrules: [a]\ngroup-by: [g]\ntimespan: 10s\ncondition: {field: v, gte: 2000}";
    const harness = new Harness(body);
    const hostile = '\u0000"\\\ud800'.repeat(10_000);
    const given = Array.from({ length: 2000 }, (_, index) =>
      event(index / 1000, `5b0f6c1e-95c5-4c38-8ba7-${String(index).padStart(12, "0")}`, "a", {
        v: `${hostile}${index}`,
        g: hostile,
      }),
    );
    harness.add(given);
    expect(harness.firings.size).toBeGreaterThan(0);
    const document = only(harness.documents.values());
    expect(Buffer.byteLength(JSON.stringify(document))).toBeLessThan(300_000);
  });

  test("holds when ids are long: what does not fit is let go", () => {
    const harness = new Harness(countText);
    harness.add(
      Array.from({ length: 400 }, (_, index) => event(index / 100, `${index}-${"x".repeat(1000)}`)),
    );
    const document = only(harness.documents.values());
    expect(Buffer.byteLength(JSON.stringify(document))).toBeLessThan(300_000);
    expect(document.truncated).toBeDefined();
    expect(document.bytes).toBeLessThanOrEqual(250_000);
  });

  test("is kept to in what a firing carries: at most 50 ids, its own among them", () => {
    const harness = new Harness(countText);
    harness.add(Array.from({ length: 200 }, (_, index) => event(index / 100, `${index}`)));
    const firing = [...harness.firings.values()].at(-1);
    expect(firing).toMatchObject({ id: "199", value: 200 });
    expect(firing?.ids).toHaveLength(50);
    expect(firing?.ids.slice(0, 2)).toEqual(["0", "1"]);
    expect(firing?.ids.at(-1)).toBe("199");
  });
});

describe("what is not for this window", () => {
  test("an entry of another rule throws", () => {
    const { correlation } = new Harness(countText);
    const entries = [{ id: "1", time: 0, rule: "b" }];
    expect(() => advance({ correlation, group: [] }, undefined, entries)).toThrow(
      'An entry of the rule "b" does not belong to "A correlation".',
    );
  });

  test.each([Number.NaN, 0.5, Number.POSITIVE_INFINITY])("the time %s throws", (time) => {
    const { correlation } = new Harness(countText);
    const entries = [{ id: "1", time, rule: "a" }];
    expect(() => advance({ correlation, group: [] }, undefined, entries)).toThrow(
      "whole number of milliseconds",
    );
  });

  test("a document of another shape starts anew", () => {
    const before = new Harness("type: value_count\nrules: [a]\ntimespan: 10s\ncondition: {field: v, gte: 1}");
    before.add([event(0, "0", "a", { v: "x" })]);
    const { correlation } = new Harness(countText);
    const document = only(before.documents.values());
    const entries = [{ id: "1", time: 0, rule: "a" }];
    expect(advance({ correlation, group: [] }, document, entries).document.ids).toEqual(["1"]);
  });

  test("a document survives another threshold and another timespan", () => {
    const before = new Harness(countText);
    before.add([event(0), event(1)]);
    const { correlation } = new Harness(countText.replace("gte: 3", "gte: 2").replace("10s", "20s"));
    const entries = [{ id: "e15", time: 15 * second, rule: "a" }];
    const advanced = advance({ correlation, group: [] }, only(before.documents.values()), entries);
    expect(advanced.firings).toMatchObject([{ id: "e15", value: 3 }]);
  });
});
