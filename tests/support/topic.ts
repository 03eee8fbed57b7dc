import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { LocalAws } from "@streamwarden/local";
import { drain } from "./queues.ts";

/** Subscribes a new queue to the alert topic, unfiltered, as a SIEM would; returns its URL. */
export async function subscribeQueue(aws: LocalAws, name: string): Promise<string> {
  const options = { region: aws.region, credentials: aws.credentials };
  const sqs = new SQSClient({ ...options, endpoint: aws.endpoints.sqs });
  const sns = new SNSClient({ ...options, endpoint: aws.endpoints.sns });
  try {
    const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
    );
    await sns.send(
      new SubscribeCommand({
        TopicArn: aws.resources.topicArn,
        Protocol: "sqs",
        Endpoint: Attributes?.QueueArn ?? "",
        Attributes: { RawMessageDelivery: "true" },
      }),
    );
    return QueueUrl;
  } finally {
    sqs.destroy();
    sns.destroy();
  }
}

/** The ids of all alerts that arrived, as often as they did; digests are left out. */
export async function alertIds(client: SQSClient, queueUrl: string): Promise<string[]> {
  const findings = (await drain(client, queueUrl)).map(({ Body = "" }) => JSON.parse(Body));
  return findings.map((finding) => String(finding.metadata.uid)).filter((id) => !id.startsWith("digest."));
}
