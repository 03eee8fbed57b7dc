import { slackWebhookUrl } from "./notifier/notifier-environment.ts";
import { notifierHandler } from "./notifier/notifier-lambda.ts";
import { slackSender } from "./notifier/senders.ts";

/** Posts the alerts of its queue to one Slack channel. */
export const handler = notifierHandler("slack", (env) => slackSender({ webhookUrl: slackWebhookUrl(env) }));
