import { errorMessage } from "@streamwarden/base";
import type { Attempt } from "../delivery/retry-queue.ts";
import type { Subscription } from "./topics.ts";

/** AWS waits 15 seconds for an endpoint. */
const timeoutMilliseconds = 15_000;

interface Notification {
  readonly Type: string;
  readonly MessageId: string;
  readonly TopicArn: string;
}

/** One attempt to POST a notification to a loopback endpoint; `raw` replaces the JSON by the bare message. Never rejects. */
export async function postNotification(
  subscription: Pick<Subscription, "arn" | "endpoint">,
  notification: Notification,
  raw: string | undefined,
): Promise<Attempt> {
  try {
    const answer = await fetch(subscription.endpoint, {
      method: "POST",
      headers: {
        "content-type": "text/plain; charset=UTF-8",
        "user-agent": "Amazon Simple Notification Service Agent",
        "x-amz-sns-message-type": notification.Type,
        "x-amz-sns-message-id": notification.MessageId,
        "x-amz-sns-topic-arn": notification.TopicArn,
        "x-amz-sns-subscription-arn": subscription.arn,
        ...(raw === undefined ? {} : { "x-amz-sns-rawdelivery": "true" }),
      },
      body: raw ?? JSON.stringify(notification, undefined, 2),
      // A redirect could lead off the loopback.
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
    await answer.body?.cancel();
    if (answer.ok) return { outcome: "delivered" };
    // AWS retries server errors and 429; every other answer is the endpoint's final word.
    const retry = answer.status >= 500 || answer.status === 429;
    return {
      outcome: "failed",
      retry,
      code: `HTTP_${answer.status}`,
      message: `The endpoint answered ${answer.status}.`,
    };
  } catch (error) {
    return {
      outcome: "failed",
      retry: true,
      code: "CONNECTION",
      message: errorMessage(error),
    };
  }
}
