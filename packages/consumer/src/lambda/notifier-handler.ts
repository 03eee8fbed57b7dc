import { DynamoDbStateStore } from "@streamwarden/detection";
import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { type Clients, createClients } from "../clients.ts";
import type { EnvironmentReader } from "../environment/environment-reader.ts";
import { readNotifierEnvironment } from "../environment/notifier-environment.ts";
import { createNotifier, type Notifier, postponedOf, totalsOf } from "../notifier/notifier.ts";
import type { Sender } from "../notifier/sender.ts";
import { createFindingQuarantine } from "../queue/dead-letter-queue.ts";
import { postpone } from "../queue/postpone.ts";
import { type EmbeddedMetrics, embeddedMetrics, notifierCounts } from "../telemetry/embedded-metrics.ts";
import { createLogger, type Logger } from "../telemetry/logging.ts";

interface Runtime {
  readonly queueUrl: string;
  readonly clients: Clients;
  readonly logger: Logger;
  readonly metrics: EmbeddedMetrics;
  readonly notifier: Notifier;
}

/** One send with all its retries takes less than this; a message that is begun later could be cut off. */
const longestSendMilliseconds = 40_000;

type Handler = (
  event: SQSEvent,
  context: Pick<Context, "getRemainingTimeInMillis">,
) => Promise<SQSBatchResponse>;

/**
 * A notifier as a Lambda function, with partial batch responses. The event source mapping deletes what is not named in
 * `batchItemFailures`; what is named comes again after the pause that the receiver asked for.
 *
 * @throws ConsumerError `consumer-environment` when it is called and variables are missing or malformed.
 */
export function notifierHandler<Target>(
  kind: string,
  readTarget: (variables: EnvironmentReader) => Target,
  senderOf: (target: Target, clients: Clients) => Sender,
): Handler {
  let running: Runtime | undefined;
  return async ({ Records }, context) => {
    running ??= start(kind, readTarget, senderOf);
    const { notifier, logger, metrics, clients, queueUrl } = running;
    const messages = Records.map((record) => ({
      id: record.messageId,
      body: record.body,
      receiptHandle: record.receiptHandle,
      receiveCount: Number(record.attributes.ApproximateReceiveCount),
    }));
    const startBefore = Date.now() + context.getRemainingTimeInMillis() - longestSendMilliseconds;
    const outcomes = await notifier.process(messages, startBefore);
    metrics.write(notifierCounts(totalsOf(outcomes)), Date.now());
    await postpone({ sqs: clients.sqs, queueUrl, logger }, postponedOf(messages, outcomes));
    const returned = outcomes.filter(({ outcome }) => outcome === "returned");
    return { batchItemFailures: returned.map(({ id }) => ({ itemIdentifier: id })) };
  };
}

function start<Target>(
  kind: string,
  readTarget: (variables: EnvironmentReader) => Target,
  senderOf: (target: Target, clients: Clients) => Sender,
): Runtime {
  const environment = readNotifierEnvironment(process.env, readTarget);
  const { destination, region, stateTable, queueUrl, deadLetterQueueUrl, logLevel, target } = environment;
  const logger = createLogger({ level: logLevel, pretty: false });
  const metrics = embeddedMetrics(logger, "alerts", { Destination: destination });
  metrics.write(notifierCounts(totalsOf([])), Date.now());
  const clients = createClients(region);
  const notifier = createNotifier({
    kind,
    destination,
    send: senderOf(target, clients),
    store: new DynamoDbStateStore({ client: clients.dynamodb, tableName: stateTable }),
    quarantine: createFindingQuarantine({ client: clients.sqs, queueUrl: deadLetterQueueUrl }),
    logger,
  });
  return { queueUrl, clients, logger, metrics, notifier };
}
