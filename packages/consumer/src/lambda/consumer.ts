import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { readEnvironment } from "../environment/environment.ts";
import { postpone, retryPauseSeconds, shortPauseSeconds } from "../queue/postpone.ts";
import { type Deadlines, deadlinesWithin } from "../service/deadlines.ts";
import { createRuntime, type Runtime } from "../service/runtime.ts";
import {
  balanceCounts,
  type EmbeddedMetrics,
  embeddedMetrics,
  noBalanceCounts,
} from "../telemetry/embedded-metrics.ts";
import { createLogger } from "../telemetry/logging.ts";

let metrics: EmbeddedMetrics | undefined;
let starting: Promise<Runtime> | undefined;

/**
 * The consumer as a Lambda function, with partial batch responses. The event source mapping deletes what is not
 * in `batchItemFailures`, so a message is named there unless it was processed or quarantined. It answers before its time
 * is up, whatever hangs: a function that is stopped says nothing, and its whole batch is hidden for minutes.
 */
export async function handler(
  event: SQSEvent,
  context: Pick<Context, "getRemainingTimeInMillis">,
): Promise<SQSBatchResponse> {
  const receivedAt = Date.now();
  const deadlines = deadlinesWithin(context.getRemainingTimeInMillis());
  const runtime = await started(event, deadlines, receivedAt);
  const queueUrl = sourceOf(event, runtime.environment);
  const messages = event.Records.map((record) => ({
    id: record.messageId,
    body: record.body,
    receivedAt,
    queueUrl,
    receiptHandle: record.receiptHandle,
    receiveCount: Number(record.attributes.ApproximateReceiveCount),
  }));
  const { outcomes, balance, open } = await runtime.process(messages, deadlines);
  metrics?.write(balanceCounts(balance), receivedAt);
  const returned = new Set(outcomes.flatMap(({ id, outcome }) => (outcome === "returned" ? [id] : [])));
  const back = messages.filter(({ id }) => returned.has(id));
  await postpone(
    { sqs: runtime.clients.sqs, queueUrl, logger: runtime.logger },
    back.map(({ id, receiptHandle, receiveCount }) => ({
      receiptHandle,
      seconds: open.has(id)
        ? shortPauseSeconds(receiveCount, runtime.visibilitySeconds)
        : retryPauseSeconds(receiveCount),
    })),
    deadlines.postponing,
  );
  return { batchItemFailures: back.map(({ id }) => ({ itemIdentifier: id })) };
}

/** The queue that a batch came from. Lambda never mixes two in one invocation. */
function sourceOf(
  { Records: [first] }: SQSEvent,
  { queueUrl, timerQueueUrl }: Runtime["environment"],
): string {
  const name = first?.eventSourceARN?.split(":").at(-1);
  return name !== undefined && timerQueueUrl.endsWith(`/${name}`) ? timerQueueUrl : queueUrl;
}

/** The runtime of this process. A batch that meets none goes back as a whole, and is counted. */
async function started({ Records }: SQSEvent, { work }: Deadlines, now: number): Promise<Runtime> {
  starting ??= start(work.signal);
  try {
    return await starting;
  } catch (error) {
    // The next invocation tries again: a dependency may be back.
    starting = undefined;
    const all = Records.length;
    metrics?.write({ ...noBalanceCounts, MessagesReceived: all, MessagesReturned: all }, now);
    throw error;
  }
}

async function start(signal: AbortSignal): Promise<Runtime> {
  const environment = readEnvironment(process.env);
  const logger = createLogger({ level: environment.logLevel, pretty: false });
  metrics = embeddedMetrics(logger, "balance");
  metrics.write(noBalanceCounts, Date.now());
  const runtime = await createRuntime(environment, logger, signal);
  runtime.health.running();
  return runtime;
}
