import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { createSnsPublisher } from "@streamwarden/alerting";
import { systemClock } from "@streamwarden/base";
import { loadConfig } from "@streamwarden/config";
import {
  type BatchResult,
  createDetector,
  createPipeline,
  DynamoDbStateStore,
  type PipelineObserver,
} from "@streamwarden/detection";
import { expiredExceptions, loadPolicies } from "@streamwarden/policies";
import { Attempts } from "../attempts/attempts.ts";
import { Careful, type CarefulResult, type QueueMessage } from "../attempts/careful.ts";
import { type Clients, createClients, sdkOptions } from "../clients.ts";
import type { ConsumerEnvironment } from "../environment/environment.ts";
import { ConsumerError } from "../errors.ts";
import { createQuarantine } from "../queue/dead-letter-queue.ts";
import { forget } from "../queue/forget.ts";
import { createTimerScheduler } from "../queue/timers.ts";
import { Health } from "../telemetry/health.ts";
import { knownLabels } from "../telemetry/known-labels.ts";
import type { Logger } from "../telemetry/logging.ts";
import { Metrics } from "../telemetry/metrics.ts";
import type { Deadlines } from "./deadlines.ts";
import { leaseSecondsFor } from "./lease-seconds.ts";

/** What the service and the Lambda function share: one pipeline with its clients, metrics, logs and health. */
export interface Runtime {
  readonly environment: ConsumerEnvironment;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly clients: Clients;
  /** How many policies are evaluated, and how many wait for lists in the configuration. */
  readonly policies: { readonly active: number; readonly inactive: number };
  /** The queue's visibility timeout. */
  readonly visibilitySeconds: number;
  /** Takes at most ten messages to their outcomes and keeps metrics, logs and health. Never throws. */
  process(messages: readonly QueueMessage[], deadlines: Deadlines): Promise<CarefulResult>;
}

/** Below it there is no time for a heartbeat before the timeout. */
const shortestVisibilitySeconds = 2;

/**
 * @throws ConsumerError `consumer-policies` when a policy cannot work; `consumer-dependency` when the queue cannot be used.
 * @throws ConfigError when `streamwarden.yml` is missing or wrong.
 */
export async function createRuntime(
  environment: ConsumerEnvironment,
  logger: Logger,
  signal?: AbortSignal,
): Promise<Runtime> {
  const config = loadConfig(environment.configPath);
  const policies = loadPolicies("configured", config);
  const errors = policies.problems.filter((problem) => problem.severity === "error");
  if (errors.length > 0) {
    const details = errors.map(({ path, line, column, message }) => `${path}:${line}:${column}: ${message}`);
    throw new ConsumerError(
      "consumer-policies",
      `${errors.length} ${errors.length === 1 ? "policy problem stops" : "policy problems stop"} the start:`,
      { details },
    );
  }
  const inactive = Object.fromEntries(
    policies.inactive.map(({ name, placeholders }) => [name, placeholders]),
  );
  logger.info(
    { policies: policies.policies.length, inactive },
    "policies loaded; inactive ones need lists in streamwarden.yml",
  );
  const warnings = [...policies.problems, ...expiredExceptions(policies.exceptions, systemClock.now())];
  if (warnings.length > 0) {
    const codes = [...new Set(warnings.map(({ code }) => code))];
    logger.warn(
      { warnings: warnings.length, codes },
      "policies have warnings: streamwarden check shows them",
    );
  }

  const clients = createClients(environment.region);
  const visibilitySeconds = await visibilityTimeout(clients, environment.queueUrl, signal);
  const metrics = new Metrics(knownLabels(policies));
  const health = new Health();
  const store = new DynamoDbStateStore({ client: clients.dynamodb, tableName: environment.stateTable });
  const quarantine = createQuarantine({ client: clients.sqs, queueUrl: environment.deadLetterQueueUrl });
  const watching = observer(environment, { logger, metrics, health });
  const pipeline = createPipeline({
    detector: createDetector(policies),
    store,
    publisher: createSnsPublisher({
      client: clients.sns,
      topicArn: environment.topicArn,
      onAsciiSubject: () => {
        metrics.asciiSubject();
        logger.warn("SNS rejected the subject of an alert and took it in ASCII");
      },
    }),
    quarantine,
    scheduleTimer: createTimerScheduler({ client: clients.sqs, queueUrl: environment.timerQueueUrl }),
    observer: watching,
    // A dead batch's leases end before its messages come again.
    leaseSeconds: leaseSecondsFor(visibilitySeconds),
    directPerMinute: config.alerts.digestAbovePerMinute,
  });
  const careful = new Careful({
    pipeline,
    attempts: new Attempts({ store, visibilitySeconds }),
    forget: (messages, signal) => forget({ sqs: clients.sqs, logger }, messages, signal),
    quarantine,
    failed: (error) => watching.dependencyFailed("state", error),
    quarantineFailed: watching.quarantineFailed,
  });
  return {
    environment,
    logger,
    metrics,
    health,
    clients,
    policies: { active: policies.policies.length, inactive: policies.inactive.length },
    visibilitySeconds,
    async process(messages, deadlines) {
      const result = await careful.process(messages, deadlines);
      metrics.batch(result.balance);
      report(result, logger, metrics, health);
      return result;
    },
  };
}

async function visibilityTimeout(
  { sqs }: Clients,
  queueUrl: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  let seconds: number;
  try {
    const answer = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["VisibilityTimeout"] }),
      sdkOptions(signal),
    );
    seconds = Number(answer.Attributes?.VisibilityTimeout ?? 30);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConsumerError(
      "consumer-dependency",
      `The queue ${queueUrl} cannot be used (${reason.replace(/\.$/, "")}): check STREAMWARDEN_QUEUE_URL, the region, and the permission sqs:GetQueueAttributes.`,
      { cause: error },
    );
  }
  if (seconds >= shortestVisibilitySeconds) return seconds;
  throw new ConsumerError(
    "consumer-dependency",
    `The queue ${queueUrl} hides a received message for ${seconds} s only, too short to finish one: set its visibility timeout to at least ${shortestVisibilitySeconds} s, better 180.`,
  );
}

function observer(
  environment: ConsumerEnvironment,
  { logger, metrics, health }: Pick<Runtime, "logger" | "metrics" | "health">,
): PipelineObserver & Required<Pick<PipelineObserver, "dependencyFailed" | "quarantineFailed">> {
  return {
    published(alert, publishedAt) {
      metrics.published(alert, publishedAt);
      logger.info(
        {
          alert: alert.id,
          kind: alert.kind,
          severity: alert.severity,
          policy: alert.policy.name,
          eventId: alert.record.eventId,
          operation: alert.record.eventName,
          actor: alert.record.actor.id,
          count: alert.incident.count,
        },
        "alert published",
      );
    },
    publishFailed(alert, error) {
      logger.error(
        { alert: alert.id, policy: alert.policy.name, err: error },
        "alert not published, will be retried",
      );
    },
    dependencyFailed(dependency, error) {
      const reason = messageOf(error);
      health.failed(
        dependency,
        dependency === "timers"
          ? `The queue ${environment.timerQueueUrl} does not take timers (${reason}): allow sqs:SendMessage on it to the consumer's role.`
          : reason,
      );
      logger.error({ dependency, err: error }, "a dependency failed, messages go back to the queue");
    },
    dependencyAnswered(dependency) {
      health.succeeded(dependency);
    },
    quarantineFailed(message, rejection, error) {
      health.failed(
        "dead-letter-queue",
        `The dead-letter queue ${environment.deadLetterQueueUrl} cannot be written (${messageOf(error)}): create it or correct STREAMWARDEN_DEAD_LETTER_QUEUE_URL, and allow sqs:SendMessage on it.`,
      );
      logger.error(
        { messageId: message.id, reason: rejection.reason, err: error },
        "message not quarantined, goes back to the queue",
      );
    },
    notCounted(policy, counts) {
      metrics.notCounted(policy, counts);
      logger.warn({ policy, ...counts }, "records were not counted by a correlation: too late, or too many");
    },
    excepted(exception, policy) {
      metrics.excepted(exception, policy);
    },
    serviceEvent(source, detailType) {
      metrics.serviceEvent(detailType);
      logger.debug({ source, detailType }, "service event, not a CloudTrail record");
    },
  };
}

function report(result: BatchResult, logger: Logger, metrics: Metrics, health: Health): void {
  for (const outcome of result.outcomes) {
    if (outcome.outcome === "quarantined") {
      metrics.quarantined(outcome.rejection.reason);
      health.succeeded("dead-letter-queue");
      logger.warn({ messageId: outcome.id, reason: outcome.rejection.reason }, outcome.rejection.message);
    } else if (outcome.outcome === "returned") {
      logger.warn({ messageId: outcome.id, reason: outcome.reason }, "message returned to the queue");
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
