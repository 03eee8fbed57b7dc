export { type Actor, type ActorKind, actorOf, type CredentialKind, type MfaState } from "./actor.ts";
export {
  type IvsAccess,
  type IvsOperation,
  type IvsPlane,
  type IvsService,
  isIvsRecord,
  ivsEventSources,
  ivsOperationOf,
  operationsNamed,
} from "./catalog.ts";
export { ivsOperations } from "./catalog-data.ts";
export { canarySource, type Decoded, type DecodeOptions, decode } from "./decode.ts";
export { type DecodedRecord, decodeRecord, decodeShallowRecord, deepestRecord } from "./decode-record.ts";
export { derivedFields, type IvsFacts, ivsFactsOf } from "./derived.ts";
export { eventTimeOf, parseEventTime } from "./event-time.ts";
export { gunzipWhole } from "./gunzip.ts";
export { type Carrier, type CloudTrailRecord, isObject, type JsonObject, nonEmptyString } from "./record.ts";
export { isSecretField, type RedactOptions, redact, redactValue } from "./redact.ts";
export { redacted, redactText } from "./redact-text.ts";
export { type Refusal, type RefusalReason, refusalReasons } from "./refusal.ts";
export { resourcesOf } from "./resources.ts";
