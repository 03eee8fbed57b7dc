export {
  type FirstSeen,
  type FirstSeenKeys,
  firstSeenKeys,
  learningRetentionSeconds,
  termRetentionSeconds,
} from "./first-seen/first-seen.ts";
export {
  type AddedSightings,
  addSightings,
  continueTerm,
  type DecidedTerm,
  type DecideOptions,
  decideTerm,
  type LearningDocument,
  learn,
  mergeLearning,
  redeliverySeconds,
  type Sighting,
  type TermDocument,
  teachTerm,
} from "./first-seen/first-seen-document.ts";
export {
  type FirstSeenDocuments,
  FirstSeenHistory,
  type FirstSighting,
  type HistoryPart,
  seedFirstSeen,
} from "./first-seen/first-seen-history.ts";
export { absentGroupValue, groupValues } from "./group-values.ts";
export { type Exception, expiredExceptions } from "./load/exception.ts";
export { loadPolicies } from "./load/load-policies.ts";
export { type LeftOut, type PolicyFiles, readPolicyFiles } from "./load/policy-files.ts";
export { type PolicyPlan, rulesetOf } from "./load/policy-plan.ts";
export type { PolicySource } from "./load/policy-source.ts";
export { identityOf, type Policy } from "./policy.ts";
export type { InactivePolicy, PolicySet } from "./policy-set.ts";
export {
  type PolicyTestReport,
  type PolicyTestResult,
  runPolicyTests,
} from "./policy-tests/run-policy-tests.ts";
export {
  type PolicyTest,
  type PolicyTestFile,
  readTestFile,
  testFileJsonSchema,
} from "./policy-tests/test-file.ts";
export type { PolicyProblem, PolicyProblemCode } from "./problem.ts";
