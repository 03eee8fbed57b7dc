import type { SQSClient } from "@aws-sdk/client-sqs";
import { Receiver } from "../queue/receiver.ts";
import type { Logger } from "../telemetry/logging.ts";
import type { Notifier } from "./notifier.ts";

export interface NotifierService {
  /** Finishes the batch in hand. */
  stop(): Promise<void>;
}

/** As long as a notifier's Lambda function may take, and its queue hides a message. */
const visibilitySeconds = 180;

/** The notifier as a loop of this process, for the laptop and for hosts without Lambda. */
export function startNotifierService(options: {
  readonly notifier: Notifier;
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly logger: Logger;
}): NotifierService {
  const { notifier, ...queue } = options;
  const receiver = new Receiver({
    ...queue,
    visibilitySeconds,
    handle: async (messages) => {
      const outcomes = await notifier.process(messages);
      return outcomes.flatMap((outcome) =>
        outcome.outcome === "returned" ? { id: outcome.id, seconds: outcome.retrySeconds } : [],
      );
    },
  });
  receiver.start();
  return { stop: () => receiver.stop() };
}
