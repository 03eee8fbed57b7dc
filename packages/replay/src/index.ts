export { type CorrelatedGroup, correlatedGroups } from "./evaluate/correlate.ts";
export type { FileOutcome, ReplayProblem, ReplayReason } from "./read/problem.ts";
export {
  type FileItem,
  type ReadRecordFileOptions,
  type RecordFile,
  readRecordFile,
} from "./read-record-file.ts";
export { type FirstSeenLearnt, learnFirstSeen, type ReplayOptions, replay } from "./replay.ts";
export { type PolicyFinding, rejectedOf } from "./result/policy-findings.ts";
export type { PolicyCount, PolicyMatch, Progress, ReplayResult } from "./result/replay-result.ts";
