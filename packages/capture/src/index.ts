export {
  allManagementEvents,
  apiCallDetailType,
  type CaptureRule,
  canaryDetailType,
  canaryPattern,
  canarySource,
  captureRules,
  ivsCallsPattern,
  pipelineGuardsPattern,
} from "./capture-rules.ts";
export {
  compilePattern,
  compilePatternText,
  type EventMatcher,
  maximumPatternCharacters,
} from "./compile-pattern.ts";
export { PatternError, type PatternErrorCode } from "./errors.ts";
export { parsePatternText } from "./pattern-text.ts";
