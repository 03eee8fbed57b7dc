import type { MessageAttributeValue } from "@aws-sdk/client-sqs";
import type { Attempt, RetryQueue } from "../delivery/retry-queue.ts";
import type { QueueMessage, SqsSender } from "../delivery/sqs-sender.ts";
import type { MemoryMailbox } from "../mailbox.ts";
import { jsonForSqs } from "../sqs/json-text.ts";
import { postNotification } from "./http-delivery.ts";
import { bodyFor, type Message } from "./message.ts";
import type { Subscription, Topic } from "./topics.ts";

export interface PublisherOptions {
  readonly sender: SqsSender;
  readonly mailbox: MemoryMailbox;
  readonly deliveries: RetryQueue;
  /** Authority of the SNS endpoint, for the links in messages. Known only once the server listens. */
  readonly host: () => string;
}

/** AWS retries a queue for 23 days; here the same patience is an hour of growing pauses. */
const queueLimits = { maximumRetries: 3_600, maximumAgeSeconds: 3_600 };
const httpLimits = { maximumRetries: 3, maximumAgeSeconds: 3_600 };

/** Fans a message out to the subscriptions of its topic. */
export class Publisher {
  readonly #options: PublisherOptions;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  async publish(topic: Topic, message: Message): Promise<void> {
    await this.#options.deliveries.room();
    for (const subscription of topic.subscriptions.values()) {
      if (subscription.token !== undefined) continue;
      const body = bodyFor(message, subscription.protocol);
      if (subscription.filter({ body, attributes: message.attributes }))
        this.#deliver(message, subscription, body);
    }
  }

  /** Asks an HTTP endpoint to confirm; it does so by visiting the link. */
  requestConfirmation(subscription: Subscription): void {
    const { topicArn, token = "" } = subscription;
    const link = `http://${this.#options.host()}/?Action=ConfirmSubscription&TopicArn=${topicArn}&Token=${token}`;
    const confirmation = {
      Type: "SubscriptionConfirmation",
      MessageId: crypto.randomUUID(),
      Token: token,
      TopicArn: topicArn,
      Message: `You have chosen to subscribe to the topic ${topicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
      SubscribeURL: link,
      Timestamp: new Date().toISOString(),
      ...signature,
    };
    this.#options.deliveries.start({
      ...httpLimits,
      attempt: () => postNotification(subscription, confirmation, undefined),
      giveUp: async () => {},
    });
  }

  #deliver(message: Message, subscription: Subscription, body: string): void {
    const { sender, mailbox, deliveries } = this.#options;
    const notification = this.#notification(message, subscription, body);
    const { protocol, endpoint } = subscription;
    if (protocol === "email" || protocol === "email-json") {
      mailbox.deliver({
        from: "AWS Notifications <no-reply@sns.amazonaws.com>",
        to: endpoint,
        subject: message.subject ?? "AWS Notification Message",
        body: protocol === "email" ? body : JSON.stringify(notification),
        footer: footer(notification.UnsubscribeURL),
        receivedAt: new Date().toISOString(),
        topicArn: message.topicArn,
        messageId: message.id,
        messageAttributes: Object.fromEntries(
          [...message.attributes].map(([name, { value }]) => [name, value]),
        ),
      });
      return;
    }
    const forQueue = subscription.rawDelivery
      ? rawMessage(message, body)
      : { body: jsonForSqs(JSON.stringify(notification)) };
    const attempt = (): Promise<Attempt> => {
      if (protocol !== "sqs")
        return postNotification(subscription, notification, subscription.rawDelivery ? body : undefined);
      if ("rejected" in forQueue) {
        const rejection: Attempt = {
          outcome: "failed",
          retry: false,
          code: "InvalidParameter",
          message: forQueue.rejected,
        };
        return Promise.resolve(rejection);
      }
      return sender.send(endpoint, forQueue);
    };
    deliveries.start({
      ...(protocol === "sqs" ? queueLimits : httpLimits),
      attempt,
      giveUp: async () => {
        if (subscription.deadLetterArn === undefined) return;
        await sender.send(
          subscription.deadLetterArn,
          "rejected" in forQueue ? { body: jsonForSqs(JSON.stringify(notification)) } : forQueue,
        );
      },
    });
  }

  #notification(message: Message, subscription: Subscription, body: string) {
    const attributes = [...message.attributes].map(([name, { type, value }]) => [
      name,
      { Type: type, Value: value },
    ]);
    return {
      Type: "Notification",
      MessageId: message.id,
      TopicArn: message.topicArn,
      ...(message.subject === undefined ? {} : { Subject: message.subject }),
      Message: body,
      Timestamp: message.timestamp,
      ...signature,
      UnsubscribeURL: `http://${this.#options.host()}/?Action=Unsubscribe&SubscriptionArn=${subscription.arn}`,
      ...(attributes.length === 0 ? {} : { MessageAttributes: Object.fromEntries(attributes) }),
    };
  }
}

/** Nothing signs messages here. The fields are there because readers of real messages expect them. */
const signature = {
  SignatureVersion: "1",
  Signature: "bG9jYWw=",
  SigningCertURL: "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-local.pem",
};

function footer(unsubscribe: string): string {
  return [
    "--",
    "If you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:",
    unsubscribe,
    "",
    "Please do not reply directly to this email. If you have any questions or comments regarding this email, please " +
      "contact us at https://aws.amazon.com/support",
  ].join("\n");
}

const maximumSqsAttributes = 10;

function rawMessage(message: Message, body: string): QueueMessage | { readonly rejected: string } {
  // AWS discards such a raw message as a client error, which sends it to the subscription's dead-letter queue.
  if (message.attributes.size > maximumSqsAttributes) {
    return {
      rejected: `raw delivery to SQS takes ${maximumSqsAttributes} attributes, not ${message.attributes.size}`,
    };
  }
  const attributes = [...message.attributes].map(
    ([name, { type, value }]): [string, MessageAttributeValue] => [
      name,
      type.startsWith("Binary")
        ? { DataType: type, BinaryValue: Buffer.from(value, "base64") }
        : { DataType: type, StringValue: value },
    ],
  );
  return attributes.length === 0 ? { body } : { body, attributes: Object.fromEntries(attributes) };
}
