import type { FilterDocument, LogSource, RuleDocument } from "./parse/document.ts";
import type { Metadata } from "./parse/metadata.ts";

/** A detection rule that was linked. */
export interface Rule extends Metadata {
  readonly kind: "rule";
  readonly logsource: LogSource;
}

/** A filter that was linked: an exception that narrows rules. */
export interface Filter extends Metadata {
  readonly kind: "filter";
  readonly logsource: LogSource;
  /** The ids or names it was written for. */
  readonly rules: "any" | readonly string[];
}

export function toRule({ detection: _, at: __, ...rule }: RuleDocument): Rule {
  return Object.freeze(rule);
}

export function toFilter({
  detection: _,
  at: __,
  hasNegation: ___,
  rules,
  ...filter
}: FilterDocument): Filter {
  return Object.freeze({
    ...filter,
    rules: rules === "any" ? rules : rules.map((reference) => reference.rule),
  });
}
