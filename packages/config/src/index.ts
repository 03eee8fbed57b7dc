export { type Config, type DisabledPolicy, loadConfig, parseConfig, placeholdersOf } from "./config.ts";
export { durationPattern, parseDuration } from "./duration.ts";
export {
  ConfigError,
  type ConfigErrorCode,
  type ConfigProblem,
  RouteError,
  type RouteErrorCode,
} from "./errors.ts";
export { type ListName, listDescriptions, listNames, type PipelinePart, pipelineLists } from "./lists.ts";
export { type CompiledRoute, compileRoute, type FilterPolicy, type Route } from "./route.ts";
export { configJsonSchema } from "./schema.ts";
export { suggest } from "./suggest.ts";
