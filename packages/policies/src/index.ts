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
export { cloudTrailLogs } from "./load/cloudtrail-logs.ts";
export {
  type InactivePolicy,
  type LoadedPolicies,
  type LoadPoliciesOptions,
  loadPolicies,
  problemsOfCountedFirstSeen,
} from "./load/load-policies.ts";
export { type PolicyFiles, packDirectory, readPolicyFiles } from "./load/policy-files.ts";
export { type Exception, identityOf, type Policy, readPolicy } from "./policy.ts";
export {
  type PolicyTestReport,
  type PolicyTestResult,
  type RunPolicyTestsOptions,
  runPolicyTests,
} from "./policy-tests/run-policy-tests.ts";
export {
  type PolicyTest,
  type PolicyTestFile,
  readTestFile,
  testFileJsonSchema,
} from "./policy-tests/test-file.ts";
export type { PolicyProblem, PolicyProblemCode } from "./problem.ts";
