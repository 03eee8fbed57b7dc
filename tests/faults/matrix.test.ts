import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { addBalances, type Balance, emptyBalance, imbalances } from "@streamwarden/detection";
import type { Faults } from "@streamwarden/local";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { balanceOf, sumOfBalances, watchBalance } from "../support/balance.ts";
import { type FaultWorld, startFaultWorld } from "../support/fault-world.ts";
import { backlog, drain, eventually, sendAll } from "../support/queues.ts";
import { createChannel } from "../support/records.ts";

type Fault = Parameters<Faults["add"]>[0];

interface Case {
  readonly name: string;
  readonly faults: readonly Fault[];
  /** Default 2. */
  readonly consumers?: number;
  /** Of each record set; default `full`. Slow faults take the smaller set. */
  readonly size?: Size;
  /** How the records reach the queue. Default `queue`. */
  readonly by?: "queue" | "bus";
  /** How often consumers are killed while they work. */
  readonly kills?: number;
}

interface Size {
  readonly users: number;
  readonly recordsEach: number;
}

const isLong = process.env.STREAMWARDEN_LONG_TESTS === "1";
const full: Size = isLong ? { users: 100, recordsEach: 100 } : { users: 40, recordsEach: 50 };
const medium: Size = isLong ? full : { users: 40, recordsEach: 25 };
const small: Size = isLong ? full : { users: 20, recordsEach: 20 };
if (!isLong)
  process.stdout.write(
    `Fault matrix: ${full.users * full.recordsEach} records a fault. STREAMWARDEN_LONG_TESTS=1 takes 10,000.\n`,
  );

const receivers = 3;
const messagesPerBatch = 10;
/** Actors with one record each: nobody else's message brings their alert along when their own is lost. */
const loners = 60;
/** Half of a set travels alone, half in trail files of this many records. */
const recordsPerFile = 10;

function bodiesOf(prefix: string, { users, recordsEach }: Size): { bodies: string[]; records: object[] } {
  const records = Array.from({ length: users * recordsEach }, (_, index) =>
    createChannel({ eventID: `${prefix}-${index}`, user: `${prefix}-${index % users}` }),
  );
  const middle = records.length / 2;
  const files = Array.from({ length: middle / recordsPerFile }, (_, index) =>
    JSON.stringify({ Records: records.slice(middle + index * recordsPerFile).slice(0, recordsPerFile) }),
  );
  const alone = Array.from({ length: loners }, (_, index) =>
    createChannel({ eventID: `${prefix}-alone-${index}`, user: `${prefix}-alone-${index}` }),
  );
  const singles = [...records.slice(0, middle), ...alone].map((record) => JSON.stringify(record));
  return { bodies: [...singles, ...files], records: [...records, ...alone] };
}

async function putOnBus({ eventbridge }: FaultWorld, records: readonly object[]): Promise<void> {
  for (let start = 0; start < records.length; start += 10)
    await eventbridge.send(
      new PutEventsCommand({
        Entries: records.slice(start, start + 10).map((record) => ({
          Source: "aws.ivs",
          DetailType: "AWS API Call via CloudTrail",
          Detail: JSON.stringify(record),
        })),
      }),
    );
}

function levels(recordsEach: number): readonly string[] {
  return ["new", "10", "100", "1000"].filter((name) => name === "new" || Number(name) <= recordsEach);
}

let cases = 0;
/** Alerts of earlier cases: a consumer whose messages lapsed there may tell one again in the middle of the next. */
const earlier = new Set<string>();

/** Plays a case to its end and checks everything that must hold whatever the fault. */
async function play(
  world: FaultWorld,
  { faults, consumers = 2, size = full, by = "queue", kills = 0 }: Case,
) {
  const { aws, sqs } = world;
  const prefix = `case${cases++}`;
  const { bodies, records } = bodiesOf(prefix, size);
  await world.scale(consumers);
  const before = await sumOfBalances(world.consumers);
  const watch = watchBalance(() => world.consumers);
  for (const fault of faults) aws.faults.add(fault);
  // Sent while the consumers work, as in life.
  if (by === "bus") await putOnBus(world, records);
  else await sendAll(sqs, aws.resources.queueUrl, bodies);
  let lost: Balance = emptyBalance;
  const replacements: Promise<unknown>[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    const share = (kill + 1) / (kills + 2);
    const left = async (): Promise<number> => await backlog(sqs, aws.resources.queueUrl);
    await eventually("enough work is done", async () => (await left()) < bodies.length * (1 - share));
    const [victim] = world.consumers;
    if (victim === undefined) throw new Error("There is no consumer to kill.");
    lost = addBalances(lost, await balanceOf(victim.url));
    await victim.kill();
    expect(await left(), "the kill hit a consumer at work").toBeGreaterThan(0);
    replacements.push(world.startConsumer());
  }
  await Promise.all(replacements);
  // Messages that are held back are in no backlog.
  if (by === "queue" && kills === 0)
    await eventually(
      "every message was processed",
      async () => {
        const { messages } = await sumOfBalances(world.consumers);
        return messages.processed - before.messages.processed >= bodies.length;
      },
      120,
    );
  // A message that a fault holds back is neither visible nor in flight, so an empty queue alone proves nothing.
  const counted = async (): Promise<number> =>
    (await world.incidents(`${prefix}-`)).reduce((sum, { ids }) => sum + ids.length, 0);
  await eventually("every record is in its incident", async () => (await counted()) >= records.length, 120);
  await world.idle(120);
  const hits = aws.faults.list().map((fault) => fault.hits);
  aws.faults.clear();
  const watched = await watch.stop();

  expect(watched.violations).toEqual([]);
  expect(watched.samples).toBeGreaterThan(0);
  for (const { url } of world.consumers) expect(imbalances(await balanceOf(url))).toEqual([]);
  if (faults.length > 0) expect(Math.min(...hits), "every fault was hit").toBeGreaterThan(0);

  const incidents = await world.incidents(`${prefix}-`);
  const counts = incidents.map(({ ids }) => ids.length).sort((a, b) => a - b);
  expect(counts).toEqual([
    ...Array<number>(loners).fill(1),
    ...Array<number>(size.users).fill(size.recordsEach),
  ]);
  expect(incidents.flatMap(({ outbox }) => outbox)).toEqual([]);
  expect(await drain(sqs, aws.resources.deadLetterQueueUrl)).toEqual([]);
  expect(await drain(sqs, aws.resources.targetDeadLetterQueueUrl)).toEqual([]);

  const arrived = (await world.arrived()).filter((id) => !earlier.has(id)).sort();
  const due = incidents.flatMap(({ id, ids }) => levels(ids.length).map((level) => `${id}.${level}`)).sort();
  expect([...new Set(arrived)], "no alert is missing and none is made up").toEqual(due);
  for (const id of due) earlier.add(id);
  return { arrived, due, before, lost, timeouts: faults.reduce(sumTimeouts(hits), 0) };
}

/** Calls that SNS took and whose answer came too late or never: the publisher asks again at once. */
function sumTimeouts(hits: readonly number[]) {
  return (sum: number, { service, kind }: Fault, index: number): number =>
    service === "sns" && (kind === "accept-then-timeout" || kind === "delay")
      ? sum + (hits[index] ?? 0)
      : sum;
}

/**
 * Every repeat is accounted for: owed once more, taken without an answer, or held by a consumer that was killed. A
 * consumer whose messages lapsed may still be at work when the queue is empty, so its accounts are waited for.
 */
async function expectRepeatsAccounted(
  world: FaultWorld,
  one: Case,
  { arrived, due, before, lost, timeouts }: Awaited<ReturnType<typeof play>>,
): Promise<void> {
  const heldByTheDead = (one.kills ?? 0) * receivers * messagesPerBatch * recordsPerFile;
  await eventually(
    "every repeated alert is accounted for",
    async () => {
      const { alerts } = await sumOfBalances(world.consumers);
      const owed = alerts.owed + lost.alerts.owed - before.alerts.owed;
      return arrived.length - due.length <= owed - due.length + timeouts + heldByTheDead;
    },
    15,
  );
}

/** Long enough for a claim (half of it) to outlast a batch on a busy machine. */
const patientSeconds = 20;

const impatientSeconds = 2;

const exactlyOnce: readonly Case[] = [
  { name: "no fault, two consumers", faults: [] },
  { name: "no fault, four consumers", faults: [], consumers: 4 },
  {
    name: "SNS answers 500 to half of the calls",
    faults: [{ service: "sns", operation: "Publish", kind: "error-500", probability: 0.5 }],
  },
  {
    name: "SNS throttles half of the calls",
    faults: [{ service: "sns", operation: "Publish", kind: "throttle", probability: 0.5 }],
  },
  {
    name: "conflict storms in DynamoDB",
    faults: [{ service: "dynamodb", operation: "PutItem", kind: "conflict", probability: 0.5 }],
    consumers: 3,
    size: medium,
  },
  {
    name: "DynamoDB takes a write and its answer is lost",
    faults: [{ service: "dynamodb", operation: "PutItem", kind: "accept-then-timeout", times: 4, after: 20 }],
    size: small,
  },
  {
    name: "SQS delivers every second batch twice, to several consumers at once",
    faults: [{ service: "sqs", operation: "ReceiveMessage", kind: "duplicate-delivery", probability: 0.5 }],
    consumers: 3,
  },
  {
    name: "SQS delivers in any order",
    faults: [
      { service: "sqs", operation: "ReceiveMessage", kind: "reorder" },
      { service: "sqs", operation: "SendMessageBatch", kind: "reorder", spreadSeconds: 3, from: "clients" },
    ],
  },
  {
    name: "EventBridge delivers twice",
    faults: [
      { service: "eventbridge", operation: "PutEvents", kind: "duplicate-delivery", probability: 0.5 },
    ],
    by: "bus",
    size: small,
  },
];

/**
 * Publish, then mark: what happens between the two can make an alert go out again, under the same id. These are the
 * only faults that reach into that gap.
 */
const atLeastOnce: readonly Case[] = [
  {
    name: "SNS takes alerts and its answers are lost",
    faults: [{ service: "sns", operation: "Publish", kind: "accept-then-timeout", times: 6 }],
    size: small,
  },
  {
    name: "DynamoDB answers 500 so often that marks fail too",
    faults: [{ service: "dynamodb", kind: "error-500", probability: 0.6, times: 500 }],
    size: small,
  },
];

/** As above, with a visibility timeout that lapses while messages are held. */
const lapsing: readonly Case[] = [
  {
    name: "SNS is slower than the visibility timeout and heartbeats fail",
    faults: [
      { service: "sns", operation: "Publish", kind: "delay", delayMilliseconds: 2200, times: 12 },
      { service: "sqs", operation: "ChangeMessageVisibilityBatch", kind: "error-500", times: 60 },
    ],
    size: small,
  },
  { name: "kill -9 of one of three consumers, again and again", faults: [], consumers: 3, kills: 3 },
];

describe("faults that must not repeat an alert", () => {
  let world: FaultWorld;
  beforeAll(async () => {
    world = await startFaultWorld({ visibilityTimeoutSeconds: patientSeconds });
  });
  afterAll(() => world.close());

  test.each(exactlyOnce)("$name: no alert is missing, each goes out exactly once", async (one) => {
    const { arrived, due, before } = await play(world, one);
    expect(arrived).toEqual(due);
    const { alerts } = await sumOfBalances(world.consumers);
    expect(alerts.published - before.alerts.published, "published is what went out").toBe(due.length);
  });

  test.each(atLeastOnce)("$name: no alert is missing, repeats have the same id", async (one) => {
    await expectRepeatsAccounted(world, one, await play(world, one));
  });
});

describe("faults that outlast the visibility timeout", () => {
  let world: FaultWorld;
  beforeAll(async () => {
    world = await startFaultWorld({ visibilityTimeoutSeconds: impatientSeconds });
  });
  afterAll(() => world.close());

  test.each(lapsing)("$name: no alert is missing, repeats have the same id", async (one) => {
    await expectRepeatsAccounted(world, one, await play(world, one));
  });
});
