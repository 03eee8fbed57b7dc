export { alertTestAmazonQ } from "./amazon-q/alert-test-amazon-q.ts";
export { type AmazonQNotification, amazonQ } from "./amazon-q/amazon-q.ts";
export { amazonQDigest } from "./amazon-q/amazon-q-digest.ts";
export { alertTestEmail } from "./email/alert-test-email.ts";
export { digestEmail } from "./email/digest-email.ts";
export { type EmailMessage, email } from "./email/email.ts";
export {
  FindingError,
  type FindingErrorCode,
  PublishError,
  type PublishErrorCode,
  WebhookSignatureError,
} from "./errors.ts";
export { postToSlack, type SlackDelivery } from "./http/slack-notifier.ts";
export { postWebhook, type WebhookDelivery } from "./http/webhook-notifier.ts";
export { verifyWebhook, type WebhookToVerify } from "./http/webhook-signature.ts";
export type {
  Alert,
  AlertDelivery,
  AlertDigest,
  AlertIncident,
  AlertKind,
  AlertPolicy,
  AlertPublisher,
  AlertRecord,
  RelatedIncident,
  Severity,
} from "./model/alert.ts";
export {
  type AlertCalls,
  type CallFacet,
  type CallNews,
  type CallTallies,
  type CallTally,
  callFacets,
} from "./model/alert-calls.ts";
export { type AlertTest, alertTestPolicy } from "./model/alert-test.ts";
export { tacticsOf } from "./model/attack.ts";
export { alertFromFinding } from "./ocsf/alert-from-finding.ts";
export { alertTestFinding } from "./ocsf/alert-test-finding.ts";
export { digestFinding } from "./ocsf/digest-finding.ts";
export { type OcsfFinding, ocsf } from "./ocsf/ocsf.ts";
export type { Published } from "./ocsf/own-message.ts";
export { alertTestSlack } from "./slack/alert-test-slack.ts";
export { digestSlack } from "./slack/digest-slack.ts";
export { decodeSlackText, escapeHtml } from "./slack/html.ts";
export { slack } from "./slack/slack.ts";
export type { SlackBlock, SlackMessage } from "./slack/slack-blocks.ts";
export { slackPreview, slackPreviewArticle, slackPreviewStyle } from "./slack/slack-preview.ts";
export { alertTestAttributes, type RouteKey, routeKeys } from "./sns/alert-test-attributes.ts";
export { alertAttributes, digestAttributes, type MessageAttributes } from "./sns/attributes.ts";
export {
  createAmazonQPublisher,
  createSnsPublisher,
  type SnsPublisherOptions,
  snsClientDefaults,
} from "./sns/sns-publisher.ts";
export { visibleJson } from "./wording/text.ts";
