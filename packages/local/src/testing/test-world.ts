import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SNSClient } from "@aws-sdk/client-sns";
import { type Message, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type LocalAws, type LocalAwsOptions, startLocalAws } from "../start-local-aws.ts";

/** A local world with SDK clients that report the first error instead of retrying. For tests. */
export interface TestWorld {
  readonly aws: LocalAws;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly dynamodb: DynamoDBClient;
  readonly eventbridge: EventBridgeClient;
  /** Everything visible on a queue now, in order, each message hidden from then on. */
  drain(queueUrl: string): Promise<Message[]>;
  close(): Promise<void>;
}

export async function startTestWorld(options: LocalAwsOptions = {}): Promise<TestWorld> {
  const aws = await startLocalAws(options);
  const { region, credentials, endpoints } = aws;
  const common = { region, credentials, maxAttempts: 1 };
  const clients = {
    sqs: new SQSClient({ ...common, endpoint: endpoints.sqs }),
    sns: new SNSClient({ ...common, endpoint: endpoints.sns }),
    dynamodb: new DynamoDBClient({ ...common, endpoint: endpoints.dynamodb }),
    eventbridge: new EventBridgeClient({ ...common, endpoint: endpoints.eventbridge }),
  };
  return {
    aws,
    ...clients,
    drain: async (QueueUrl) => {
      const all: Message[] = [];
      for (;;) {
        const answer = await clients.sqs.send(
          new ReceiveMessageCommand({
            QueueUrl,
            MaxNumberOfMessages: 10,
            MessageAttributeNames: ["All"],
            MessageSystemAttributeNames: ["All"],
          }),
        );
        if (answer.Messages === undefined || answer.Messages.length === 0) return all;
        all.push(...answer.Messages);
      }
    },
    close: async () => {
      for (const client of Object.values(clients)) client.destroy();
      await aws.close();
    },
  };
}
