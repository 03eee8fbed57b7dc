import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { type Clock, systemClock } from "@streamwarden/base";
import { longestHopSeconds, type Timer, timerBody } from "@streamwarden/detection";

/** Schedules timers as delayed messages on a queue of ours. */
export function createTimerScheduler(options: {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly clock?: Clock;
}): (timer: Timer, hops?: number) => Promise<void> {
  const { client, queueUrl, clock = systemClock } = options;
  return async (timer, hops) => {
    const seconds = Math.ceil((timer.at - clock.now()) / 1000);
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: timerBody(timer, hops),
        DelaySeconds: Math.min(longestHopSeconds, Math.max(0, seconds)),
      }),
    );
  };
}
