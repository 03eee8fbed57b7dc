import { setTimeout as delay } from "node:timers/promises";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { Runtime } from "@streamwarden/consumer";
import type { LocalAws } from "@streamwarden/local";
import type { LocalSlack } from "../../preview/local-slack.ts";

/**
 * Waits until everything that was sent has been delivered, processed and answered, in Slack too.
 *
 * @throws AbortError when the signal comes first.
 */
export async function settle(
  aws: LocalAws,
  runtime: Runtime,
  slack: LocalSlack,
  signal: AbortSignal,
): Promise<void> {
  // In the order of the path: what one queue's reader publishes is delivered before the next queue is looked at.
  for (const queueUrl of [
    runtime.environment.queueUrl,
    runtime.environment.timerQueueUrl,
    ...slack.queueUrls,
  ]) {
    await aws.settled();
    while (!(await isEmpty(runtime, queueUrl, signal))) await delay(50, undefined, { signal });
  }
}

/** Whether no message is visible or in flight; timers that wait for their time do not count. */
async function isEmpty({ clients }: Runtime, QueueUrl: string, abortSignal: AbortSignal): Promise<boolean> {
  const { Attributes = {} } = await clients.sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    }),
    { abortSignal },
  );
  return Object.values(Attributes).every((count) => Number(count) === 0);
}
