export { learningDocuments, termDocuments } from "./correlation/first-seen-documents.ts";
export { StateStoreError, type StateStoreErrorCode } from "./errors.ts";
export { describeIncident } from "./incident/incident.ts";
export { type IncidentDocument, incidentDocuments } from "./incident/incident-document.ts";
export {
  addBalances,
  type Balance,
  emptyBalance,
  imbalances,
  type RecordOutcome,
} from "./pipeline/balance.ts";
export {
  type BatchResult,
  type Dependency,
  defaultAllowedLatenessSeconds,
  type Message,
  type MessageOutcome,
  type PipelineObserver,
  type PipelineOptions,
  type QuarantineReason,
} from "./pipeline/context.ts";
export { createDetector, type Detection, type Detector } from "./pipeline/detector.ts";
export { createPipeline, type Pipeline } from "./pipeline/pipeline.ts";
export { callInTime, type TimeBudget } from "./pipeline/within-time.ts";
export { DocumentKind, formatReader } from "./state/document-kind.ts";
export { DynamoDbStateStore, type DynamoDbStateStoreOptions } from "./state/dynamodb-state-store.ts";
export { MemoryStateStore } from "./state/memory-state-store.ts";
export type { StateStore } from "./state/state-store.ts";
export { longestHopSeconds, type Timer, timerBody } from "./timer/timer.ts";
