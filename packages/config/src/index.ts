export { type Config, type DisabledPolicy, loadConfig, parseConfig, placeholdersOf } from "./config.ts";
export {
  type Destination,
  type Destinations,
  type EmailSubscription,
  emailSubscriptions,
  type SlackDestination,
  type WebhookDestination,
} from "./destinations.ts";
export { durationPattern, formatDuration, parseDuration } from "./duration.ts";
export {
  ConfigError,
  type ConfigErrorCode,
  type ConfigProblem,
  RouteError,
  type RouteErrorCode,
} from "./errors.ts";
export {
  type ListName,
  listDescriptions,
  listKey,
  listNames,
  type PipelinePart,
  pipelineLists,
} from "./lists.ts";
export { type CompiledRoute, compileRoute, type FilterPolicy, type Route } from "./route.ts";
export { configJsonSchema } from "./schema.ts";
