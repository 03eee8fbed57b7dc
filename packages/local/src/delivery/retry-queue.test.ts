import { expect, test } from "vitest";
import { type Attempt, type Delivery, type FailedDelivery, RetryQueue } from "./retry-queue.ts";

function failed(retry: boolean): Attempt {
  return { outcome: "failed", retry, code: "X", message: "x" };
}

function delivery(outcomes: readonly Attempt[], limits: Partial<Delivery> = {}) {
  const given: FailedDelivery[] = [];
  let attempts = 0;
  return {
    given,
    attempts: () => attempts,
    delivery: {
      maximumRetries: 5,
      maximumAgeSeconds: 60,
      attempt: () => {
        attempts += 1;
        return Promise.resolve(outcomes[attempts - 1] ?? { outcome: "delivered" as const });
      },
      giveUp: (failure: FailedDelivery) => {
        given.push(failure);
        return Promise.resolve();
      },
      ...limits,
    },
  };
}

test("retries until it works", async () => {
  const queue = new RetryQueue(() => 0);
  const { delivery: one, attempts, given } = delivery([failed(true), failed(true)]);
  queue.start(one);
  await queue.idle();
  expect(attempts()).toBe(3);
  expect(given).toEqual([]);
  expect(queue.counts).toEqual({ pending: 0, delivered: 1, failed: 0 });
});

test.each<[why: string, outcomes: Attempt[], limits: Partial<Delivery>, exhausted: string, retries: number]>([
  ["what cannot work", [failed(false)], {}, "NotRetriable", 0],
  ["after the retries", [failed(true), failed(true)], { maximumRetries: 1 }, "MaximumRetryAttempts", 1],
  ["after the age", [failed(true)], { maximumAgeSeconds: 0 }, "MaximumEventAgeInSeconds", 0],
])("gives up %s", async (_why, outcomes, limits, exhausted, retries) => {
  const queue = new RetryQueue(() => 0);
  const { delivery: one, given } = delivery(outcomes, limits);
  queue.start(one);
  await queue.idle();
  expect(given).toEqual([{ code: "X", message: "x", retries, exhausted }]);
  expect(queue.counts).toEqual({ pending: 0, delivered: 0, failed: 1 });
});

test("senders wait for room", async () => {
  const queue = new RetryQueue(() => 0, 1);
  let release = () => {};
  const blocked = new Promise<Attempt>((resolve) => {
    release = () => resolve({ outcome: "delivered" });
  });
  queue.start(delivery([], { attempt: () => blocked }).delivery);
  let room = false;
  const waiting = queue.room().then(() => {
    room = true;
  });
  await Promise.resolve();
  expect(room).toBe(false);
  release();
  await waiting;
  expect(queue.counts.pending).toBe(0);
});

test("close ends the pauses and reaches no dead-letter queue", async () => {
  const queue = new RetryQueue(() => 0);
  const endless = Array.from({ length: 1_000 }, () => failed(true));
  const { delivery: one, given } = delivery(endless, { maximumRetries: 1_000 });
  queue.start(one);
  await queue.close();
  expect(given).toEqual([]);
  expect(queue.counts.pending).toBe(0);
});
