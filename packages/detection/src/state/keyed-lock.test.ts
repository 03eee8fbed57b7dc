import { expect, test } from "vitest";
import { KeyedLock } from "./keyed-lock.ts";

test("tasks of one key run one after the other, also after a failure", async () => {
  const lock = new KeyedLock();
  const log: string[] = [];
  const task =
    (name: string, fail = false) =>
    async () => {
      log.push(`${name} starts`);
      await Promise.resolve();
      log.push(`${name} ends`);
      if (fail) throw new Error(name);
    };
  const results = await Promise.allSettled([lock.run("k", task("a", true)), lock.run("k", task("b"))]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  expect(log).toEqual(["a starts", "a ends", "b starts", "b ends"]);
});

test("tasks of different keys run side by side", async () => {
  const lock = new KeyedLock();
  const { promise, resolve } = Promise.withResolvers<void>();
  const waiting = lock.run("a", () => promise);
  await lock.run("b", async () => resolve());
  await waiting;
});
