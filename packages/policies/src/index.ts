export {
  type FirstSeen,
  type FirstSeenDocuments,
  type FirstSeenKeys,
  firstSeenKeys,
  learningRetentionSeconds,
  seedFirstSeen,
  termRetentionSeconds,
} from "./first-seen.ts";
export {
  type AddedSightings,
  addSightings,
  type DecidedTerm,
  type DecideOptions,
  decideTerm,
  type LearningDocument,
  learn,
  mergeTerms,
  redeliverySeconds,
  type Sighting,
  type TermDocument,
} from "./first-seen-document.ts";
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
export { type PolicyTest, type PolicyTestFile, readTestFile, testFileJsonSchema } from "./test-file.ts";
