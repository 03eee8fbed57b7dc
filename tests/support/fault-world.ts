import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDbStateStore, type IncidentDocument, incidentDocuments } from "@streamwarden/detection";
import { type LocalAws, type LocalAwsOptions, startLocalAws } from "@streamwarden/local";
import { type ConsumerProcess, startConsumerProcess } from "./consumer-process.ts";
import { faultConfig } from "./fault-config.ts";
import { backlog, eventually } from "./queues.ts";
import { alertIds, subscribeQueue } from "./topic.ts";

/** A local AWS with an inbox that gets every alert, and consumers in processes of their own. */
export interface FaultWorld {
  readonly aws: LocalAws;
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  readonly eventbridge: EventBridgeClient;
  readonly store: DynamoDbStateStore;
  /** URL of a queue that gets every alert and digest. */
  readonly inbox: string;
  /** The environment of a consumer. */
  readonly environment: Readonly<Record<string, string>>;
  /** Consumers that run now. */
  readonly consumers: readonly ConsumerProcess[];
  startConsumer(env?: Readonly<Record<string, string>>): Promise<ConsumerProcess>;
  /** Starts or stops consumers until there are that many. */
  scale(count: number): Promise<void>;
  /** Waits until no message is visible or in flight and nothing is left to deliver. */
  idle(deadlineSeconds?: number): Promise<void>;
  /** The ids of the alerts that arrived since the last call, as often as they did. */
  arrived(): Promise<string[]>;
  /** Incidents whose actor's name begins so. */
  incidents(userPrefix: string): Promise<IncidentDocument[]>;
  close(): Promise<void>;
}

export async function startFaultWorld(options: LocalAwsOptions = {}): Promise<FaultWorld> {
  const aws = await startLocalAws({ maximumReceives: 1000, mailboxCapacity: 10, ...options });
  const client = { region: aws.region, credentials: aws.credentials };
  const sqs = new SQSClient({ ...client, endpoint: aws.endpoints.sqs });
  const dynamodb = new DynamoDBClient({ ...client, endpoint: aws.endpoints.dynamodb });
  const eventbridge = new EventBridgeClient({ ...client, endpoint: aws.endpoints.eventbridge });
  const inbox = await subscribeQueue(aws, "every-alert");
  const store = new DynamoDbStateStore({ client: dynamodb, tableName: aws.resources.stateTable });
  const environment = {
    ...aws.environment,
    STREAMWARDEN_CONFIG: faultConfig,
    STREAMWARDEN_RECEIVERS: "3",
    STREAMWARDEN_LOG_LEVEL: "info",
  };
  const consumers: ConsumerProcess[] = [];
  const forget = (consumer: ConsumerProcess): void => {
    const at = consumers.indexOf(consumer);
    if (at >= 0) consumers.splice(at, 1);
  };
  const world: FaultWorld = {
    aws,
    sqs,
    dynamodb,
    eventbridge,
    store,
    inbox,
    environment,
    consumers,
    async startConsumer(env = {}) {
      const consumer = await startConsumerProcess({ ...environment, ...env });
      consumers.push(consumer);
      consumer.child.once("exit", () => forget(consumer));
      return consumer;
    },
    async scale(count) {
      await Promise.all(consumers.slice(count).map((consumer) => consumer.stop()));
      const missing = Math.max(0, count - consumers.length);
      await Promise.all(Array.from({ length: missing }, () => world.startConsumer()));
    },
    async idle(deadlineSeconds = 60) {
      await eventually(
        "the queue is empty",
        async () => (await backlog(sqs, aws.resources.queueUrl)) === 0,
        deadlineSeconds,
      );
      await aws.settled();
    },
    arrived: () => alertIds(sqs, inbox),
    async incidents(userPrefix) {
      const documents = (await store.list("incident#")).map(({ key, document }) =>
        incidentDocuments.parse(key, document),
      );
      return documents.filter(({ group }) => group.some(({ value }) => value.includes(`/${userPrefix}`)));
    },
    async close() {
      await Promise.all([...consumers].map((consumer) => consumer.kill()));
      for (const one of [sqs, dynamodb, eventbridge]) one.destroy();
      await aws.close();
    },
  };
  return world;
}
