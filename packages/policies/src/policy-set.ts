import type { Actor, JsonObject } from "@streamwarden/cloudtrail";
import type { DisabledPolicy } from "@streamwarden/config";
import type { Correlation, Rule, Ruleset } from "@streamwarden/sigma";
import type { Exception } from "./load/exception.ts";
import type { LeftOut } from "./load/policy-files.ts";
import type { PolicyPlan } from "./load/policy-plan.ts";
import type { Policy } from "./policy.ts";
import type { PolicyProblem } from "./problem.ts";

/** A policy whose lists are empty: never evaluated, and every view says what it needs. */
export interface InactivePolicy extends Policy {
  /** Names of the empty lists. */
  readonly placeholders: readonly string[];
}

/**
 * Policies that are loaded. Whoever evaluates policies gets them from here, because a rule must mean the same in `check`,
 * `explain`, `test`, `replay`, on the laptop and on AWS: what a document is worth is decided once, by `loadPolicies`.
 */
export interface PolicySet {
  /** Everything that is evaluated, the exceptions included. A document with an error is not among it. */
  readonly ruleset: Ruleset;
  /** The policies that can raise alerts, in load order. */
  readonly policies: readonly Policy[];
  readonly inactive: readonly InactivePolicy[];
  /** Policies that the configuration switches off. */
  readonly disabled: readonly (DisabledPolicy & { readonly title: string })[];
  readonly exceptions: readonly Exception[];
  /** What is wrong, over all files. A deployment with an error among it watches less than it was asked to: do not start it. */
  readonly problems: readonly PolicyProblem[];
  /** What the folders hold that was not taken for a policy. */
  readonly leftOut: readonly LeftOut[];
  /** How another thread makes the same ruleset. */
  readonly plan: PolicyPlan;
  /** Who made a call, with what the configuration says of roles: the actor whose fields the ruleset reads. */
  actorOf(record: JsonObject): Actor;
  /**
   * The policy of a rule that matched or a correlation that fired; undefined when it raises no alert of its own,
   * because it is switched off or a correlation counts it.
   */
  policyOf(rule: Rule | Correlation): Policy | undefined;
  /** Whether the configuration switches it off. */
  isDisabled(rule: Rule | Correlation): boolean;
}
