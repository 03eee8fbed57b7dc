import { queues } from "./environment.ts";
import { type EnvironmentReader, type EnvironmentVariables, readVariables } from "./environment-reader.ts";

/** Everything a notifier takes from its environment, whatever its destination is. */
export interface NotifierEnvironment<Target> {
  /** The destination's name in `streamwarden.yml`. */
  readonly destination: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly stateTable: string;
  readonly region: string;
  readonly logLevel: string;
  /** What its kind of destination needs besides, such as the webhook's URL. */
  readonly target: Target;
}

/**
 * @param readTarget reads the variables of this kind of destination.
 * @throws ConsumerError `consumer-environment`, with one line for each variable that is missing or malformed.
 */
export function readNotifierEnvironment<Target>(
  env: EnvironmentVariables,
  readTarget: (variables: EnvironmentReader) => Target,
): NotifierEnvironment<Target> {
  return readVariables(env, (variables) => ({
    destination: variables.required("STREAMWARDEN_DESTINATION", "the destination's name in streamwarden.yml"),
    ...queues(variables, {
      queue: "the URL of the destination's SQS queue",
      deadLetters: "the URL of the destination's dead-letter queue",
    }),
    stateTable: variables.tableName("STREAMWARDEN_STATE_TABLE"),
    region: variables.region("AWS_REGION"),
    logLevel: variables.logLevel(),
    target: readTarget(variables),
  }));
}

export function slackTarget(variables: EnvironmentReader): { readonly webhookUrl: string } {
  return {
    webhookUrl: variables.required(
      "STREAMWARDEN_SLACK_WEBHOOK_URL",
      "the URL of the Slack channel's incoming webhook",
    ),
  };
}

export function webhookTarget(variables: EnvironmentReader): {
  readonly url: string;
  readonly secrets: readonly string[];
} {
  return {
    url: variables.url("STREAMWARDEN_WEBHOOK_URL", "the https address of the receiver"),
    secrets: variables
      .required(
        "STREAMWARDEN_WEBHOOK_SECRETS",
        "the signing secret, or two separated by a space while it is being changed",
      )
      .split(/[\s,]+/),
  };
}

export function amazonQTarget(variables: EnvironmentReader): { readonly topicArn: string } {
  return {
    topicArn: variables.topicArn(
      "STREAMWARDEN_AMAZON_Q_TOPIC_ARN",
      "the ARN of the SNS topic that Amazon Q is subscribed to",
    ),
  };
}
