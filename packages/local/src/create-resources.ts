import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { captureRules } from "@streamwarden/capture";
import type { ServiceName } from "./http/service-request.ts";

/** The product's resources in the local world. */
export interface LocalResources {
  readonly queueUrl: string;
  readonly queueArn: string;
  /** Where the consumer's timers wait. */
  readonly timerQueueUrl: string;
  /** Where SQS and the consumer put what cannot be processed. */
  readonly deadLetterQueueUrl: string;
  readonly deadLetterQueueArn: string;
  /** Where EventBridge puts what it cannot deliver to the queue. */
  readonly targetDeadLetterQueueUrl: string;
  readonly targetDeadLetterQueueArn: string;
  readonly topicArn: string;
  readonly stateTable: string;
  readonly ruleNames: readonly string[];
}

export interface ResourceOptions {
  readonly visibilityTimeoutSeconds: number;
  readonly maximumReceives: number;
}

interface ClientOptions {
  readonly endpoints: Readonly<Record<ServiceName, string>>;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const fourteenDaysSeconds = "1209600";

/** Creates queues, topic, table and rules through the services' own APIs, as a deployment does. */
export async function createResources(
  { endpoints, region, credentials }: ClientOptions,
  options: ResourceOptions,
): Promise<LocalResources> {
  const sqs = new SQSClient({ endpoint: endpoints.sqs, region, credentials });
  const sns = new SNSClient({ endpoint: endpoints.sns, region, credentials });
  const dynamodb = new DynamoDBClient({ endpoint: endpoints.dynamodb, region, credentials });
  const eventbridge = new EventBridgeClient({ endpoint: endpoints.eventbridge, region, credentials });
  try {
    const deadLetter = await createQueue(sqs, "streamwarden-dead-letter", {});
    const targetDeadLetter = await createQueue(sqs, "streamwarden-target-dead-letter", {});
    const consumed = {
      VisibilityTimeout: String(options.visibilityTimeoutSeconds),
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: deadLetter.arn,
        maxReceiveCount: options.maximumReceives,
      }),
    };
    const queue = await createQueue(sqs, "streamwarden", consumed);
    const timerQueue = await createQueue(sqs, "streamwarden-timers", consumed);
    const { TopicArn: topicArn = "" } = await sns.send(
      new CreateTopicCommand({ Name: "streamwarden-alerts" }),
    );
    const stateTable = "streamwarden-state";
    await dynamodb.send(
      new CreateTableCommand({
        TableName: stateTable,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      }),
    );
    await waitUntilTableExists({ client: dynamodb, maxWaitTime: 10, minDelay: 1 }, { TableName: stateTable });
    for (const rule of captureRules) {
      await eventbridge.send(
        new PutRuleCommand({
          Name: rule.name,
          Description: rule.description,
          EventPattern: JSON.stringify(rule.pattern),
          State: rule.state,
        }),
      );
      await eventbridge.send(
        new PutTargetsCommand({
          Rule: rule.name,
          Targets: [{ Id: "queue", Arn: queue.arn, DeadLetterConfig: { Arn: targetDeadLetter.arn } }],
        }),
      );
    }
    return {
      queueUrl: queue.url,
      queueArn: queue.arn,
      timerQueueUrl: timerQueue.url,
      deadLetterQueueUrl: deadLetter.url,
      deadLetterQueueArn: deadLetter.arn,
      targetDeadLetterQueueUrl: targetDeadLetter.url,
      targetDeadLetterQueueArn: targetDeadLetter.arn,
      topicArn,
      stateTable,
      ruleNames: captureRules.map(({ name }) => name),
    };
  } finally {
    for (const client of [sqs, sns, dynamodb, eventbridge]) client.destroy();
  }
}

async function createQueue(sqs: SQSClient, QueueName: string, attributes: Record<string, string>) {
  const Attributes = { MessageRetentionPeriod: fourteenDaysSeconds, ...attributes };
  const { QueueUrl: url = "" } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  const answer = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["QueueArn"] }),
  );
  return { url, arn: answer.Attributes?.QueueArn ?? "" };
}
