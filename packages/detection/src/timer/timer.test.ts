import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exhausted, longestHopSeconds, parseTimer, subjectOf, type Timer, timerBody } from "./timer.ts";

const digits = fc.stringMatching(/^[0-9a-f]{32}$/);
const at = fc.integer({ min: 0, max: 4_000_000_000_000 });
const anyTimer: fc.Arbitrary<Timer> = fc.oneof(
  fc.record({
    kind: fc.constant("incident-summary" as const),
    incidentId: fc.stringMatching(/^[0-9a-f]{24}$/),
    at,
  }),
  fc.record({ kind: fc.constant("digest" as const), minuteStart: at, at }),
  fc.record({
    kind: fc.constant("window" as const),
    correlation: fc.string(),
    window: digits.map((text) => `window#${text}`),
    look: fc.constantFrom("first", "second"),
    at,
  }),
  fc.record({
    kind: fc.constant("first-seen" as const),
    policyId: fc.string(),
    term: digits.map((text) => `first-seen#${text}`),
    learning: digits.map((text) => `first-seen-learning#${text}`),
    at,
  }),
);

/** What the first release sent, and understands. */
function format1Body(timer: Timer): string {
  return JSON.stringify({
    streamwardenWakeUp: { kind: timer.kind, subject: subjectOf(timer), at: timer.at },
  });
}

test("law: every timer comes back from its message, and from that of the first release", () => {
  fc.assert(
    fc.property(anyTimer, (timer) => {
      expect(parseTimer(timerBody(timer))).toEqual({ outcome: "timer", timer, hops: 0 });
      expect(parseTimer(format1Body(timer))).toEqual({ outcome: "timer", timer, hops: 0 });
    }),
  );
});

test("law: the first release finds in our message what it would have sent itself", () => {
  fc.assert(
    fc.property(anyTimer, (timer) => {
      const body = timerBody(timer);
      expect(body.startsWith('{"streamwardenWakeUp":')).toBe(true);
      const { kind, subject, at: when } = JSON.parse(body).streamwardenWakeUp;
      expect({ streamwardenWakeUp: { kind, subject, at: when } }).toEqual(JSON.parse(format1Body(timer)));
    }),
  );
});

test("a message that an operator sent again, written with spaces, is still a timer", () => {
  const timer: Timer = { kind: "digest", minuteStart: 60_000, at: 5 };
  expect(parseTimer(`\n${JSON.stringify(JSON.parse(timerBody(timer)), null, 2)}`)).toEqual({
    outcome: "timer",
    timer,
    hops: 0,
  });
});

test.each(["", "{}", "hello", '{"Records":[]}', '{"x":{"streamwardenWakeUp":1}}', '["streamwardenWakeUp"]'])(
  "%j does not say that it is a timer",
  (body) => expect(parseTimer(body)).toBeUndefined(),
);

const window = `window#${"0".repeat(32)}`;
function wrap(value: unknown): string {
  return JSON.stringify({ streamwardenWakeUp: value });
}

describe("what says that it is a timer and is none is rejected with a reason", () => {
  test.each<[string, string]>([
    ["cut off", '{"streamwardenWakeUp":{"kind":"digest"'],
    ["a text", wrap("later")],
    ["a list", wrap([])],
    ["null", wrap(null)],
    ["nothing inside", wrap({})],
    ["an unknown kind", wrap({ kind: "party", subject: "x", at: 1 })],
    ["no time", wrap({ kind: "digest", subject: "0" })],
    ["a time that is no number", wrap({ kind: "digest", subject: "0", at: "soon" })],
    ["a minute that is no number", wrap({ kind: "digest", subject: "noon", at: 1 })],
    ["an empty minute", wrap({ kind: "digest", subject: "", at: 1 })],
    ["a minute before all time", wrap({ kind: "digest", subject: "-5", at: 1 })],
    ["an incident without id", wrap({ kind: "incident-summary", subject: "", at: 1 })],
    ["a window that is not JSON", wrap({ kind: "window", subject: "[", at: 1 })],
    ["a window without key", wrap({ kind: "window", subject: '["c"]', at: 1 })],
    ["a window that names another document", wrap({ kind: "window", subject: '["c","incident#1"]', at: 1 })],
    ["a term that is not JSON", wrap({ kind: "first-seen", subject: "x", at: 1 })],
    ["a term without learning period", wrap({ kind: "first-seen", subject: '["p","first-seen#1"]', at: 1 })],
    ["a subject that is no text", wrap({ kind: "window", subject: ["c", window], at: 1 })],
    ["format 2 with the fields of format 1", wrap({ format: 2, kind: "digest", subject: "0", at: 1 })],
    ["a format that is no number", wrap({ format: "2", kind: "digest", minuteStart: 0, at: 1 })],
    ["a negative count of hops", wrap({ format: 2, kind: "digest", minuteStart: 0, at: 1, hops: -1e9 })],
    ["a count of hops that is no number", wrap({ kind: "digest", subject: "0", at: 1, hops: "many" })],
    ["a third look", wrap({ format: 2, kind: "window", correlation: "c", window, look: "third", at: 1 })],
  ])("%s", (_, body) => {
    expect(parseTimer(body)).toMatchObject({ outcome: "rejected", reason: "timer-unreadable" });
  });

  test("one of a later release names its format, and what to do", () => {
    const parsed = parseTimer(wrap({ format: 3, kind: "digest", minuteStart: 0, at: 1 }));
    expect(parsed).toEqual({
      outcome: "rejected",
      reason: "timer-format-unknown",
      message: expect.stringMatching(/format 3.*Redrive/),
    });
  });

  test("but one of a later release that says this one may read it is read", () => {
    const body = wrap({ format: 3, readableSince: 2, kind: "digest", minuteStart: 0, at: 1, zone: "x" });
    expect(parseTimer(body)).toEqual({
      outcome: "timer",
      timer: { kind: "digest", minuteStart: 0, at: 1 },
      hops: 0,
    });
  });
});

test("law: how often a timer was sent on comes back from its message", () => {
  fc.assert(
    fc.property(anyTimer, fc.nat(), (timer, hops) => {
      expect(parseTimer(timerBody(timer, hops))).toEqual({ outcome: "timer", timer, hops });
    }),
  );
});

describe("a timer that comes early", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  const day = 24 * 3600 * 1000;
  const hop = longestHopSeconds * 1000;

  test.each<[string, { at: number; hops: number }, boolean]>([
    ["is due", { at: now, hops: 1_000_000 }, true],
    ["is late", { at: now - day, hops: 1_000_000 }, true],
    ["is a week away", { at: now + 7 * day, hops: 0 }, true],
    ["is a hundred days away", { at: now + 100 * day, hops: 0 }, true],
    ["was sent on a hundred days long and is a day away", { at: now + day, hops: 9_600 }, true],
    ["is at its last hop", { at: now + hop, hops: 9_999 }, true],
    ["has taken every hop", { at: now + 1, hops: 10_000 }, false],
    ["lies beyond all hops", { at: now + 10_001 * hop, hops: 0 }, false],
    ["lies at the end of time", { at: Number.MAX_VALUE, hops: 0 }, false],
  ])("that %s", (_, { at: due, hops }, mayGoOn) => {
    const timer: Timer = { kind: "digest", minuteStart: 0, at: due };
    expect(exhausted(timer, hops, now)?.reason).toBe(mayGoOn ? undefined : "timer-hop-limit");
  });

  test("law: sent on at every hop, any timer is due, or is turned away, after a bounded number of hops", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true }), fc.nat(20_000), (due, start) => {
        const timer: Timer = { kind: "digest", minuteStart: 0, at: due };
        let [hops, time] = [start, now];
        while (due > time && exhausted(timer, hops, time) === undefined) {
          hops += 1;
          time += hop;
        }
        expect(hops - start).toBeLessThanOrEqual(10_000);
      }),
      { numRuns: 50 },
    );
  });
});
