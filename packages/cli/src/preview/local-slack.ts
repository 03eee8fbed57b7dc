import { SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Config, FilterPolicy } from "@streamwarden/config";
import {
  createFindingQuarantine,
  createNotifier,
  type Notifier,
  type NotifierService,
  type Runtime,
  slackSender,
  startNotifierService,
} from "@streamwarden/consumer";
import { DynamoDbStateStore } from "@streamwarden/detection";

export interface LocalSlack {
  readonly notifiers: readonly Notifier[];
  readonly queueUrls: readonly string[];
  stop(): Promise<void>;
}

/** What stands in when `streamwarden.yml` names no Slack channel. */
const example = { name: "slack", filterPolicy: { delivery: ["direct"] } };

/**
 * Runs the Slack notifier for every Slack channel of `streamwarden.yml`, with its own queue, dead-letter queue and
 * route as in AWS, against webhooks on this machine.
 */
export async function startLocalSlack(options: {
  readonly config: Config;
  readonly runtime: Runtime;
  readonly webhookUrl: (destination: string) => string;
}): Promise<LocalSlack> {
  const { config, runtime, webhookUrl } = options;
  const { clients, environment, logger } = runtime;
  const { slack } = config.destinations;
  const store = new DynamoDbStateStore({ client: clients.dynamodb, tableName: environment.stateTable });
  const running: {
    readonly notifier: Notifier;
    readonly service: NotifierService;
    readonly queueUrl: string;
  }[] = [];
  for (const { name, filterPolicy } of slack.length === 0 ? [example] : slack) {
    const queueUrl = await createQueue(clients.sqs, `streamwarden-to-${name}`);
    const deadLetterQueueUrl = await createQueue(clients.sqs, `streamwarden-to-${name}-dead-letters`);
    await subscribe(runtime, queueUrl, filterPolicy);
    const notifier = createNotifier({
      kind: "slack",
      destination: name,
      send: slackSender({ webhookUrl: webhookUrl(name), allowLoopback: true }),
      store,
      quarantine: createFindingQuarantine({ client: clients.sqs, queueUrl: deadLetterQueueUrl }),
      logger,
    });
    const service = startNotifierService({ notifier, sqs: clients.sqs, queueUrl, logger });
    running.push({ notifier, service, queueUrl });
  }
  return {
    notifiers: running.map(({ notifier }) => notifier),
    queueUrls: running.map(({ queueUrl }) => queueUrl),
    async stop() {
      await Promise.all(running.map(({ service }) => service.stop()));
    },
  };
}

async function createQueue(sqs: SQSClient, QueueName: string): Promise<string> {
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName }));
  return QueueUrl;
}

async function subscribe(
  { clients, environment }: Runtime,
  QueueUrl: string,
  filterPolicy: FilterPolicy | undefined,
): Promise<void> {
  const { Attributes } = await clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
  );
  await clients.sns.send(
    new SubscribeCommand({
      TopicArn: environment.topicArn,
      Protocol: "sqs",
      Endpoint: Attributes?.QueueArn ?? "",
      Attributes: {
        RawMessageDelivery: "true",
        ...(filterPolicy === undefined ? {} : { FilterPolicy: JSON.stringify(filterPolicy) }),
      },
    }),
  );
}
