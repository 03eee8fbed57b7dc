import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { createSnsPublisher } from "@streamwarden/alerting";
import { loadConfig } from "@streamwarden/config";
import {
  createDetector,
  createPipeline,
  DynamoDbStateStore,
  type StateStore,
  StateStoreError,
} from "@streamwarden/detection";
import { type LocalAws, startLocalAws } from "@streamwarden/local";
import { loadPolicies } from "@streamwarden/policies";
import { afterAll, beforeAll, expect, test } from "vitest";
import { faultConfig } from "../support/fault-config.ts";
import { drain } from "../support/queues.ts";
import { createChannel } from "../support/records.ts";
import { subscribeQueue } from "../support/topic.ts";

let aws: LocalAws;
let clients: { readonly dynamodb: DynamoDBClient; readonly sns: SNSClient; readonly sqs: SQSClient };

beforeAll(async () => {
  aws = await startLocalAws();
  const { region, credentials, endpoints } = aws;
  clients = {
    dynamodb: new DynamoDBClient({ region, credentials, endpoint: endpoints.dynamodb }),
    sns: new SNSClient({ region, credentials, endpoint: endpoints.sns }),
    sqs: new SQSClient({ region, credentials, endpoint: endpoints.sqs }),
  };
});

afterAll(async () => {
  for (const client of Object.values(clients)) client.destroy();
  await aws.close();
});

const body = JSON.stringify(createChannel({ eventID: "republished", user: "alice" }));

test("an alert that went out and could not be marked arrives again byte for byte the same", async () => {
  const inbox = await subscribeQueue(aws, "republished");
  const time = { now: Date.parse("2026-01-01T00:00:10Z") };
  const clock = { now: () => time.now };
  const table = new DynamoDbStateStore({
    client: clients.dynamodb,
    tableName: aws.resources.stateTable,
    clock,
  });
  let publications = 0;
  let isMarkLost = false;
  const store: StateStore = {
    read: (key) => table.read(key),
    update: (key, ttlSeconds, change) =>
      isMarkLost && key.startsWith("incident#")
        ? Promise.reject(new StateStoreError("state-store-unavailable", "The table is away."))
        : table.update(key, ttlSeconds, change),
  };
  const sns = createSnsPublisher({ client: clients.sns, topicArn: aws.resources.topicArn });
  const pipeline = createPipeline({
    detector: createDetector(loadPolicies("configured", loadConfig(faultConfig))),
    store,
    clock,
    publisher: {
      ...sns,
      async publish(alert) {
        await sns.publish(alert);
        publications += 1;
        isMarkLost = publications <= 1;
      },
    },
    quarantine: () => Promise.reject(new Error("Nothing here is unreadable.")),
    scheduleTimer: async () => undefined,
  });
  const attempt = async () => {
    const { outcomes } = await pipeline.process([{ id: "m", body, receivedAt: time.now }]);
    return outcomes.map(({ outcome }) => outcome);
  };
  expect(await attempt()).toEqual(["returned"]);
  isMarkLost = false;
  time.now += 31_000;
  expect(await attempt()).toEqual(["processed"]);
  await aws.settled();

  const arrived = await drain(clients.sqs, inbox);
  expect(arrived).toHaveLength(2);
  expect(publications).toBe(2);
  expect(arrived[1]?.Body).toBe(arrived[0]?.Body);
});
