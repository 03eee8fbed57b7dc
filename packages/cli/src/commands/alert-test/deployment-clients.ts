import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { PublishError, snsClientDefaults } from "@streamwarden/alerting";
import { createStateClient } from "@streamwarden/consumer";
import { DynamoDbStateStore, type StateStore, StateStoreError } from "@streamwarden/detection";
import { CliError } from "../../errors.ts";
import type { Deployment } from "./deployment.ts";

export interface Clients {
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly store: StateStore;
  destroy(): void;
}

export function createClients({ region, stateTable, endpoint, credentials }: Deployment): Clients {
  const given = {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  };
  const sns = new SNSClient({ region, ...given, ...snsClientDefaults });
  const sqs = new SQSClient({
    region,
    ...given,
    maxAttempts: 2,
    useQueueUrlAsEndpoint: endpoint === undefined,
  });
  const dynamodb = createStateClient(region, given);
  return {
    sns,
    sqs,
    store: new DynamoDbStateStore({ client: dynamodb, tableName: stateTable }),
    destroy() {
      for (const client of [sns, sqs, dynamodb]) client.destroy();
    },
  };
}

/** @throws CliError `cli-endpoint` with what AWS said. */
export async function onAws<T>(
  { topicArn, stateTable, source }: Deployment,
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof PublishError) throw new CliError("cli-endpoint", error.message, { cause: error });
    if (error instanceof StateStoreError) {
      const reason = error.cause instanceof Error ? error.cause.message : error.message;
      throw new CliError(
        "cli-table",
        `The state table ${stateTable} (${source}) cannot be read (${reason}), so no outcome could be seen. Check its name, the credentials, and that they allow dynamodb:GetItem.`,
        { cause: error },
      );
    }
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    throw new CliError(
      "cli-endpoint",
      `The alert topic ${topicArn} (${source}) cannot be used (${name}: ${message}). Check the credentials, and that they allow sns:ListSubscriptionsByTopic, sns:GetSubscriptionAttributes and sns:Publish.`,
      { cause: error },
    );
  }
}
