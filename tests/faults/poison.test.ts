import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type FaultWorld, startFaultWorld } from "../support/fault-world.ts";
import { backlog, drain, eventually, sendAll } from "../support/queues.ts";
import { createChannel } from "../support/records.ts";

const poison = fileURLToPath(new URL("../support/poison.ts", import.meta.url));

let world: FaultWorld;
beforeAll(async () => {
  world = await startFaultWorld({ visibilityTimeoutSeconds: 4 });
});
afterAll(() => world.close());

test("a service that a message ends, and that is started again each time, gets rid of it; its neighbours' alerts arrive", async () => {
  const { queueUrl, deadLetterQueueUrl } = world.aws.resources;
  const good = Array.from({ length: 9 }, (_, index) =>
    JSON.stringify(createChannel({ eventID: `good-${index}`, user: `user-${index}` })),
  );
  const bad = JSON.stringify(createChannel({ eventID: "bad", user: "mallory", userAgent: "poison-exit" }));
  await sendAll(world.sqs, queueUrl, [...good.slice(0, 4), bad, ...good.slice(4)]);

  let starts = 0;
  await eventually(
    "the queue is empty",
    async () => {
      if (world.consumers.length === 0) {
        starts += 1;
        // One that ends while it starts has met the message as well.
        await world.startConsumer({ NODE_OPTIONS: `--import ${poison}` }).catch(() => undefined);
      }
      return (await backlog(world.sqs, queueUrl)) === 0;
    },
    120,
  );

  await world.aws.settled();
  expect(new Set(await world.arrived()).size).toBe(9);
  const letters = await drain(world.sqs, deadLetterQueueUrl);
  expect(letters.map(({ MessageAttributes }) => MessageAttributes?.reason?.StringValue)).toEqual([
    "killed-the-process",
  ]);
  // Among others once or twice (who shares a batch with it is a matter of chance), then alone twice.
  expect(starts).toBeLessThanOrEqual(8);
});
