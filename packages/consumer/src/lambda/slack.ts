import { slackTarget } from "../environment/notifier-environment.ts";
import { slackSender } from "../notifier/senders.ts";
import { notifierHandler } from "./notifier-handler.ts";

/** Posts the alerts of its queue to one Slack channel. */
export const handler = notifierHandler("slack", slackTarget, slackSender);
