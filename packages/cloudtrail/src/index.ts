export { type Actor, actorOf, type CredentialKind } from "./actor/actor.ts";
export type { ActorKind, MfaState } from "./actor/actor-kind.ts";
export { KnownRoles, noKnownRoles, type RoleLists } from "./actor/known-roles.ts";
export {
  isIvsRecord,
  ivsEventSources,
  ivsOperationOf,
  operationsNamed,
} from "./catalog/catalog.ts";
export { ivsOperations } from "./catalog/catalog-data.ts";
export type { IvsAccess, IvsOperation, IvsPlane, IvsService } from "./catalog/operation.ts";
export { resourcesOf } from "./catalog/resources.ts";
export { type Decoded, type DecodeOptions, decode } from "./decode/decode.ts";
export {
  type DecodedRecord,
  decodeRecord,
  decodeShallowRecord,
  deepestRecord,
} from "./decode/decode-record.ts";
export { eventTimeOf, parseEventTime } from "./decode/event-time.ts";
export { gunzipWhole } from "./decode/gunzip.ts";
export { type Rejection, type RejectionReason, rejectionReasons } from "./decode/rejection.ts";
export { carries, type Wrapper, wrappers } from "./decode/wrapping.ts";
export { derivedFields, derivedFieldsFor, type IvsFacts, ivsFactsOf } from "./derived.ts";
export {
  type CredentialFacts,
  consequenceOf,
  credentialFactsOf,
} from "./facts/call-facts.ts";
export { type ResourceFact, resourceFactsOf } from "./facts/resource-facts.ts";
export { type Carrier, type CloudTrailRecord, isObject, type JsonObject, nonEmptyString } from "./record.ts";
export { type FieldShape, recordShape } from "./record-shape.ts";
export { isSecretField, type RedactOptions, redact, redactValue } from "./redact/redact.ts";
export { redacted, redactText } from "./redact/redact-text.ts";
