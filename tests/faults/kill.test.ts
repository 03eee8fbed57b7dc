import { setTimeout as delay } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDbStateStore, incidentDocuments } from "@streamwarden/detection";
import { startLocalAws } from "@streamwarden/local";
import { expect, test } from "vitest";
import { type ConsumerProcess, outcomes, startConsumerProcess } from "../support/consumer-process.ts";
import { faultConfig } from "../support/fault-config.ts";
import { backlog, drain, eventually, sendAll } from "../support/queues.ts";
import { createChannel } from "../support/records.ts";
import { alertIds, subscribeQueue } from "../support/topic.ts";

const users = 100;
const recordsEach = 20;

test(`kill -9 at random moments during ${users * recordsEach} records: no alert is missing, none is doubled by id`, async () => {
  const aws = await startLocalAws({ maximumReceives: 1000, visibilityTimeoutSeconds: 3 });
  const options = { region: aws.region, credentials: aws.credentials };
  const sqs = new SQSClient({ ...options, endpoint: aws.endpoints.sqs });
  const dynamodb = new DynamoDBClient({ ...options, endpoint: aws.endpoints.dynamodb });
  let consumer: ConsumerProcess | undefined;
  try {
    const inbox = await subscribeQueue(aws, "every-alert");
    const bodies = Array.from({ length: users * recordsEach }, (_, index) =>
      JSON.stringify(createChannel({ eventID: `kill-${index}`, user: `user-${index % users}` })),
    );
    await sendAll(sqs, aws.resources.queueUrl, bodies);

    const env = {
      ...aws.environment,
      STREAMWARDEN_CONFIG: faultConfig,
      STREAMWARDEN_RECEIVERS: "4",
      STREAMWARDEN_LOG_LEVEL: "info",
    };
    let kills = 0;
    for (; kills < 6; kills += 1) {
      consumer = await startConsumerProcess(env);
      await delay(50 + ((kills * 97) % 400));
      await consumer.kill();
    }
    expect(await backlog(sqs, aws.resources.queueUrl), "the kills hit a consumer at work").toBeGreaterThan(0);
    consumer = await startConsumerProcess(env);
    await eventually(
      "the queue is empty",
      async () => (await backlog(sqs, aws.resources.queueUrl)) === 0,
      120,
    );
    await aws.settled();

    const published = await alertIds(sqs, inbox);
    const store = new DynamoDbStateStore({ client: dynamodb, tableName: aws.resources.stateTable });
    const incidents = (await store.list("incident#")).map(({ key, document }) =>
      incidentDocuments.parse(key, document),
    );
    expect(incidents).toHaveLength(users);
    expect(new Set(incidents.map(({ ids }) => ids.length))).toEqual(new Set([recordsEach]));
    expect(incidents.flatMap(({ outbox }) => outbox)).toEqual([]);

    const due = incidents.flatMap(({ id }) => [`${id}.new`, `${id}.10`]).sort();
    expect([...new Set(published)].sort()).toEqual(due);
    // Between publish and mark an alert can go out again under its id: at most what a killed batch held.
    expect(published.length - due.length).toBeLessThanOrEqual(kills * 4 * 10 * 2);
    const messages = await outcomes(consumer.url, "streamwarden_messages_total");
    expect(messages.received).toBe(
      (messages.processed ?? 0) + (messages.quarantined ?? 0) + (messages.returned ?? 0),
    );
    expect(await drain(sqs, aws.resources.deadLetterQueueUrl)).toEqual([]);
    expect(await consumer.stop()).toBe(0);
  } finally {
    await consumer?.kill();
    sqs.destroy();
    dynamodb.destroy();
    await aws.close();
  }
});
