export {
  type CorrelatedRule,
  type Correlation,
  type CorrelationCondition,
  chainDepth,
  inChainOrder,
  type MemberFields,
  referenceOf,
} from "./correlation/correlation.ts";
export type { Membership } from "./correlation/correlation-set.ts";
export type { CorrelationType } from "./correlation/correlation-type.ts";
export type { InactiveCorrelation } from "./correlation/link/link-correlations.ts";
export { type CorrelationDefinition, correlationReferences } from "./correlation/read/definition.ts";
export type { Threshold } from "./correlation/threshold.ts";
export { type Advanced, advance, type WindowScope } from "./correlation/window/advance.ts";
export { type Closed, closeWindows } from "./correlation/window/close-windows.ts";
export {
  chainedEntries,
  correlationEntries,
  type Entry,
  type GroupedEntry,
} from "./correlation/window/entries.ts";
export {
  type ExplainedEntry,
  explainWindow,
  type WindowExplanation,
} from "./correlation/window/explain-window.ts";
export type { Firing } from "./correlation/window/firing.ts";
export { type GroupValue, groupKey } from "./correlation/window/group.ts";
export { windowTimes } from "./correlation/window/window.ts";
export type { WindowDocument, WindowOptions } from "./correlation/window/window-document.ts";
export { SigmaError, type SigmaErrorCode } from "./errors.ts";
export type { DerivedField, DerivedFields } from "./event/event-view.ts";
export type { JsonObject } from "./event/json.ts";
export {
  type ExplainedDocument,
  type ExplainedFilter,
  type ExplainedGroup,
  type ExplainedMatcher,
  type ExplainedNode,
  type Explanation,
  explain,
} from "./explain/explain.ts";
export type { ReasonOptions } from "./explain/reasons.ts";
export {
  type ExplanationSpan,
  explanationLines,
  type RenderOptions,
  renderExplanation,
} from "./explain/render-explanation.ts";
export { type LinkOptions, type LinkResult, link } from "./link.ts";
export { loadRuleset } from "./load.ts";
export type {
  CorrelationDocument,
  FilterDocument,
  LogSource,
  RuleDocument,
  SigmaDocument,
} from "./parse/document.ts";
export { type Level, levels, type Metadata, type Status } from "./parse/metadata.ts";
export { type ParseResult, parse, type SourceFile } from "./parse/parse.ts";
export type { PlaceholderValues } from "./parse/placeholder.ts";
export type { RuleReference } from "./parse/rule-reference.ts";
export { formatProblem, type Position, type Problem } from "./problems/problem.ts";
export { type ProblemCode, problemCodes } from "./problems/problem-codes.ts";
export { misspelled, nearest } from "./problems/spelling.ts";
export type { Filter, Rule } from "./rule.ts";
export type { Evaluation, Excepted, Ruleset } from "./ruleset.ts";
export type { AttributePlaces } from "./yaml/attribute-places.ts";
