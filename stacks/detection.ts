import { type Alerting, useOfAlertsKey } from "./alerting.ts";
import { createFunction } from "./function.ts";
import { createQueue } from "./queue.ts";
import { queuePolicy } from "./queue-policy.ts";
import { deployedConfig, type Settings } from "./settings.ts";

export interface Detection {
  /** What EventBridge fills. Timers wait elsewhere, so the age of its oldest message is that of an event. */
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

/**
 * The least that Lambda takes. Timers may wait a moment, and because AWS stops no loop of theirs (`recursiveLoop`), this
 * is how much a loop that should not be could take.
 */
const maximumTimerConcurrency = 2;

/** Where Lambda unpacks a bundle. */
const taskFolder = "/var/task";

/** The queue that captured events wait in, the consumer that decides about them, and the state it keeps. */
export function detection(settings: Settings, alerts: Alerting): Detection {
  const deadLetterQueue = createQueue("DeadLetters");
  const queue = createQueue("Events", {
    visibilityTimeoutSeconds,
    deadLetters: { queue: deadLetterQueue, maxReceiveCount },
  });
  const timerQueue = createQueue("Timers", {
    visibilityTimeoutSeconds,
    deadLetters: { queue: deadLetterQueue, maxReceiveCount },
  });
  queuePolicy("DeadLettersPolicy", deadLetterQueue);
  queuePolicy("TimersPolicy", timerQueue);
  // Only these queues may use it as their dead-letter queue.
  new aws.sqs.RedriveAllowPolicy("DeadLettersRedrive", {
    queueUrl: deadLetterQueue.url,
    redriveAllowPolicy: $jsonStringify({
      redrivePermission: "byQueue",
      sourceQueueArns: [queue.arn, timerQueue.arn],
    }),
  });

  const table = stateTable();
  const consumer = createConsumer({ settings, queue, timerQueue, deadLetterQueue, table, alerts });
  // A timer that is further away than SQS's 15 minutes is sent on by the function that it triggers. Lambda would take
  // that for a fault and drop the timer after some 16 times. What bounds it instead is a limit in the timer itself.
  new aws.lambda.FunctionRecursionConfig("ConsumerRecursion", {
    functionName: consumer.name,
    recursiveLoop: "Allow",
  });
  subscribe(queue, consumer, maximumConcurrency);
  subscribe(timerQueue, consumer, maximumTimerConcurrency);
  return { queue, deadLetterQueue, table };
}

function subscribe(queue: sst.aws.Queue, consumer: sst.aws.Function, maximumConcurrency: number): void {
  queue.subscribe(consumer.arn, {
    batch: { size: 10, partialResponses: true },
    transform: {
      eventSourceMapping: (mapping) => {
        mapping.scalingConfig = { maximumConcurrency };
        return undefined;
      },
    },
  });
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
  readonly timerQueue: sst.aws.Queue;
  readonly deadLetterQueue: sst.aws.Queue;
  readonly table: sst.aws.Dynamo;
  readonly alerts: Alerting;
}

function createConsumer({
  settings,
  queue,
  timerQueue,
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
      STREAMWARDEN_TIMER_QUEUE_URL: timerQueue.url,
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
        ],
        resources: [queue.arn, timerQueue.arn],
      },
      { actions: ["sqs:SendMessage"], resources: [timerQueue.arn, deadLetterQueue.arn] },
      { actions: ["sns:Publish"], resources: [alerts.topic.arn] },
      useOfAlertsKey(alerts.key, region),
      { actions: ["dynamodb:GetItem", "dynamodb:PutItem"], resources: [table.arn] },
    ],
  });
}
