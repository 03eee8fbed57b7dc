export { createStateClient } from "./clients.ts";
export { createFindingQuarantine } from "./dead-letter-queue.ts";
export { type ConsumerEnvironment, readEnvironment } from "./environment.ts";
export { ConsumerError, type ConsumerErrorCode } from "./errors.ts";
export { createLogger, type Logger } from "./logging.ts";
export {
  createNotifier,
  type Notifier,
  type NotifierMessage,
  type NotifierOptions,
  type NotifierOutcome,
  type NotifierTotals,
  type Sender,
} from "./notifier/notifier.ts";
export { type NotifierService, startNotifierService } from "./notifier/notifier-service.ts";
export { amazonQSender, slackSender, webhookSender } from "./notifier/senders.ts";
export { createRuntime, type Runtime } from "./runtime.ts";
export { type Service, startService } from "./service.ts";
