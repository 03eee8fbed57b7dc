export type { Actor, ActorKind, CredentialKind, MfaState } from "./actor.ts";
export { type Carrier, type CloudTrailRecord, isObject, type JsonObject, nonEmptyString } from "./record.ts";
