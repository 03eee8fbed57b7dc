export { type Advanced, advance, type WindowScope } from "./correlation/advance.ts";
export { type Closed, closeWindows } from "./correlation/close-windows.ts";
export {
  type CorrelatedRule,
  type Correlation,
  type CorrelationCondition,
  type CorrelationType,
  chainDepth,
  inChainOrder,
  type MemberFields,
  referenceOf,
} from "./correlation/correlation.ts";
export type { Membership } from "./correlation/correlation-set.ts";
export { chainedEntries, correlationEntries, type Entry, type GroupedEntry } from "./correlation/entries.ts";
export { type ExplainedEntry, explainWindow, type WindowExplanation } from "./correlation/explain-window.ts";
export type { Firing } from "./correlation/firing.ts";
export { type GroupValue, groupKey } from "./correlation/group.ts";
export type { InactiveCorrelation } from "./correlation/link-correlations.ts";
export type { Threshold } from "./correlation/threshold.ts";
export type { WindowDocument, WindowOptions } from "./correlation/window-document.ts";
export type {
  CorrelationDocument,
  FilterDocument,
  LogSource,
  RuleDocument,
  RuleReference,
  SigmaDocument,
} from "./document.ts";
export { SigmaError, type SigmaErrorCode } from "./errors.ts";
export type { DerivedField, DerivedFields } from "./event-view.ts";
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
