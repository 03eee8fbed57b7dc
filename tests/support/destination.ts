import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { createSnsPublisher, snsClientDefaults } from "@streamwarden/alerting";
import type { FilterPolicy } from "@streamwarden/config";
import type { NotifierMessage } from "@streamwarden/consumer";
import type { LocalAws } from "@streamwarden/local";

/** A destination's queue and dead-letter queue, subscribed to the alert topic as the stack does it. */
export interface Destination {
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly publisher: ReturnType<typeof createSnsPublisher>;
  /** Waits for SNS, then takes what is visible; the messages stay in flight. */
  receive(): Promise<readonly (NotifierMessage & { readonly receiptHandle: string })[]>;
  close(): void;
}

let made = 0;

export async function createDestination(
  aws: LocalAws,
  topicArn: string,
  filterPolicy?: FilterPolicy,
): Promise<Destination> {
  made += 1;
  const options = { region: aws.region, credentials: aws.credentials };
  const sqs = new SQSClient({ ...options, endpoint: aws.endpoints.sqs, useQueueUrlAsEndpoint: false });
  const sns = new SNSClient({ ...options, ...snsClientDefaults, endpoint: aws.endpoints.sns });
  const create = async (QueueName: string): Promise<{ url: string; arn: string }> => {
    const { QueueUrl: url = "" } = await sqs.send(new CreateQueueCommand({ QueueName }));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["QueueArn"] }),
    );
    return { url, arn: Attributes?.QueueArn ?? "" };
  };
  const queue = await create(`destination-${made}`);
  const deadLetters = await create(`destination-${made}-dead-letters`);
  await sns.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: "sqs",
      Endpoint: queue.arn,
      Attributes: {
        RawMessageDelivery: "true",
        ...(filterPolicy === undefined ? {} : { FilterPolicy: JSON.stringify(filterPolicy) }),
      },
    }),
  );
  return {
    sqs,
    sns,
    queueUrl: queue.url,
    deadLetterQueueUrl: deadLetters.url,
    publisher: createSnsPublisher({ client: sns, topicArn }),
    async receive() {
      await aws.settled();
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: queue.url,
          MaxNumberOfMessages: 10,
          MessageSystemAttributeNames: ["ApproximateReceiveCount"],
          WaitTimeSeconds: 0,
        }),
      );
      return Messages.map(({ MessageId = "", Body = "", ReceiptHandle = "", Attributes }) => ({
        id: MessageId,
        body: Body,
        receiptHandle: ReceiptHandle,
        receiveCount: Number(Attributes?.ApproximateReceiveCount),
      }));
    },
    close() {
      sqs.destroy();
      sns.destroy();
    },
  };
}
