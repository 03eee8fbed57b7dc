export { type Config, type DisabledPolicy, loadConfig, parseConfig, placeholdersOf } from "./config.ts";
export { durationPattern, parseDuration } from "./duration.ts";
export { ConfigError, type ConfigErrorCode, type ConfigProblem } from "./errors.ts";
export { type ListName, listDescriptions, listNames, type PipelinePart, pipelineLists } from "./lists.ts";
export { configJsonSchema } from "./schema.ts";
export { suggest } from "./suggest.ts";
