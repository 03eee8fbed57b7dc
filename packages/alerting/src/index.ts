export {
  type Alert,
  type AlertDelivery,
  type AlertDigest,
  type AlertIncident,
  type AlertKind,
  type AlertPolicy,
  type AlertPublisher,
  type AlertRecord,
  type Severity,
  severities,
} from "./alert.ts";
export { type AmazonQNotification, amazonQ } from "./amazon-q.ts";
export { alertAttributes, digestAttributes, type MessageAttributes } from "./attributes.ts";
export { digestEmail } from "./digest.ts";
export { digestSlack } from "./digest-slack.ts";
export { type EmailMessage, email } from "./email.ts";
export {
  FindingError,
  PublishError,
  type PublishErrorCode,
  RouteError,
  type RouteErrorCode,
  WebhookSignatureError,
} from "./errors.ts";
export { type OcsfFinding, ocsf } from "./ocsf.ts";
export { type Clock, systemClock } from "./retry.ts";
export { slack } from "./slack.ts";
export type { SlackBlock, SlackMessage } from "./slack-blocks.ts";
export { slackPreview } from "./slack-preview.ts";
export {
  createAmazonQPublisher,
  createSnsPublisher,
  type SnsPublisherOptions,
  snsClientDefaults,
} from "./sns-publisher.ts";
export { visibleJson } from "./text.ts";
