import type { Config } from "@streamwarden/config";
import type { Correlation, Filter, Level, Metadata, Rule } from "@streamwarden/sigma";
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
   * Fields whose values tell incidents apart. Of a rule it always begins with the account and the actor, so that no
   * incident hides another actor's; of a correlation it is the correlation's own group.
   */
  readonly groupBy: readonly string[];
  /** Length of the incident window. */
  readonly windowSeconds: number;
  /** A dry-run policy is evaluated, counted and shown, and alerts nobody. */
  readonly stage: "live" | "dry-run";
  /** Where a match alerts only if its values were not seen for a while. Never of a correlation. */
  readonly firstSeen?: FirstSeen;
  readonly path: string;
  readonly line: number;
}

/** A Sigma filter that narrows policies: who answers for it, and until when. */
export interface Exception {
  readonly filter: Filter;
  readonly name: string;
  readonly owner: string;
  readonly reason: string;
  /** Milliseconds since the epoch. Records of calls from then on are not excepted. */
  readonly expiresAt: number;
}

/** Incidents are per account and actor, whatever a policy groups by besides. */
const commonGroup = ["recipientAccountId", "actor.id"] as const;

const correlationAttributes = ["window", "runbook", "stage"];
const policyAttributes = ["first_seen", "group_by", ...correlationAttributes];
const exceptionAttributes = ["owner", "reason", "expires"];

/** Reads a policy. What does not fit is reported, and the default stands in for it. */
export const readPolicy = (
  rule: Rule | Correlation,
  text: string,
  config: Config,
  problems: PolicyProblem[],
): Policy => {
  const isCorrelation = rule.kind === "correlation";
  const known = isCorrelation ? correlationAttributes : policyAttributes;
  const attributes = new Attributes(rule, text, known, problems);
  const runbook = attributes.text("runbook");
  const firstSeen = isCorrelation ? undefined : readFirstSeen(attributes);
  const groupBy = isCorrelation
    ? rule.groupBy
    : new Set([...commonGroup, ...(attributes.texts("group_by") ?? [])]);
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
    windowSeconds: attributes.duration("window", "1m", "7d") ?? config.incidents.windowSeconds,
    stage: attributes.choice("stage", ["live", "dry-run"]) ?? "live",
    ...(firstSeen === undefined ? {} : { firstSeen }),
    path: rule.path,
    line: rule.line,
  };
};

/** Reads an exception; undefined when it does not say who answers for it, why, and until when. */
export const readException = (
  filter: Filter,
  text: string,
  problems: PolicyProblem[],
): Exception | undefined => {
  const attributes = new Attributes(filter, text, exceptionAttributes, problems);
  for (const name of exceptionAttributes) {
    if (attributes.has(name)) continue;
    const hint = "An exception says who answers for it, why, and until when.";
    attributes.report("incomplete-exception", name, `The exception has no \`streamwarden.${name}\`.`, hint);
  }
  const owner = attributes.text("owner");
  const reason = attributes.text("reason");
  const expiresAt = attributes.endOfDay("expires");
  if (owner === undefined || reason === undefined || expiresAt === undefined) return undefined;
  return { filter, name: identityOf(filter).name, owner, reason, expiresAt };
};

/** How a policy is called everywhere: by its id and name, or what stands in for a missing one. */
export const identityOf = ({ id, name, title }: Metadata): { readonly id: string; readonly name: string } => {
  const called = name ?? id ?? slug(title);
  return { id: id ?? called, name: called };
};

const slug = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
