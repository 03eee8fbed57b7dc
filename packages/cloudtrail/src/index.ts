export { type Actor, type ActorKind, actorOf, type CredentialKind, type MfaState } from "./actor.ts";
export { canarySource, type Decoded, type DecodeOptions, decode } from "./decode.ts";
export { type DecodedRecord, decodeRecord } from "./decode-record.ts";
export { eventTimeOf, parseEventTime } from "./event-time.ts";
export { type Carrier, type CloudTrailRecord, isObject, type JsonObject, nonEmptyString } from "./record.ts";
export { type Refusal, type RefusalReason, refusalReasons } from "./refusal.ts";
