export { type ConsumerEnvironment, readEnvironment } from "./environment.ts";
export { ConsumerError, type ConsumerErrorCode } from "./errors.ts";
export { createLogger, type Logger } from "./logging.ts";
export { createRuntime, type Runtime } from "./runtime.ts";
export { type Service, startService } from "./service.ts";
