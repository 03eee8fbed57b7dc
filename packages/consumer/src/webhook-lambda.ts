import { webhookTarget } from "./notifier/notifier-environment.ts";
import { notifierHandler } from "./notifier/notifier-lambda.ts";
import { webhookSender } from "./notifier/senders.ts";

/** Posts the findings of its queue, signed, to one https receiver. */
export const handler = notifierHandler("webhook", (env) => webhookSender(webhookTarget(env)));
