import type { AlertIncident, AlertPolicy, Severity } from "@streamwarden/alerting";
import { type CloudTrailRecord, eventTimeOf } from "@streamwarden/cloudtrail";
import { absentGroupValue, groupValues, type LoadedPolicies, type Policy } from "@streamwarden/policies";
import {
  type Correlation,
  chainedEntries,
  correlationEntries,
  type Firing,
  type GroupedEntry,
} from "@streamwarden/sigma";
import { firingReasons } from "./firing-reasons.ts";

/** One policy that is true: for one record, or, where it is a correlation, at one record. */
export interface Detection {
  readonly policy: AlertPolicy;
  readonly severity: Severity;
  /** False for a dry-run policy. */
  readonly live: boolean;
  /** Length of the incident window. */
  readonly windowSeconds: number;
  /** What the incident is about: account, actor, and what the policy names. */
  readonly group: AlertIncident["group"];
  /** Which conditions were true, one short line each. */
  readonly reasons: readonly string[];
}

/** What the policies make of one record. */
export interface Findings {
  readonly detections: readonly Detection[];
  /** What the record adds to correlations. */
  readonly entries: readonly GroupedEntry[];
}

/** The policies, as the pipeline sees them. */
export interface Detector {
  detect(record: CloudTrailRecord): Findings;
  /** What firings add to correlations over correlations. */
  chain(firings: readonly Firing[]): readonly GroupedEntry[];
  /** The alert-worthy side of a firing; undefined where a correlation above silences it or it is switched off. */
  detectionOf(firing: Firing): Detection | undefined;
  /** A loaded correlation by its reference. */
  correlation(reference: string): Correlation | undefined;
  /** A loaded policy by id; undefined once it was removed. */
  policy(id: string): AlertPolicy | undefined;
}

const nothing: Findings = Object.freeze({ detections: [], entries: [] });

/** Asks the loaded policies, and gives each match what an incident needs to know of it. */
export function createDetector(loaded: LoadedPolicies): Detector {
  const { ruleset } = loaded;
  const described = new Map(loaded.policies.map((policy) => [policy.id, alertPolicy(policy)]));
  const common = (policy: Policy) => ({
    policy: described.get(policy.id) ?? alertPolicy(policy),
    severity: policy.severity,
    live: policy.stage === "live",
    windowSeconds: policy.windowSeconds,
  });
  return {
    detect(record) {
      const matched = ruleset.match(record);
      if (matched.length === 0) return nothing;
      const detections = matched.flatMap((rule) => {
        const policy = loaded.policyOf(rule);
        if (policy === undefined) return [];
        const group = groupValues(ruleset, policy, record);
        return { ...common(policy), group, reasons: ruleset.reasons(rule, record) };
      });
      const at = { id: record.eventID, time: eventTimeOf(record) };
      return { detections, entries: correlationEntries(ruleset, matched, record, at) };
    },
    chain: (firings) => chainedEntries(ruleset, firings),
    detectionOf(firing) {
      const policy = loaded.policyOf(firing.correlation);
      if (policy === undefined) return undefined;
      return { ...common(policy), group: firingGroup(firing), reasons: firingReasons(firing) };
    },
    correlation: (reference) => ruleset.findCorrelation(reference),
    policy: (id) => described.get(id),
  };
}

/** A correlation's own group is what its incidents are about; without one, all its firings are one. */
function firingGroup({ group }: Firing): AlertIncident["group"] {
  return group.map(({ field, value }) => ({ field, value: value ?? absentGroupValue }));
}

function alertPolicy(policy: Policy): AlertPolicy {
  const { id, name, title, tags, references, falsePositives } = policy;
  return {
    id,
    name,
    title,
    tags,
    references,
    falsePositives,
    ...(policy.description === undefined ? {} : { description: policy.description }),
    ...(policy.runbook === undefined ? {} : { runbook: policy.runbook }),
  };
}
