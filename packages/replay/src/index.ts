export type { RefusedPolicy } from "./policy-files.ts";
export {
  type InactivePolicy,
  loadConfiguredPolicies,
  loadPolicyPaths,
  type PolicySet,
} from "./policy-set.ts";
export type { FileOutcome, ReplayProblem, ReplayReason } from "./problem.ts";
export {
  type PolicyCount,
  type PolicyMatch,
  type Progress,
  type ReplayOptions,
  type ReplayResult,
  replay,
} from "./replay.ts";
export { visibleJson, visibleText } from "./visible.ts";
