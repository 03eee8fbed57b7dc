import { type EnvironmentVariables, environmentReader } from "./environment-reader.ts";

/** Everything the consumer takes from its environment. */
export interface ConsumerEnvironment {
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
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
 * @throws ConsumerError `consumer-environment`, naming the variable.
 */
export function readEnvironment(env: EnvironmentVariables): ConsumerEnvironment {
  const { required, url, topicArn, wholeNumber, logLevel } = environmentReader(env);
  return {
    queueUrl: url("STREAMWARDEN_QUEUE_URL", "the URL of the SQS queue that EventBridge fills"),
    deadLetterQueueUrl: url("STREAMWARDEN_DEAD_LETTER_QUEUE_URL", "the URL of the dead-letter queue"),
    topicArn: topicArn("STREAMWARDEN_TOPIC_ARN", "the ARN of the SNS topic for alerts"),
    stateTable: required("STREAMWARDEN_STATE_TABLE", "the name of the DynamoDB state table"),
    configPath: env.STREAMWARDEN_CONFIG?.trim() || "streamwarden.yml",
    region: required("AWS_REGION", "the region of the queue, such as us-east-1"),
    httpPort: wholeNumber("STREAMWARDEN_HTTP_PORT", 8787, 0, 65_535),
    receivers: wholeNumber("STREAMWARDEN_RECEIVERS", 2, 1, 32),
    logLevel: logLevel(),
  };
}
