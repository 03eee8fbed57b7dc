export { addBalances, type Balance, emptyBalance, imbalances, type RecordOutcome } from "./balance.ts";
export {
  type BatchResult,
  type Dependency,
  defaultAllowedLatenessSeconds,
  type Message,
  type MessageOutcome,
  type PipelineObserver,
  type PipelineOptions,
  type QuarantineReason,
} from "./context.ts";
export { createDetector, type Detection, type Detector } from "./detector.ts";
export { DynamoDbStateStore, type DynamoDbStateStoreOptions } from "./dynamodb-state-store.ts";
export { StateStoreError, type StateStoreErrorCode } from "./errors.ts";
export { describeIncident, type IncidentDocument } from "./incident.ts";
export { MemoryStateStore } from "./memory-state-store.ts";
export { createPipeline, type Pipeline } from "./pipeline.ts";
export type { StateStore } from "./state-store.ts";
export { type WakeUp, wakeUpBody } from "./wake-up.ts";
