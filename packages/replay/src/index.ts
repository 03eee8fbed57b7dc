export { type CorrelatedGroup, correlatedGroups } from "./correlate.ts";
export { type PolicyFinding, type RefusedPolicy, readPolicyPaths } from "./policy-files.ts";
export {
  type InactivePolicy,
  loadConfiguredPolicies,
  loadPolicyPaths,
  type PolicySet,
} from "./policy-set.ts";
export type { FileOutcome, ReplayProblem, ReplayReason } from "./problem.ts";
export { type FirstSeenLearnt, learnFirstSeen, type ReplayOptions, replay } from "./replay.ts";
export type { PolicyCount, PolicyMatch, Progress, ReplayResult } from "./replay-result.ts";
export { visibleJson, visibleText } from "./visible.ts";
