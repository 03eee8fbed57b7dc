import type { AlertIncident, AlertPolicy, Severity } from "@streamwarden/alerting";
import type { CloudTrailRecord } from "@streamwarden/cloudtrail";
import { groupValues, type LoadedPolicies, type Policy } from "@streamwarden/policies";

/** One policy that is true for one record. */
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

/** The policies, as the pipeline sees them. */
export interface Detector {
  detect(record: CloudTrailRecord): readonly Detection[];
  /** A loaded policy by id; undefined once it was removed. */
  policy(id: string): AlertPolicy | undefined;
}

const nothing: readonly Detection[] = Object.freeze([]);

/** Asks the loaded policies, and gives each match what an incident needs to know of it. */
export function createDetector(loaded: LoadedPolicies): Detector {
  const described = new Map(loaded.policies.map((policy) => [policy.id, alertPolicy(policy)]));
  return {
    detect(record) {
      const matched = loaded.ruleset.match(record);
      if (matched.length === 0) return nothing;
      return matched.flatMap((rule) => {
        const policy = loaded.policyOf(rule);
        if (policy === undefined) return [];
        return {
          policy: described.get(policy.id) ?? alertPolicy(policy),
          severity: policy.severity,
          live: policy.stage === "live",
          windowSeconds: policy.windowSeconds,
          group: groupValues(loaded.ruleset, policy, record),
          reasons: loaded.ruleset.reasons(rule, record),
        };
      });
    },
    policy: (id) => described.get(id),
  };
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
