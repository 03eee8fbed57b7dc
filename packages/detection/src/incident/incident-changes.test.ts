import type { AlertRecord } from "@streamwarden/alerting";
import { describe, expect, test } from "vitest";
import { callOfAlertRecord } from "../calls/call.ts";
import { sampleRecord } from "../testing/fixtures.ts";
import { type Change, match, merge, minute, published, start } from "../testing/incidents.ts";
import type { Progress } from "./incident.ts";
import type { IncidentDocument } from "./incident-document.ts";
import type { IncidentEvent } from "./incident-event.ts";

describe("what a change makes of a document that owes nothing", () => {
  const quiet = { live: false } as const;
  /** An event over calls of which little is known. */
  const event = (id: string, calls: IncidentEvent["calls"], record?: AlertRecord): IncidentEvent => ({
    id,
    time: start,
    cause: id,
    calls,
    recordOf: () => record,
  });
  const bare = (id: string, seconds: number) => ({ id, time: start + seconds * 1000, values: {} });
  const whole = sampleRecord("a", start);
  const later = { ...callOfAlertRecord(sampleRecord("a", start)), time: start + 1000 };

  test.each<
    [part: string, before: readonly IncidentEvent[], change: readonly IncidentEvent[], more?: Change]
  >([
    ["ids", [event("a", [bare("a", 0)])], [event("b", [bare("a", 0)])]],
    ["firstTime", [event("a", [bare("a", 5)])], [event("a", [bare("a", 0)])]],
    ["lastTime", [event("a", [bare("a", 0)])], [event("a", [bare("a", 5)])]],
    ["severity", [event("a", [bare("a", 0)])], [event("a", [bare("a", 0)])], { severity: "critical" }],
    ["samples", [event("a", [bare("a", 0)])], [event("a", [bare("a", 0)], whole)]],
    ["calls", [event("a", [bare("a", 1)])], [event("a", [later])]],
    [
      "fired",
      [event("a", [bare("a", 0)])],
      [{ ...event("a", [bare("a", 0)]), fired: { at: start, when: "", needs: 1 } }],
    ],
  ])("%s alone may change", (part, events, change, more = {}) => {
    const before = merge(undefined, events, quiet).document;
    const after = merge(before, change, { ...quiet, ...more }).document;
    const changed = Object.entries(after).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key as keyof IncidentDocument]),
    );
    expect(changed.map(([key]) => key)).toContain(part);
    const expected = part === "samples" ? ["samples", "latest"] : [part];
    expect(changed.map(([key]) => key).filter((key) => !expected.includes(key))).toEqual([]);
    expect(merge(after, change, { ...quiet, ...more }).document).toBe(after);
  });

  test("a call between others that becomes known whole is kept", () => {
    const calls = [bare("a", 0), bare("m", 1), bare("z", 2)];
    const knowing = (...ids: readonly string[]): IncidentEvent => ({
      ...event("a", calls),
      recordOf: ({ id, time }) => (ids.includes(id) ? sampleRecord(id, time) : undefined),
    });
    const before = merge(undefined, [knowing("a", "z")], quiet).document;
    const { samples, latest } = merge(before, [knowing("m")], quiet).document;
    expect(samples.map(({ eventId }) => eventId)).toEqual(["a", "m", "z"]);
    expect(latest).toBe(before.latest);
  });

  test("a call that is known stays as it is when it comes again", () => {
    const before = published([match("a")]);
    const again = merge(before, [match("a", 0, { reasons: ["another reason"] }), match("b", 1)]).document;
    expect(again.samples.map(({ reasons }) => reasons)).toEqual([
      sampleRecord("a").reasons,
      sampleRecord("b").reasons,
    ]);
  });

  test("a lease that is taken over stands in the document", () => {
    const crashed = merge(undefined, [match("a")], { by: "one" }).document;
    const { document, owed } = merge(crashed, [match("a")], { by: "two", now: start + 2 * minute });
    expect(document.outbox).toEqual(owed);
    expect(document.outbox.map(({ lease }) => lease?.by)).toEqual(["two", "two"]);
  });
});

describe("whose message waits for an alert", () => {
  const causes = (progress: Progress): string[] => progress.owed.map(({ cause }) => cause);

  test.each<[why: string, events: readonly IncidentEvent[], cause: string]>([
    ["the earliest event's", [match("a", 2), match("b", 1)], "b"],
    ["the earliest event's, in any order", [match("b", 1), match("a", 2)], "b"],
    ["of one moment, the one with the lowest id", [match("c"), match("a"), match("b")], "a"],
    ["of one moment, in any order", [match("a"), match("b"), match("c")], "a"],
  ])("%s", (_, events, cause) => {
    expect(causes(merge(undefined, events))).toEqual([cause, cause]);
  });

  test("that of an event which the incident did not have, before one that came again", () => {
    const first = published([match("a")], { severity: "low" });
    expect(causes(merge(first, [match("a"), match("b", 1)]))).toEqual(["b"]);
    expect(causes(merge(first, [match("a")]))).toEqual(["a"]);
  });
});
