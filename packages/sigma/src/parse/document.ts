import type { CorrelationDefinition } from "../correlation/read/definition.ts";
import type { Position } from "../problems/problem.ts";
import type { Detection } from "./detection.ts";
import type { Metadata } from "./metadata.ts";
import type { RuleReference } from "./rule-reference.ts";

/** Which logs a rule is about. A missing attribute means any. */
export interface LogSource {
  readonly category?: string;
  readonly product?: string;
  readonly service?: string;
}

export interface RuleDocument extends Metadata {
  readonly kind: "rule";
  readonly logsource: LogSource;
  readonly detection: Detection;
  readonly at: Position;
}

export interface FilterDocument extends Metadata {
  readonly kind: "filter";
  readonly logsource: LogSource;
  /** The rules it narrows, or `any` rule whose logsource its own contains. */
  readonly rules: "any" | readonly RuleReference[];
  readonly detection: Detection;
  /** Whether the condition says `not` anywhere. */
  readonly hasNegation: boolean;
  readonly at: Position;
}

export interface CorrelationDocument extends Metadata {
  readonly kind: "correlation";
  /** As written; the rules it names are looked up by `link`. */
  readonly definition: CorrelationDefinition;
  readonly at: Position;
}

export type SigmaDocument = RuleDocument | FilterDocument | CorrelationDocument;
