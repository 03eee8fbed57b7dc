import type { CorrelatedRule, Correlation } from "./correlation.ts";
import type { LinkedCorrelations } from "./link/link-correlations.ts";

/** A correlation that counts a rule, and the rule's position in it. */
export interface Membership {
  readonly correlation: Correlation;
  readonly position: number;
}

const noMemberships: readonly Membership[] = Object.freeze([]);

/** The correlations of a ruleset, by what they count. */
export class CorrelationSet {
  readonly linked: LinkedCorrelations;
  readonly #memberships = new Map<CorrelatedRule, Membership[]>();
  readonly #silenced = new Set<CorrelatedRule>();
  readonly #byReference = new Map<string, Correlation>();

  constructor(linked: LinkedCorrelations) {
    this.linked = linked;
    for (const correlation of linked.active) {
      correlation.rules.forEach((rule, position) => {
        const memberships = this.#memberships.get(rule) ?? [];
        memberships.push({ correlation, position });
        this.#memberships.set(rule, memberships);
      });
      for (const reference of [correlation.id, correlation.name]) {
        if (reference !== undefined) {
          this.#byReference.set(reference.toLowerCase(), correlation);
        }
      }
    }
    this.#silence([...linked.active, ...linked.inactive.map(({ correlation }) => correlation)]);
  }

  /** The active correlations that count a rule. */
  over(rule: CorrelatedRule): readonly Membership[] {
    return this.#memberships.get(rule) ?? noMemberships;
  }

  isSilenced(rule: CorrelatedRule): boolean {
    return this.#silenced.has(rule);
  }

  find(reference: string): Correlation | undefined {
    return this.#byReference.get(reference.toLowerCase());
  }

  /** A rule is silenced by the correlations over it, unless one of them asks for its own alerts as well. */
  #silence(correlations: readonly Correlation[]): void {
    for (const rule of correlations.flatMap(({ rules }) => rules)) {
      this.#silenced.add(rule);
    }
    for (const rule of correlations.flatMap(({ rules, generate }) => (generate ? rules : []))) {
      this.#silenced.delete(rule);
    }
  }
}
