import { amazonQTopicArn } from "./notifier/notifier-environment.ts";
import { notifierHandler } from "./notifier/notifier-lambda.ts";
import { amazonQSender } from "./notifier/senders.ts";

/** Publishes the alerts of its queue to the topic of one Amazon Q channel configuration. */
export const handler = notifierHandler("amazon-q", (env, { sns }) =>
  amazonQSender({ client: sns, topicArn: amazonQTopicArn(env) }),
);
