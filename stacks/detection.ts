import { type Alerting, useOfAlertsKey } from "./alerting.ts";
import { createFunction } from "./function.ts";
import { createQueue } from "./queue.ts";
import { queuePolicy } from "./queue-policy.ts";
import { deployedConfig, type Settings } from "./settings.ts";

export interface Detection {
  readonly queue: sst.aws.Queue;
  readonly deadLetterQueue: sst.aws.Queue;
  readonly table: sst.aws.Dynamo;
}

const functionTimeoutSeconds = 30;

/** AWS's advice for a queue behind a function: while Lambda retries throttled invocations, a batch must stay invisible. */
const visibilityTimeoutSeconds = 6 * functionTimeoutSeconds;

/**
 * SQS's maximum. The consumer itself sends what can never be decoded to the dead-letter queue, at once and with a
 * reason. A message that comes back was good and met a failing dependency; it may come back for as long as the outage
 * lasts, and a low count would turn the outage into dead letters.
 */
const maxReceiveCount = 1000;

/** Bounds what a storm can do to SNS and DynamoDB; the queue holds the rest. */
const maximumConcurrency = 10;

/** Where Lambda unpacks a bundle. */
const taskFolder = "/var/task";

/** The queue that captured events wait in, the consumer that decides about them, and the state it keeps. */
export function detection(settings: Settings, alerts: Alerting): Detection {
  const deadLetterQueue = createQueue("DeadLetters");
  const queue = createQueue("Events", {
    visibilityTimeoutSeconds,
    deadLetters: { queue: deadLetterQueue, maxReceiveCount },
  });
  queuePolicy("DeadLettersPolicy", deadLetterQueue);
  // Only this queue may use it as its dead-letter queue.
  new aws.sqs.RedriveAllowPolicy("DeadLettersRedrive", {
    queueUrl: deadLetterQueue.url,
    redriveAllowPolicy: $jsonStringify({ redrivePermission: "byQueue", sourceQueueArns: [queue.arn] }),
  });

  const table = stateTable();
  const consumer = createConsumer({ settings, queue, deadLetterQueue, table, alerts });
  queue.subscribe(consumer.arn, {
    batch: { size: 10, partialResponses: true },
    transform: {
      eventSourceMapping: (mapping) => {
        mapping.scalingConfig = { maximumConcurrency };
        return undefined;
      },
    },
  });
  return { queue, deadLetterQueue, table };
}

/** One document per key (`pk`), expiring by itself; see `packages/detection`. */
function stateTable(): sst.aws.Dynamo {
  return new sst.aws.Dynamo("State", {
    fields: { pk: "string" },
    primaryIndex: { hashKey: "pk" },
    ttl: "expiresAt",
    deletionProtection: $app.protect === true,
    transform: {
      table: (args) => {
        args.serverSideEncryption = { enabled: true };
        args.pointInTimeRecovery = { enabled: true };
        return undefined;
      },
    },
  });
}

interface ConsumerParts {
  readonly settings: Settings;
  readonly queue: sst.aws.Queue;
  readonly deadLetterQueue: sst.aws.Queue;
  readonly table: sst.aws.Dynamo;
  readonly alerts: Alerting;
}

function createConsumer({
  settings,
  queue,
  deadLetterQueue,
  table,
  alerts,
}: ConsumerParts): sst.aws.Function {
  const region = aws.getRegionOutput({}).region;
  return createFunction("Consumer", {
    shortName: "consumer",
    description: "Reads captured Amazon IVS calls, applies the policies, publishes alerts",
    handler: "packages/consumer/src/lambda/consumer.handler",
    memoryMegabytes: 1024,
    timeoutSeconds: functionTimeoutSeconds,
    copyFiles: settings.files,
    environment: {
      STREAMWARDEN_QUEUE_URL: queue.url,
      STREAMWARDEN_DEAD_LETTER_QUEUE_URL: deadLetterQueue.url,
      STREAMWARDEN_TOPIC_ARN: alerts.topic.arn,
      STREAMWARDEN_STATE_TABLE: table.name,
      STREAMWARDEN_CONFIG: `${taskFolder}/${deployedConfig}`,
    },
    permissions: [
      {
        actions: [
          "sqs:ReceiveMessage",
          "sqs:DeleteMessage",
          "sqs:ChangeMessageVisibility",
          "sqs:GetQueueAttributes",
          "sqs:SendMessage",
        ],
        resources: [queue.arn],
      },
      { actions: ["sqs:SendMessage"], resources: [deadLetterQueue.arn] },
      { actions: ["sns:Publish"], resources: [alerts.topic.arn] },
      useOfAlertsKey(alerts.key, region),
      { actions: ["dynamodb:GetItem", "dynamodb:PutItem"], resources: [table.arn] },
    ],
  });
}
