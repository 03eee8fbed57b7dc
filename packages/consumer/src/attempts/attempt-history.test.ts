import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AttemptHistory,
  attemptHistories,
  cameAgain,
  isPoison,
  isSuspect,
  noAttempts,
} from "./attempt-history.ts";

const shortestAbsence = 90_000;
const visibility = 180_000;

/** What became of one attempt. */
type End = "in order" | "killed" | "returned while the table was away";

/** The history after attempts that ended so, each alone where the message was suspect. */
function after(ends: readonly End[]): AttemptHistory {
  let history = noAttempts;
  let now = 0;
  for (const end of ends) {
    history = { ...history, open: { at: now, alone: isSuspect(history) } };
    if (end === "in order") history = noAttempts;
    now += end === "killed" ? visibility : 30_000;
    history = cameAgain(history, { now, shortestAbsence });
  }
  return history;
}

describe("a message is", () => {
  test.each<[string, readonly End[]]>([
    ["nothing special at first", []],
    ["nothing special after attempts in order", ["in order", "in order"]],
    [
      "nothing special when the table was away",
      ["returned while the table was away", "returned while the table was away"],
    ],
    ["nothing special when it was once suspect", ["killed", "in order"]],
  ])("%s", (_, ends) => {
    expect(isSuspect(after(ends))).toBe(false);
  });

  test.each<[string, readonly End[]]>([
    ["after a death among others", ["killed"]],
    ["after a death among others and one alone", ["killed", "killed"]],
    ["and stays so while the table is away", ["killed", "returned while the table was away"]],
  ])("suspect %s", (_, ends) => {
    expect(isSuspect(after(ends))).toBe(true);
    expect(isPoison(after(ends))).toBe(false);
  });

  test("poison after one death among others and two alone", () => {
    expect(isPoison(after(["killed", "killed", "killed"]))).toBe(true);
  });
});

test("law: poison was alone with two deaths since its last attempt in order, whatever else happened", () => {
  const ends = fc.array(fc.constantFrom<End>("in order", "killed", "returned while the table was away"));
  fc.assert(
    fc.property(ends, (all) => {
      const since = all.slice(all.lastIndexOf("in order") + 1).filter((end) => end === "killed").length;
      expect(isPoison(after(all))).toBe(since >= 3);
    }),
  );
});

test("law: a history comes back from the table as it was", () => {
  const open = fc.option(fc.record({ at: fc.nat(), alone: fc.boolean() }), { nil: undefined });
  fc.assert(
    fc.property(fc.record({ together: fc.nat(), alone: fc.nat(), open }), (history) => {
      const stored: unknown = JSON.parse(JSON.stringify(attemptHistories.serialize(history)));
      expect(attemptHistories.parse("attempt#1", stored)).toEqual(history);
    }),
  );
});
