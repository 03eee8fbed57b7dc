import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { type Clock, systemClock } from "@streamwarden/base";
import { type WakeUp, wakeUpBody } from "@streamwarden/detection";

/** The longest delay of an SQS message; a wake-up further away is sent on when it comes. */
const longestDelaySeconds = 900;

/** Schedules wake-ups as delayed messages on our own queue. */
export function createWakeUpScheduler(options: {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly clock?: Clock;
}): (wakeUp: WakeUp) => Promise<void> {
  const { client, queueUrl, clock = systemClock } = options;
  return async (wakeUp) => {
    const seconds = Math.ceil((wakeUp.at - clock.now()) / 1000);
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: wakeUpBody(wakeUp),
        DelaySeconds: Math.min(longestDelaySeconds, Math.max(0, seconds)),
      }),
    );
  };
}
