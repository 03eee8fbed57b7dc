import { webhookTarget } from "../environment/notifier-environment.ts";
import { webhookSender } from "../notifier/senders.ts";
import { notifierHandler } from "./notifier-handler.ts";

/** Posts the findings of its queue, signed, to one https receiver. */
export const handler = notifierHandler("webhook", webhookTarget, webhookSender);
