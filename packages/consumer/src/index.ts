export { createStateClient } from "./clients.ts";
export { type ConsumerEnvironment, readEnvironment } from "./environment/environment.ts";
export { ConsumerError, type ConsumerErrorCode } from "./errors.ts";
export {
  type AlertTestDocument,
  alertTestDocumentKey,
  alertTestDocuments,
} from "./notifier/alert-test-document.ts";
export {
  createNotifier,
  type Notifier,
  type NotifierMessage,
  type NotifierOptions,
  type NotifierOutcome,
  type NotifierTotals,
} from "./notifier/notifier.ts";
export { type NotifierService, startNotifierService } from "./notifier/notifier-service.ts";
export type { Sender } from "./notifier/sender.ts";
export { amazonQSender, slackSender, webhookSender } from "./notifier/senders.ts";
export { createFindingQuarantine } from "./queue/dead-letter-queue.ts";
export { createRuntime, type Runtime } from "./service/runtime.ts";
export { type Service, startService } from "./service/service.ts";
export { createLogger, type Logger } from "./telemetry/logging.ts";
