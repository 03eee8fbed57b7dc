export { type CorrelatedGroup, correlatedGroups } from "./evaluate/correlate.ts";
export { type PolicyFinding, type RefusedPolicy, readPolicyPaths } from "./policy-files.ts";
export {
  type InactivePolicy,
  loadConfiguredPolicies,
  loadPolicyPaths,
  type PolicySet,
} from "./policy-set.ts";
export type { FileOutcome, ReplayProblem, ReplayReason } from "./read/problem.ts";
export { type FirstSeenLearnt, learnFirstSeen, type ReplayOptions, replay } from "./replay.ts";
export type { PolicyCount, PolicyMatch, Progress, ReplayResult } from "./result/replay-result.ts";
export { visibleJson, visibleText } from "./result/visible.ts";
