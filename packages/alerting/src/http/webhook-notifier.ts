import { systemClock } from "@streamwarden/base";
import { PublishError } from "../errors.ts";
import { asciiLine } from "../wording/text.ts";
import { deliver, type HttpDeliveryOptions } from "./http-delivery.ts";
import { secretBytes, sign } from "./webhook-signature.ts";
import { webhookUrl } from "./webhook-url.ts";

export interface WebhookDelivery extends HttpDeliveryOptions {
  readonly url: string;
  /** `whsec_` and base64 of at least 24 bytes. Two while a secret is being changed, the new one first. */
  readonly secrets: readonly string[];
  /** The alert's id, for the receiver to recognise repeats. */
  readonly id: string;
  /** JSON text, as made by `visibleJson(ocsf(alert))`. */
  readonly body: string;
  /** Also allow http on this machine. Default false. */
  readonly allowLoopback?: boolean;
}

/**
 * Posts a signed body to any https receiver. See `webhook-signature.ts` for the headers and `verifyWebhook` for
 * the receiver's side. Each attempt is signed anew with its own time.
 *
 * @returns the HTTP status.
 * @throws PublishError
 */
export async function postWebhook(delivery: WebhookDelivery): Promise<number> {
  const url = webhookUrl(delivery.url, {
    what: "The webhook's URL",
    allowLoopback: delivery.allowLoopback ?? false,
  });
  const secrets = delivery.secrets.map(secretBytes);
  const usable = secrets.filter((secret) => secret !== undefined);
  if (usable.length === 0 || usable.length < secrets.length) {
    throw new PublishError(
      "publish-target-refused",
      "A webhook needs secrets of the form whsec_ and base64 of at least 24 random bytes. Nothing was sent.",
    );
  }
  const id = asciiLine(delivery.id, 150).replace(/[^\w.-]/g, "_") || "unknown";
  const clock = delivery.clock ?? systemClock;
  return await deliver(
    {
      receiver: `The webhook at ${url.hostname}`,
      url,
      headers: () => ({
        "content-type": "application/json; charset=utf-8",
        "user-agent": "streamwarden",
        ...sign({ id, body: delivery.body, now: clock.now() }, usable),
      }),
      body: delivery.body,
    },
    delivery,
  );
}
