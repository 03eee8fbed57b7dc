import type { Metadata } from "../parse/metadata.ts";
import type { Rule } from "../rule.ts";
import type { CorrelationType } from "./correlation-type.ts";
import type { RuleExpression } from "./rule-expression.ts";
import type { Threshold } from "./threshold.ts";

/** What a correlation counts: detection rules, or other correlations, whose firings are then its events. */
export type CorrelatedRule = Rule | Correlation;

/** What must hold of a window. */
export type CorrelationCondition =
  | {
      readonly kind: "threshold";
      readonly threshold: Threshold;
      /** For value_*: the field, or the fields of the tuple, by the names in the document (aliases not replaced). */
      readonly fields: readonly string[];
      /** For value_percentile and value_median: 0 to 100. */
      readonly percentile: number;
    }
  | {
      /** An extended condition of a temporal type; `text` as it was written. */
      readonly kind: "rules";
      readonly expression: RuleExpression;
      readonly text: string;
    };

/** Which fields one of the rules is read by, aliases replaced. */
export interface MemberFields {
  /** Parallel to `groupBy`. */
  readonly group: readonly string[];
  /** Parallel to the condition's `fields`. */
  readonly values: readonly string[];
}

/**
 * A linked correlation: a condition over the events of a window, not over one event.
 *
 * Events arrive late, twice and in any order, so whatever a correlation decides must be a function of the *set* of events.
 * `isMonotone` is what makes that possible without waiting: if more events can only make the condition true, never untrue,
 * it may fire at once, and late events only add firings. Every other condition waits until its window is complete.
 */
export interface Correlation extends Metadata {
  readonly kind: "correlation";
  readonly type: CorrelationType;
  /** The distinct rules it is about, in the order of the document. */
  readonly rules: readonly CorrelatedRule[];
  /** For temporal_ordered: the order required, as positions in `rules`. A rule may be required twice. Else empty. */
  readonly steps: readonly number[];
  /** The fields (or aliases) whose values keep groups apart. Empty: one group for everything. */
  readonly groupBy: readonly string[];
  readonly timespanSeconds: number;
  readonly condition: CorrelationCondition;
  /** Parallel to `rules`. */
  readonly memberFields: readonly MemberFields[];
  /** Whether the rules raise alerts of their own as well. */
  readonly generate: boolean;
  /**
   * Whether more events can only make the condition true, never untrue. Such a correlation fires at once (`advance`);
   * every other one once its window is complete (`closeWindows`).
   */
  readonly isMonotone: boolean;
  /**
   * How much later than its records an entry may arrive, on top of the allowed lateness: the timespans of the
   * correlations below that wait for complete windows. 0 over detection rules alone.
   */
  readonly inputDelaySeconds: number;
  /** A digest of what stored windows depend on. A window written under another shape (other rules, fields) starts anew. */
  readonly shape: string;
}

/** The name under which rules are known to documents and firings: the id, else the name, else the title. */
export function referenceOf({ id, name, title }: Metadata): string {
  return id ?? name ?? title;
}

const depths = new WeakMap<Correlation, number>();

/**
 * How many correlations stand below one another: 1 where it counts rules only. The linker rejects circles and deep
 * chains. Remembered, because a lower one is reached by as many ways as the chain has branches.
 */
export function chainDepth(correlation: Correlation): number {
  const known = depths.get(correlation);
  if (known !== undefined) {
    return known;
  }
  const below = correlation.rules.map((rule) => (rule.kind === "correlation" ? chainDepth(rule) : 0));
  const depth = 1 + Math.max(0, ...below);
  depths.set(correlation, depth);
  return depth;
}

/** Sorted so that each stands after those it counts, else in load order. */
export function inChainOrder(correlations: readonly Correlation[]): Correlation[] {
  return correlations.toSorted((left, right) => chainDepth(left) - chainDepth(right));
}

/** The most rules that one correlation may list. */
export const mostRules = 100;
/** The most rules of a temporal_ordered correlation; its cost doubles with each. */
export const mostSteps = 10;
/** The most group-by fields of one correlation. */
export const mostGroupFields = 20;
/** How deep correlations may refer to correlations. */
export const deepestChain = 10;
/** The most entries (or values, where one event has several) that a window document holds. */
export const mostEntries = 2000;
