import { type EnvironmentVariables, environmentReader } from "./environment-reader.ts";

/** Everything a notifier takes from its environment, whatever its destination is. */
export interface NotifierEnvironment {
  /** The destination's name in `streamwarden.yml`. */
  readonly destination: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly stateTable: string;
  readonly region: string;
  readonly logLevel: string;
}

/** @throws ConsumerError `consumer-environment`, naming the variable. */
export function readNotifierEnvironment(env: EnvironmentVariables): NotifierEnvironment {
  const { required, url, logLevel } = environmentReader(env);
  return {
    destination: required("STREAMWARDEN_DESTINATION", "the destination's name in streamwarden.yml"),
    queueUrl: url("STREAMWARDEN_QUEUE_URL", "the URL of the destination's SQS queue"),
    deadLetterQueueUrl: url(
      "STREAMWARDEN_DEAD_LETTER_QUEUE_URL",
      "the URL of the destination's dead-letter queue",
    ),
    stateTable: required("STREAMWARDEN_STATE_TABLE", "the name of the DynamoDB state table"),
    region: required("AWS_REGION", "the region of the queue, such as us-east-1"),
    logLevel: logLevel(),
  };
}

export function slackWebhookUrl(env: EnvironmentVariables): string {
  return environmentReader(env).required(
    "STREAMWARDEN_SLACK_WEBHOOK_URL",
    "the URL of the Slack channel's incoming webhook",
  );
}

export function webhookTarget(env: EnvironmentVariables): {
  readonly url: string;
  readonly secrets: readonly string[];
} {
  const { url, required } = environmentReader(env);
  return {
    url: url("STREAMWARDEN_WEBHOOK_URL", "the https address of the receiver"),
    secrets: required(
      "STREAMWARDEN_WEBHOOK_SECRETS",
      "the signing secret, or two separated by a space while it is being changed",
    ).split(/[\s,]+/),
  };
}

export function amazonQTopicArn(env: EnvironmentVariables): string {
  return environmentReader(env).topicArn(
    "STREAMWARDEN_AMAZON_Q_TOPIC_ARN",
    "the ARN of the SNS topic that Amazon Q is subscribed to",
  );
}
