import { setTimeout as delay } from "node:timers/promises";
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { QueueRecord } from "./lambda-function.ts";

/** Sends bodies, ten a call. */
export async function sendAll(client: SQSClient, queueUrl: string, bodies: readonly string[]): Promise<void> {
  for (let start = 0; start < bodies.length; start += 10) {
    const Entries = bodies
      .slice(start, start + 10)
      .map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    const { Failed } = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    if (Failed !== undefined && Failed.length > 0) throw new Error(`SQS rejected ${Failed.length} messages.`);
  }
}

/** Takes every message that is visible now. */
export async function drain(client: SQSClient, queueUrl: string): Promise<Message[]> {
  const all: Message[] = [];
  for (;;) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ["All"],
        WaitTimeSeconds: 0,
      }),
    );
    if (Messages.length === 0) return all;
    all.push(...Messages);
    await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
      }),
    );
  }
}

/** Takes at most ten messages as Lambda's event source mapping does, with how often each was received. */
export async function receiveBatch(
  client: SQSClient,
  queueUrl: string,
  waitSeconds = 0,
): Promise<QueueRecord[]> {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ["ApproximateReceiveCount"],
      WaitTimeSeconds: waitSeconds,
    }),
  );
  return Messages.map(({ MessageId = "", Body = "", ReceiptHandle, Attributes }) => ({
    messageId: MessageId,
    body: Body,
    receiptHandle: ReceiptHandle,
    receiveCount: Number(Attributes?.ApproximateReceiveCount ?? 1),
  }));
}

/** Messages that are visible or in flight; delayed ones (timers) are not counted. */
export async function backlog(client: SQSClient, queueUrl: string): Promise<number> {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl: queueUrl,
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    }),
  );
  return (
    Number(Attributes.ApproximateNumberOfMessages ?? 0) +
    Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0)
  );
}

/** Asks until the answer is yes; gives up, with a message, after the deadline. */
export async function eventually(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  deadlineSeconds = 60,
): Promise<void> {
  const end = performance.now() + deadlineSeconds * 1000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`Waited ${deadlineSeconds} s in vain until ${what}.`);
    await delay(50);
  }
}
