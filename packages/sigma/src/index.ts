export type {
  CorrelationDocument,
  FilterDocument,
  LogSource,
  RuleDocument,
  RuleReference,
  SigmaDocument,
} from "./document.ts";
export { SigmaError, type SigmaErrorCode } from "./errors.ts";
export type { DerivedFields } from "./event-view.ts";
export {
  type ExplainedDocument,
  type ExplainedFilter,
  type ExplainedGroup,
  type ExplainedNode,
  type ExplainedTest,
  type Explanation,
  explain,
} from "./explain.ts";
export type { JsonObject } from "./json.ts";
export { type LinkOptions, type LinkResult, link } from "./link.ts";
export { loadRuleset } from "./load.ts";
export { LEVELS, type Level, type Metadata, type Status } from "./metadata.ts";
export { type ParseResult, parse, type SourceFile } from "./parse.ts";
export type { PlaceholderValues } from "./placeholder.ts";
export { formatProblem, type Position, type Problem } from "./problem.ts";
export { PROBLEM_CODES, type ProblemCode } from "./problem-codes.ts";
export { type RenderOptions, renderExplanation } from "./render-explanation.ts";
export type { Filter, Rule } from "./rule.ts";
export type { Evaluation, Excepted, Ruleset } from "./ruleset.ts";
