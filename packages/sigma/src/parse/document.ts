import type { YAMLMap } from "yaml";
import type { Position } from "../problems/problem.ts";
import type { YamlSource } from "../yaml/yaml-source.ts";
import type { Detection } from "./detection.ts";
import type { Metadata } from "./metadata.ts";

/** Which logs a rule is about. Attributes that are missing say nothing. */
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

/** A reference to a rule by its `id` or `name`, where it stands. */
export interface RuleReference {
  readonly rule: string;
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

/**
 * A correlation document, its attributes read and the map under `correlation` as YAML nodes. `source.at(node)` gives
 * the position of each, `source.entries(body)` its keys, `source.plain(node)` a value as data.
 */
export interface CorrelationDocument extends Metadata {
  readonly kind: "correlation";
  readonly body: YAMLMap;
  readonly source: YamlSource;
  /** `generate` where the document has it at its top level, as the JSON schema of the specification does. */
  readonly generate?: boolean;
  readonly at: Position;
}

export type SigmaDocument = RuleDocument | FilterDocument | CorrelationDocument;
