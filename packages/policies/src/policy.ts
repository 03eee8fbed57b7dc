import type { Config } from "@streamwarden/config";
import type { Correlation, Level, Metadata, Rule } from "@streamwarden/sigma";
import type { FirstSeen } from "./first-seen/first-seen.ts";
import { readFirstSeen } from "./first-seen/read-first-seen.ts";
import { Attributes } from "./load/attributes.ts";
import type { PolicyProblem } from "./problem.ts";

/** A detection rule or correlation that can raise an alert, with what Streamwarden needs beyond Sigma. */
export interface Policy {
  readonly rule: Rule | Correlation;
  /** The rule's id, else its name. */
  readonly id: string;
  /** The rule's name, else its id, else its title in lower case with dashes. */
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  readonly severity: Level;
  readonly tags: readonly string[];
  readonly references: readonly string[];
  readonly falsePositives: readonly string[];
  /** What to do now, plain text with line breaks. */
  readonly runbook?: string;
  /**
   * Fields whose values distinguish incidents. Of a rule it begins with the account and, unless the scope is the account,
   * with the actor, so that no incident hides another actor's; of a correlation it is the correlation's own group.
   */
  readonly groupBy: readonly string[];
  readonly scope: PolicyScope;
  /** Length of the incident window. */
  readonly windowSeconds: number;
  /** A dry-run policy is evaluated, counted and shown, and alerts nobody. */
  readonly stage: "live" | "dry-run";
  /** Where a match alerts only if its values were not seen for a while. Never of a correlation. */
  readonly firstSeen?: FirstSeen;
  readonly path: string;
  readonly line: number;
}

/**
 * Whose deeds make one incident. Of one actor, unless the policy is about what an account suffers from all together
 * (an attack spread over many roles): then the incident names every actor.
 */
const scopes = ["actor", "account"] as const;
type PolicyScope = (typeof scopes)[number];

/** What incidents are grouped by, whatever a policy groups by besides. */
const commonGroups: Readonly<Record<PolicyScope, readonly string[]>> = {
  actor: ["recipientAccountId", "actor.id"],
  account: ["recipientAccountId"],
};

const correlationAttributes = ["window", "runbook", "stage", "scope"];
const policyAttributes = ["first_seen", "group_by", ...correlationAttributes];

/** Reads a policy. What does not fit is reported, and the default stands in for it. */
export function readPolicy(rule: Rule | Correlation, config: Config, problems: PolicyProblem[]): Policy {
  const isCorrelation = rule.kind === "correlation";
  const known = isCorrelation ? correlationAttributes : policyAttributes;
  const attributes = new Attributes(rule, known, problems);
  const runbook = attributes.text("runbook");
  const firstSeen = isCorrelation ? undefined : readFirstSeen(attributes);
  const scope = attributes.choice("scope", scopes) ?? "actor";
  if (isCorrelation && scope === "account" && rule.groupBy.some((field) => field.startsWith("actor.")))
    attributes.report(
      "invalid-attribute-value",
      "scope",
      "The correlation groups by the actor, so its incidents are not about a whole account.",
      "Take `actor.id` out of `group-by`, or leave `streamwarden.scope` out.",
    );
  const groupBy = isCorrelation
    ? rule.groupBy
    : new Set([...commonGroups[scope], ...(attributes.texts("group_by") ?? [])]);
  return {
    rule,
    ...identityOf(rule),
    title: rule.title,
    ...(rule.description === undefined ? {} : { description: rule.description }),
    severity: rule.level,
    tags: rule.tags,
    references: rule.references,
    falsePositives: rule.falsePositives,
    ...(runbook === undefined ? {} : { runbook }),
    groupBy: [...groupBy],
    scope,
    windowSeconds: attributes.duration("window", "1m", "7d") ?? config.incidents.windowSeconds,
    stage: attributes.choice("stage", ["live", "dry-run"]) ?? "live",
    ...(firstSeen === undefined ? {} : { firstSeen }),
    path: rule.path,
    line: rule.line,
  };
}

/** How a policy is called everywhere: by its id and name, or what stands in for a missing one. */
export function identityOf({ id, name, title }: Metadata): { readonly id: string; readonly name: string } {
  const called = name ?? id ?? slug(title);
  return { id: id ?? called, name: called };
}

function slug(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
