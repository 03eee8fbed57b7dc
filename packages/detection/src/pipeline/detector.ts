import type { AlertIncident, AlertPolicy, Severity } from "@streamwarden/alerting";
import { type Actor, type CloudTrailRecord, eventTimeOf, redact } from "@streamwarden/cloudtrail";
import { formatDuration } from "@streamwarden/config";
import {
  absentGroupValue,
  type FirstSeen,
  type FirstSeenKeys,
  firstSeenKeys,
  groupValues,
  type Policy,
  type PolicySet,
} from "@streamwarden/policies";
import {
  type Correlation,
  chainedEntries,
  correlationEntries,
  type Firing,
  type GroupedEntry,
  type Metadata,
  referenceOf,
} from "@streamwarden/sigma";
import { firingReasons } from "../correlation/firing-reasons.ts";

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

/** A policy that is true of a record, and alerts only if the record's values turn out to be new. */
export interface FirstSeenMatch {
  readonly detection: Detection;
  readonly firstSeen: FirstSeen;
  readonly keys: FirstSeenKeys;
}

/** A first-seen policy, as a timer needs it. */
interface FirstSeenPolicy {
  readonly firstSeen: FirstSeen;
  /** What is the same for all of its alerts. */
  readonly detection: Omit<Detection, "group" | "reasons">;
  /** What is new, in words. */
  readonly reason: string;
}

/** What the policies make of one record. */
interface Findings {
  readonly detections: readonly Detection[];
  /** Matches that alert only if their values are new. */
  readonly firstSeen?: readonly FirstSeenMatch[];
  /** What the record adds to correlations. */
  readonly entries: readonly GroupedEntry[];
  /** Policies that an exception kept from matching, by name. */
  readonly excepted?: readonly { readonly exception: string; readonly policy: string }[];
}

/** The policies, as the pipeline sees them. */
export interface Detector {
  detect(record: CloudTrailRecord): Findings;
  /** Who made a call. Absent where nothing is known of the site's roles. */
  actorOf?(record: CloudTrailRecord): Actor;
  /** What firings add to correlations over correlations. */
  chain(firings: readonly Firing[]): readonly GroupedEntry[];
  /** The alert-worthy side of a firing; undefined where a correlation above silences it or it is switched off. */
  detectionOf(firing: Firing): Detection | undefined;
  /** A loaded correlation by its reference. */
  correlation(reference: string): Correlation | undefined;
  /** A loaded first-seen policy by id; undefined once it was removed or is no such policy any more. */
  firstSeen(policyId: string): FirstSeenPolicy | undefined;
  /** A loaded policy by id; undefined once it was removed. */
  policy(id: string): AlertPolicy | undefined;
}

const nothing: Findings = Object.freeze({ detections: [], entries: [] });

/** Asks the loaded policies, and gives each match what an incident needs to know of it. */
export function createDetector(loaded: PolicySet): Detector {
  const { ruleset } = loaded;
  const described = new Map(loaded.policies.map((policy) => [policy.id, alertPolicy(policy)]));
  const correlations = new Map(ruleset.correlations.map((one) => [referenceOf(one), one]));
  const common = (policy: Policy) => ({
    policy: described.get(policy.id) ?? alertPolicy(policy),
    severity: policy.severity,
    live: policy.stage === "live",
    windowSeconds: policy.windowSeconds,
  });
  return {
    detect(record) {
      const { matched, excepted } = ruleset.evaluate(record);
      if (matched.length === 0 && excepted.length === 0) return nothing;
      const detections: Detection[] = [];
      const firstSeen: FirstSeenMatch[] = [];
      for (const rule of matched) {
        const policy = loaded.policyOf(rule);
        if (policy === undefined) continue;
        const group = groupValues(ruleset, policy, record);
        const detection = { ...common(policy), group, reasons: ruleset.reasons(rule, record, { redact }) };
        if (policy.firstSeen === undefined) {
          detections.push(detection);
        } else {
          const keys = firstSeenKeys(ruleset, policy, policy.firstSeen, record);
          firstSeen.push({ detection, firstSeen: policy.firstSeen, keys });
        }
      }
      const at = { id: record.eventID, time: eventTimeOf(record) };
      const entries = correlationEntries(ruleset, matched, record, at);
      const kept = excepted.map(({ filter, rule }) => ({ exception: nameOf(filter), policy: nameOf(rule) }));
      return { detections, firstSeen, entries, excepted: kept };
    },
    actorOf: (record) => loaded.actorOf(record),
    chain: (firings) => chainedEntries(ruleset, firings),
    detectionOf(firing) {
      const policy = loaded.policyOf(firing.correlation);
      if (policy === undefined) return undefined;
      return { ...common(policy), group: firingGroup(firing), reasons: firingReasons(firing.correlation) };
    },
    correlation: (reference) => correlations.get(reference),
    firstSeen(policyId) {
      const policy = loaded.policies.find(({ id }) => id === policyId);
      const firstSeen = policy?.firstSeen;
      if (policy === undefined || firstSeen === undefined) return undefined;
      const { of, by, withinSeconds } = firstSeen;
      const reason = `first seen in ${formatDuration(withinSeconds)}: ${of.join(", ")} (by ${by.join(", ")})`;
      return { firstSeen, detection: common(policy), reason };
    },
    policy: (id) => described.get(id),
  };
}

function nameOf({ name, id, title }: Metadata): string {
  return name ?? id ?? title;
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
