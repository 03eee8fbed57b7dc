import type { Problem } from "@streamwarden/sigma";

/** What can be wrong with a policy beyond its Sigma. Stable. */
export type PolicyProblemCode =
  | "unreadable-path"
  | "no-policies"
  | "unnamed-policy"
  | "unknown-attribute"
  | "invalid-attribute-value"
  | "incomplete-exception"
  | "expired-exception"
  | "unknown-disabled-policy"
  | "first-seen-counted"
  | "unknown-operation"
  | "unknown-request-field"
  | "unknown-field"
  | "unknown-value"
  | "secret-field"
  | "not-captured"
  | "silenced-policy"
  | "other-logsource"
  | "invalid-test-file"
  | "test-without-policy"
  | "too-few-tests";

/** One thing wrong with a file, at the place where it must be changed. Lines and columns count from 1. */
export interface PolicyProblem extends Omit<Problem, "code"> {
  readonly code: Problem["code"] | PolicyProblemCode;
}
