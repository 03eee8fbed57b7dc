import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { readEnvironment } from "../environment/environment.ts";
import { postpone, retryPauseSeconds } from "../queue/postpone.ts";
import { createRuntime, type Runtime } from "../service/runtime.ts";
import {
  balanceCounts,
  type EmbeddedMetrics,
  embeddedMetrics,
  noBalanceCounts,
} from "../telemetry/embedded-metrics.ts";
import { createLogger } from "../telemetry/logging.ts";

interface Started {
  readonly runtime: Runtime;
  readonly metrics: EmbeddedMetrics;
}

let starting: Promise<Started> | undefined;

/**
 * The consumer as a Lambda function, with partial batch responses. The event source mapping deletes what is not
 * in `batchItemFailures`, so a message is named there unless it was processed or quarantined.
 */
export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  starting ??= start();
  const { runtime, metrics } = await starting.catch((error: unknown) => {
    // The next invocation tries again: a dependency may be back.
    starting = undefined;
    throw error;
  });
  const receivedAt = Date.now();
  const { outcomes, balance } = await runtime.process(
    event.Records.map((record) => ({ id: record.messageId, body: record.body, receivedAt })),
  );
  metrics.write(balanceCounts(balance), receivedAt);
  const returned = new Set(outcomes.flatMap(({ id, outcome }) => (outcome === "returned" ? [id] : [])));
  const back = event.Records.filter(({ messageId }) => returned.has(messageId));
  await postpone(
    { sqs: runtime.clients.sqs, queueUrl: sourceOf(event, runtime.environment), logger: runtime.logger },
    back.map(({ receiptHandle, attributes }) => ({
      receiptHandle,
      seconds: retryPauseSeconds(Number(attributes.ApproximateReceiveCount)),
    })),
  );
  return { batchItemFailures: back.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

/** The queue that a batch came from. Lambda never mixes two in one invocation. */
function sourceOf(
  { Records: [first] }: SQSEvent,
  { queueUrl, timerQueueUrl }: Runtime["environment"],
): string {
  const name = first?.eventSourceARN?.split(":").at(-1);
  return name !== undefined && timerQueueUrl.endsWith(`/${name}`) ? timerQueueUrl : queueUrl;
}

async function start(): Promise<Started> {
  const environment = readEnvironment(process.env);
  const logger = createLogger({ level: environment.logLevel, pretty: false });
  const metrics = embeddedMetrics(logger, "balance");
  metrics.write(noBalanceCounts, Date.now());
  const runtime = await createRuntime(environment, logger);
  runtime.health.running();
  return { runtime, metrics };
}
