import type { SlackMessage } from "../slack/slack-blocks.ts";
import { deliver, type HttpDeliveryOptions } from "./http-delivery.ts";
import { webhookUrl } from "./webhook-url.ts";

export interface SlackDelivery extends HttpDeliveryOptions {
  /** The incoming webhook's URL. A secret: it appears in no error and no log. */
  readonly webhookUrl: string;
  readonly message: SlackMessage;
  /** Also allow a webhook on this machine, for the local preview. Default false. */
  readonly allowLoopback?: boolean;
}

/** Slack's own hosts for incoming webhooks; anything else could be a request forged into somebody's network. */
const slackHosts: ReadonlySet<string> = new Set(["hooks.slack.com", "hooks.slack-gov.com"]);

/**
 * Posts a message to a Slack incoming webhook. Slack takes one message a second and channel; a 429 waits as Slack
 * asks when that is short, and is otherwise thrown with `retryAfterSeconds`, so that the caller's queue waits.
 *
 * @returns the HTTP status.
 * @throws PublishError
 */
export async function postToSlack(delivery: SlackDelivery): Promise<number> {
  const url = webhookUrl(delivery.webhookUrl, {
    what: "The Slack webhook's URL",
    hosts: slackHosts,
    allowLoopback: delivery.allowLoopback ?? false,
  });
  return await deliver(
    {
      receiver: "Slack's webhook",
      url,
      headers: () => ({ "content-type": "application/json; charset=utf-8" }),
      body: JSON.stringify(delivery.message),
    },
    delivery,
  );
}
