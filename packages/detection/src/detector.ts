import type { AlertIncident, AlertPolicy, Severity } from "@streamwarden/alerting";
import type { CloudTrailRecord } from "@streamwarden/cloudtrail";

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
