import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { type Clock, systemClock } from "@streamwarden/base";
import { longestHopSeconds, type PipelineOptions, timerBody } from "@streamwarden/detection";
import { sdkOptions } from "../clients.ts";

/** Schedules timers as delayed messages on a queue of ours. */
export function createTimerScheduler(options: {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly clock?: Clock;
}): PipelineOptions["scheduleTimer"] {
  const { client, queueUrl, clock = systemClock } = options;
  return async (timer, hops, { signal } = {}) => {
    const seconds = Math.ceil((timer.at - clock.now()) / 1000);
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: timerBody(timer, hops),
        DelaySeconds: Math.min(longestHopSeconds, Math.max(0, seconds)),
      }),
      sdkOptions(signal),
    );
  };
}
