import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { type Clock, systemClock } from "@streamwarden/base";
import { type Timer, timerBody } from "@streamwarden/detection";

/** The longest delay of an SQS message; a timer further away is sent on when it comes. */
const longestDelaySeconds = 900;

/** Schedules timers as delayed messages on our own queue. */
export function createTimerScheduler(options: {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly clock?: Clock;
}): (timer: Timer) => Promise<void> {
  const { client, queueUrl, clock = systemClock } = options;
  return async (timer) => {
    const seconds = Math.ceil((timer.at - clock.now()) / 1000);
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: timerBody(timer),
        DelaySeconds: Math.min(longestDelaySeconds, Math.max(0, seconds)),
      }),
    );
  };
}
