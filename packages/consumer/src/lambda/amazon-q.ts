import { amazonQTarget } from "../environment/notifier-environment.ts";
import { amazonQSender } from "../notifier/senders.ts";
import { notifierHandler } from "./notifier-handler.ts";

/** Publishes the alerts of its queue to the topic of one Amazon Q channel configuration. */
export const handler = notifierHandler("amazon-q", amazonQTarget, (target, { sns }) =>
  amazonQSender({ ...target, client: sns }),
);
