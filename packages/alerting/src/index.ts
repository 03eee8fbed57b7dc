export {
  type Alert,
  type AlertDelivery,
  type AlertDigest,
  type AlertIncident,
  type AlertKind,
  type AlertPolicy,
  type AlertPublisher,
  type AlertRecord,
  type RelatedIncident,
  type Severity,
  severities,
} from "./alert.ts";
export { alertFromFinding, type Published } from "./alert-from-finding.ts";
export { type AmazonQNotification, amazonQ } from "./amazon-q.ts";
export { amazonQDigest } from "./amazon-q-digest.ts";
export { tacticsOf } from "./attack.ts";
export { alertAttributes, digestAttributes, type MessageAttributes } from "./attributes.ts";
export { digestEmail } from "./digest.ts";
export { digestFinding } from "./digest-finding.ts";
export { digestSlack } from "./digest-slack.ts";
export { type EmailMessage, email } from "./email.ts";
export {
  FindingError,
  PublishError,
  type PublishErrorCode,
  WebhookSignatureError,
} from "./errors.ts";
export { decodeSlackText, escapeHtml } from "./html.ts";
export { type OcsfFinding, ocsf } from "./ocsf.ts";
export { type Clock, systemClock } from "./retry.ts";
export { slack } from "./slack.ts";
export type { SlackBlock, SlackMessage } from "./slack-blocks.ts";
export { postToSlack, type SlackDelivery } from "./slack-notifier.ts";
export { slackPreview, slackPreviewArticle, slackPreviewStyle } from "./slack-preview.ts";
export {
  createAmazonQPublisher,
  createSnsPublisher,
  type SnsPublisherOptions,
  snsClientDefaults,
} from "./sns-publisher.ts";
export { visibleJson } from "./text.ts";
export { postWebhook, type WebhookDelivery } from "./webhook-notifier.ts";
export { verifyWebhook, type WebhookToVerify } from "./webhook-signature.ts";
