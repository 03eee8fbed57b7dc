export { absentGroupValue, groupValues } from "./group-values.ts";
export {
  type InactivePolicy,
  type LoadedPolicies,
  type LoadPoliciesOptions,
  loadPolicies,
} from "./load-policies.ts";
export type { Exception, Policy } from "./policy.ts";
export { type PolicyFiles, packDirectory, readPolicyFiles } from "./policy-files.ts";
export type { PolicyProblem, PolicyProblemCode } from "./problem.ts";
export {
  type PolicyTestReport,
  type PolicyTestResult,
  type RunPolicyTestsOptions,
  runPolicyTests,
} from "./run-policy-tests.ts";
export { testFileJsonSchema } from "./test-file.ts";
