import { expect, test } from "vitest";
import { Health } from "./health.ts";

test("ready from start to stop, red from a failure to the next success", () => {
  const health = new Health();
  expect(health.report().ready).toBe(false);
  health.running();
  expect(health.report().ready).toBe(true);
  health.failed("topic", "The alert topic does not answer.");
  health.failed("state", "The table is away.");
  expect(health.report()).toEqual({ ready: false, reason: "The alert topic does not answer." });
  health.succeeded("topic");
  expect(health.report().reason).toBe("The table is away.");
  health.succeeded("state");
  expect(health.report().ready).toBe(true);
  health.stopping();
  expect(health.report().ready).toBe(false);
});

test("a failure that does not come back is over: its message may have gone to another consumer", () => {
  let now = 1_000_000;
  const health = new Health(() => now);
  health.running();
  health.failed("topic", "The alert topic does not answer.");
  now += 9 * 60_000;
  expect(health.report().ready).toBe(false);
  health.failed("topic", "The alert topic does not answer.");
  now += 9 * 60_000;
  expect(health.report().ready).toBe(false);
  now += 2 * 60_000;
  expect(health.report().ready).toBe(true);
});
