import type { Destination, SlackDestination, WebhookDestination } from "@streamwarden/config";
import { type Alerting, denyPlainText, useOfAlertsKey } from "./alerting.ts";
import type { Detection } from "./detection.ts";
import { createFunction, type FunctionOptions } from "./function.ts";
import { createQueue } from "./queue.ts";
import { queuePolicy } from "./queue-policy.ts";
import type { Settings } from "./settings.ts";

export interface DeliveredTo {
  /** What channel configurations of Amazon Q Developer subscribe to. */
  readonly amazonQTopicArns: readonly $util.Output<string>[];
}

/** A batch of ten, each waiting as long as the receiver asks for, and time to give back what was not begun. */
const functionTimeoutSeconds = 120;

/** AWS's advice for a queue behind a function. What is returned comes back earlier: the notifier says when. */
const visibilityTimeoutSeconds = 6 * functionTimeoutSeconds;

/** As for the consumer: a receiver that is away for days must not turn alerts into dead letters. */
const maxReceiveCount = 1000;

/** The least that Lambda takes. Slack accepts one message a second for each channel. */
const maximumConcurrency = 2;

/**
 * Slack channels, signed webhooks and topics for Amazon Q, as `streamwarden.yml` names them. Each has a queue with its
 * route as filter, a dead-letter queue and a function of its own, so that one which is away holds up no other.
 */
export function destinations(settings: Settings, alerts: Alerting, { table }: Detection): DeliveredTo {
  const { slack, webhook, amazonQ } = settings.destinations;
  const secrets = new Secrets();
  const common = { alerts, table };
  for (const destination of slack)
    notifier({ ...common, destination, ...slackParts(destination, secrets, alerts) });
  for (const destination of webhook)
    notifier({ ...common, destination, ...webhookParts(destination, secrets, alerts) });
  const amazonQTopicArns = amazonQ.map((destination) => {
    const topic = amazonQTopic(destination, alerts);
    notifier({ ...common, destination, ...amazonQParts(destination, topic, alerts) });
    return topic.arn;
  });
  return { amazonQTopicArns };
}

type Parts = Pick<FunctionOptions, "description" | "handler" | "environment" | "environmentKey"> & {
  readonly permissions?: FunctionOptions["permissions"];
};

function slackParts(destination: SlackDestination, secrets: Secrets, { key }: Alerting): Parts {
  return {
    description: `Posts alerts to the Slack channel "${destination.name}"`,
    handler: "packages/consumer/src/lambda/slack.handler",
    environment: { STREAMWARDEN_SLACK_WEBHOOK_URL: secrets.value(destination.webhookUrlSecret) },
    environmentKey: key,
  };
}

function webhookParts(destination: WebhookDestination, secrets: Secrets, { key }: Alerting): Parts {
  return {
    description: `Posts signed findings to the webhook "${destination.name}"`,
    handler: "packages/consumer/src/lambda/webhook.handler",
    environment: {
      STREAMWARDEN_WEBHOOK_URL: destination.url,
      STREAMWARDEN_WEBHOOK_SECRETS: secrets.value(destination.signingSecret),
    },
    environmentKey: key,
  };
}

/** Amazon Q shows only bodies that are exactly its notification, so its topic carries nothing else. */
function amazonQTopic({ name }: Destination, { key }: Alerting): sst.aws.SnsTopic {
  const topic = new sst.aws.SnsTopic(logicalName(name), {
    transform: { topic: { name: physicalName(name), kmsMasterKeyId: key.arn } },
  });
  denyPlainText(`${logicalName(name)}Policy`, topic);
  return topic;
}

function amazonQParts({ name }: Destination, topic: sst.aws.SnsTopic, { key }: Alerting): Parts {
  return {
    description: `Publishes alerts for Amazon Q's channel "${name}"`,
    handler: "packages/consumer/src/lambda/amazon-q.handler",
    environment: { STREAMWARDEN_AMAZON_Q_TOPIC_ARN: topic.arn },
    permissions: [
      { actions: ["sns:Publish"], resources: [topic.arn] },
      useOfAlertsKey(key, aws.getRegionOutput({}).region),
    ],
  };
}

/** The queue behind the topic, and the function that empties it into the destination. */
function notifier(
  options: Parts & {
    readonly destination: Destination;
    readonly alerts: Alerting;
    readonly table: sst.aws.Dynamo;
  },
): void {
  const { destination, alerts, table, permissions = [], environment, ...parts } = options;
  const name = logicalName(destination.name);
  const deadLetterQueue = createQueue(`${name}DeadLetters`, {
    physicalName: `${physicalName(destination.name)}-dead-letters`,
  });
  const queue = createQueue(`${name}Alerts`, {
    physicalName: physicalName(destination.name),
    visibilityTimeoutSeconds,
    deadLetters: { queue: deadLetterQueue, maxReceiveCount },
  });
  const sender = { service: "sns.amazonaws.com", sourceArns: [alerts.topic.arn], namesAccount: false };
  const permission = queuePolicy(`${name}AlertsPolicy`, queue, sender);
  // SNS puts there what it cannot put into the queue.
  const deadLetterPermission = queuePolicy(`${name}DeadLettersPolicy`, deadLetterQueue, sender);
  new aws.sqs.RedriveAllowPolicy(`${name}DeadLettersRedrive`, {
    queueUrl: deadLetterQueue.url,
    redriveAllowPolicy: $jsonStringify({ redrivePermission: "byQueue", sourceQueueArns: [queue.arn] }),
  });
  const handler = createFunction(`${name}Notifier`, {
    ...parts,
    shortName: `to-${destination.name}`,
    physicalName: physicalName(destination.name),
    memoryMegabytes: 512,
    timeoutSeconds: functionTimeoutSeconds,
    environment: {
      STREAMWARDEN_DESTINATION: destination.name,
      STREAMWARDEN_QUEUE_URL: queue.url,
      STREAMWARDEN_DEAD_LETTER_QUEUE_URL: deadLetterQueue.url,
      STREAMWARDEN_STATE_TABLE: table.name,
      ...environment,
    },
    permissions: [
      {
        actions: [
          "sqs:ReceiveMessage",
          "sqs:DeleteMessage",
          "sqs:ChangeMessageVisibility",
          "sqs:GetQueueAttributes",
        ],
        resources: [queue.arn],
      },
      { actions: ["sqs:SendMessage"], resources: [deadLetterQueue.arn] },
      { actions: ["dynamodb:GetItem", "dynamodb:PutItem"], resources: [table.arn] },
      ...permissions,
    ],
  });
  queue.subscribe(handler.arn, {
    batch: { size: 10, partialResponses: true },
    transform: {
      eventSourceMapping: (mapping) => {
        mapping.scalingConfig = { maximumConcurrency };
        return undefined;
      },
    },
  });
  const { filterPolicy } = destination;
  new aws.sns.TopicSubscription(
    `${name}Subscription`,
    {
      topic: alerts.topic.arn,
      protocol: "sqs",
      endpoint: queue.arn,
      rawMessageDelivery: true,
      ...(filterPolicy !== undefined && {
        filterPolicyScope: "MessageAttributes",
        filterPolicy: JSON.stringify(filterPolicy),
      }),
      redrivePolicy: $jsonStringify({ deadLetterTargetArn: deadLetterQueue.arn }),
    },
    // A rejected delivery is not retried. So permission first.
    { dependsOn: [permission, deadLetterPermission] },
  );
}

/** One `sst.Secret` for each name, however many destinations use it; none when nobody does. */
class Secrets {
  readonly #byName = new Map<string, sst.Secret>();

  value(name: string): $util.Output<string> {
    const secret = this.#byName.get(name) ?? new sst.Secret(name);
    this.#byName.set(name, secret);
    return secret.value;
  }
}

/** `on-call` becomes `ToOnCall`: each part begins with a letter, so that no two names become one. */
function logicalName(destination: string): string {
  return `To${destination
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("")}`;
}

/**
 * Written out, because SST would cut the app's name off a name that is too long, and the policies that guard this
 * pipeline know its parts by that name. At most 62 characters (stage 25, destination 20) of Lambda's 64.
 */
function physicalName(destination: string): string {
  return `${$app.name}-${$app.stage}-to-${destination}`;
}
