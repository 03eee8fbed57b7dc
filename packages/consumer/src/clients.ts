import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { snsClientDefaults } from "@streamwarden/alerting";

export interface Clients {
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly dynamodb: DynamoDBClient;
  destroy(): void;
}

const connectionTimeout = 3000;

/**
 * AWS clients with bounded waits: the SDK's default is to wait for ever on a peer that accepted and went silent.
 * Region, endpoints and credentials come from the SDK's own environment variables.
 */
export function createClients(region: string): Clients {
  const endpointGiven = process.env.AWS_ENDPOINT_URL_SQS ?? process.env.AWS_ENDPOINT_URL;
  const sqs = new SQSClient({
    region,
    // An endpoint given by environment wins over the host in the queue's URL.
    useQueueUrlAsEndpoint: endpointGiven === undefined,
    // A long poll is answered within 20 s.
    requestHandler: { connectionTimeout, requestTimeout: 30_000, throwOnRequestTimeout: true },
  });
  const sns = new SNSClient({ region, ...snsClientDefaults });
  const dynamodb = createStateClient(region);
  return {
    sqs,
    sns,
    dynamodb,
    destroy() {
      for (const client of [sqs, sns, dynamodb]) client.destroy();
    },
  };
}

/** What the SDK takes for a call that ends with a signal. */
export function sdkOptions(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

/** The client of the state table alone, for those who need no queue and no topic. */
export function createStateClient(
  region: string,
  options: Pick<DynamoDBClientConfig, "endpoint" | "credentials"> = {},
): DynamoDBClient {
  return new DynamoDBClient({
    ...options,
    region,
    maxAttempts: 4,
    requestHandler: { connectionTimeout, requestTimeout: 3000, throwOnRequestTimeout: true },
  });
}
