import {
  alertTestFinding,
  alertTestSlack,
  createAmazonQPublisher,
  digestFinding,
  digestSlack,
  ocsf,
  type Published,
  postToSlack,
  postWebhook,
  type SlackDelivery,
  type SlackMessage,
  type SnsPublisherOptions,
  slack,
  visibleJson,
  type WebhookDelivery,
} from "@streamwarden/alerting";
import type { Sender } from "./sender.ts";

/** Posts to a Slack channel by its incoming webhook. */
export function slackSender(options: Omit<SlackDelivery, "message">): Sender {
  return async (published) => {
    const status = await postToSlack({ ...options, message: slackMessage(published) });
    return `HTTP ${status}`;
  };
}

function slackMessage(published: Published): SlackMessage {
  switch (published.type) {
    case "alert":
      return slack(published.alert);
    case "digest":
      return digestSlack(published.digest);
    case "test":
      return alertTestSlack(published.test);
  }
}

/** Posts the finding, signed, to an https receiver. */
export function webhookSender(options: Omit<WebhookDelivery, "id" | "body">): Sender {
  return async (published) => {
    // Rendered anew from what was checked: whoever may publish to the topic can put anything around it.
    const [id, finding] = identified(published);
    const status = await postWebhook({ ...options, id, body: visibleJson(finding) });
    return `HTTP ${status}`;
  };
}

function identified(published: Published): readonly [id: string, finding: object] {
  switch (published.type) {
    case "alert":
      return [published.alert.id, ocsf(published.alert)];
    case "digest":
      return [published.digest.id, digestFinding(published.digest)];
    case "test":
      return [published.test.id, alertTestFinding(published.test)];
  }
}

/** Publishes to the topic that Amazon Q Developer in chat applications is subscribed to. */
export function amazonQSender(options: SnsPublisherOptions): Sender {
  const publisher = createAmazonQPublisher(options);
  return async (published) => {
    switch (published.type) {
      case "alert":
        await publisher.publish(published.alert);
        return "taken by SNS";
      case "digest":
        await publisher.publishDigest(published.digest);
        return "taken by SNS";
      case "test":
        return `SNS message ${await publisher.publishTest(published.test)}`;
    }
  };
}
