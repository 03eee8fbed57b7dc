import {
  createAmazonQPublisher,
  digestFinding,
  digestSlack,
  ocsf,
  postToSlack,
  postWebhook,
  type SlackDelivery,
  type SnsPublisherOptions,
  slack,
  visibleJson,
  type WebhookDelivery,
} from "@streamwarden/alerting";
import type { Sender } from "./notifier.ts";

/** Posts to a Slack channel by its incoming webhook. */
export function slackSender(options: Omit<SlackDelivery, "message">): Sender {
  return (published) => {
    const message = published.type === "alert" ? slack(published.alert) : digestSlack(published.digest);
    return postToSlack({ ...options, message });
  };
}

/** Posts the finding, signed, to an https receiver. */
export function webhookSender(options: Omit<WebhookDelivery, "id" | "body">): Sender {
  return (published) => {
    // Rendered anew from what was checked: whoever may publish to the topic can put anything around it.
    const [id, finding] =
      published.type === "alert"
        ? [published.alert.id, ocsf(published.alert)]
        : [published.digest.id, digestFinding(published.digest)];
    return postWebhook({ ...options, id, body: visibleJson(finding) });
  };
}

/** Publishes to the topic that Amazon Q Developer in chat applications is subscribed to. */
export function amazonQSender(options: SnsPublisherOptions): Sender {
  const publisher = createAmazonQPublisher(options);
  return (published) =>
    published.type === "alert"
      ? publisher.publish(published.alert)
      : publisher.publishDigest(published.digest);
}
