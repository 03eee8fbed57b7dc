import { type EnvironmentReader, type EnvironmentVariables, readVariables } from "./environment-reader.ts";

/** Everything the consumer takes from its environment. */
export interface ConsumerEnvironment {
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  /** Where timers wait; the queue of events where there is no other. */
  readonly timerQueueUrl: string;
  readonly topicArn: string;
  readonly stateTable: string;
  /** Path of `streamwarden.yml`. */
  readonly configPath: string;
  readonly region: string;
  /** Port of health and metrics on loopback; 0 takes any free one. Service only. */
  readonly httpPort: number;
  /** How many receivers poll the queue side by side. Service only. */
  readonly receivers: number;
  readonly logLevel: string;
}

/**
 * Reads and checks the environment. Endpoints and credentials are the AWS SDK's own variables
 * (`AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_SQS` ...) and are not read here.
 *
 * @throws ConsumerError `consumer-environment`, with one line for each variable that is missing or malformed.
 */
export function readEnvironment(env: EnvironmentVariables): ConsumerEnvironment {
  return readVariables(env, (variables) => ({
    ...consumerQueues(variables),
    topicArn: variables.topicArn("STREAMWARDEN_TOPIC_ARN", "the ARN of the SNS topic for alerts"),
    stateTable: variables.tableName("STREAMWARDEN_STATE_TABLE"),
    configPath: variables.optional("STREAMWARDEN_CONFIG", "streamwarden.yml"),
    region: variables.region("AWS_REGION"),
    httpPort: variables.wholeNumber("STREAMWARDEN_HTTP_PORT", 8787, 0, 65_535),
    receivers: variables.wholeNumber("STREAMWARDEN_RECEIVERS", 2, 1, 32),
    logLevel: variables.logLevel(),
  }));
}

function consumerQueues(
  variables: EnvironmentReader,
): Pick<ConsumerEnvironment, "queueUrl" | "deadLetterQueueUrl" | "timerQueueUrl"> {
  const both = queues(variables, {
    queue: "the URL of the SQS queue that EventBridge fills",
    deadLetters: "the URL of the dead-letter queue",
  });
  const timerQueueUrl = variables.optionalUrl("STREAMWARDEN_TIMER_QUEUE_URL", both.queueUrl);
  if (timerQueueUrl !== both.queueUrl && timerQueueUrl === both.deadLetterQueueUrl)
    variables.problem(
      "STREAMWARDEN_TIMER_QUEUE_URL is the dead-letter queue, where nobody looks at timers: set it to the URL of the queue of timers.",
    );
  return { ...both, timerQueueUrl };
}

/** The queue and its dead-letter queue, which must be two: what is quarantined would come back for ever. */
export function queues(
  variables: EnvironmentReader,
  what: { readonly queue: string; readonly deadLetters: string },
): { readonly queueUrl: string; readonly deadLetterQueueUrl: string } {
  const queueUrl = variables.url("STREAMWARDEN_QUEUE_URL", what.queue);
  const deadLetterQueueUrl = variables.url("STREAMWARDEN_DEAD_LETTER_QUEUE_URL", what.deadLetters);
  if (queueUrl !== "" && queueUrl === deadLetterQueueUrl)
    variables.problem(
      `STREAMWARDEN_DEAD_LETTER_QUEUE_URL is the queue that messages come from, so a rejected one would come back for ever: set it to ${what.deadLetters}.`,
    );
  return { queueUrl, deadLetterQueueUrl };
}
