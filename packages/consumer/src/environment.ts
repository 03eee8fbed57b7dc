import { ConsumerError } from "./errors.ts";

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

const logLevels = ["trace", "debug", "info", "warn", "error", "silent"];

/**
 * Reads and checks the environment. Endpoints and credentials are the AWS SDK's own variables
 * (`AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_SQS` ...) and are not read here.
 *
 * @throws ConsumerError `consumer-environment`, naming the variable.
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): ConsumerEnvironment {
  const required = (name: string, what: string): string => {
    const value = env[name]?.trim();
    if (value === undefined || value === "")
      throw new ConsumerError("consumer-environment", `${name} is missing: set it to ${what}.`);
    return value;
  };
  const url = (name: string, what: string): string => {
    const value = required(name, what);
    if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol))
      throw new ConsumerError("consumer-environment", `${name} is not a URL: set it to ${what}.`);
    return value;
  };
  const wholeNumber = (name: string, fallback: number, smallest: number, largest: number): number => {
    const text = env[name]?.trim();
    if (text === undefined || text === "") return fallback;
    const value = Number(text);
    if (!Number.isInteger(value) || value < smallest || value > largest)
      throw new ConsumerError(
        "consumer-environment",
        `${name} is "${text}": set it to a whole number from ${smallest} to ${largest}.`,
      );
    return value;
  };

  const topicArn = required("STREAMWARDEN_TOPIC_ARN", "the ARN of the SNS topic for alerts");
  if (!/^arn:[^:]+:sns:[^:]+:\d{12}:[^:]+$/.test(topicArn))
    throw new ConsumerError(
      "consumer-environment",
      "STREAMWARDEN_TOPIC_ARN is not the ARN of an SNS topic: it should look like arn:aws:sns:us-east-1:123456789012:alerts.",
    );
  const logLevel = env.STREAMWARDEN_LOG_LEVEL?.trim() || "info";
  if (!logLevels.includes(logLevel))
    throw new ConsumerError(
      "consumer-environment",
      `STREAMWARDEN_LOG_LEVEL is "${logLevel}": set it to one of ${logLevels.join(", ")}.`,
    );
  return {
    queueUrl: url("STREAMWARDEN_QUEUE_URL", "the URL of the SQS queue that EventBridge fills"),
    deadLetterQueueUrl: url("STREAMWARDEN_DEAD_LETTER_QUEUE_URL", "the URL of the dead-letter queue"),
    topicArn,
    stateTable: required("STREAMWARDEN_STATE_TABLE", "the name of the DynamoDB state table"),
    configPath: env.STREAMWARDEN_CONFIG?.trim() || "streamwarden.yml",
    region: required("AWS_REGION", "the region of the queue, such as us-east-1"),
    httpPort: wholeNumber("STREAMWARDEN_HTTP_PORT", 8787, 0, 65_535),
    receivers: wholeNumber("STREAMWARDEN_RECEIVERS", 2, 1, 32),
    logLevel,
  };
}
