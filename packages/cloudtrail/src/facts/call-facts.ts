import { ivsOperationOf } from "../catalog/catalog.ts";
import { isObject, type JsonObject, nonEmptyString } from "../record.ts";
import {
  type Consequence,
  chatConsequences,
  lowLatencyConsequences,
  realTimeConsequences,
} from "./consequences.ts";

const consequences = {
  "low-latency": lowLatencyConsequences,
  "real-time": realTimeConsequences,
  chat: chatConsequences,
} as const;

/** What is said of one operation: a line, or why there is none. Undefined for operations that the catalog does not know. */
export function consequenceFor(
  service: keyof typeof consequences,
  operation: string,
): Consequence | undefined {
  return Object.hasOwn(consequences[service], operation) ? consequences[service][operation] : undefined;
}

/**
 * What the call of a record lets its caller do next, in one sentence. Undefined where the call failed, where the catalog
 * does not know it, and where it lets its caller do nothing that matters.
 */
export function consequenceOf(record: JsonObject): string | undefined {
  if (nonEmptyString(record.errorCode) !== undefined) return undefined;
  const known = ivsOperationOf(record);
  const consequence = known && consequenceFor(known.service, known.operation);
  if (consequence === undefined || !("line" in consequence)) return undefined;
  const { responseElements } = record;
  const channel = isObject(responseElements) ? responseElements.channel : undefined;
  const isPublic =
    known?.service === "low-latency" &&
    /^(?:Create|Update)Channel$/.test(known.operation) &&
    isObject(channel) &&
    channel.authorized === false;
  return isPublic ? `${consequence.line} Anybody with its playback URL can watch.` : consequence.line;
}

/** What an on-call person needs of the credentials that signed, where the record says it. Attacker-influenced text. */
export interface CredentialFacts {
  /** Such as `AKIA...` (long-term) or `ASIA...` (temporary): an identifier, not a secret. */
  readonly accessKeyId?: string;
  /** When the session began, as CloudTrail writes it. */
  readonly sessionStarted?: string;
  /** Chosen by whoever began the chain of sessions. */
  readonly sourceIdentity?: string;
  /** The id of a bearer token, for calls of Identity Center users. */
  readonly credentialId?: string;
  /** The service that made the call for somebody. */
  readonly invokedBy?: string;
}

export function credentialFactsOf(record: JsonObject): CredentialFacts {
  const identity = isObject(record.userIdentity) ? record.userIdentity : {};
  const context = isObject(identity.sessionContext) ? identity.sessionContext : {};
  const attributes = isObject(context.attributes) ? context.attributes : {};
  return present({
    accessKeyId: identity.accessKeyId,
    sessionStarted: attributes.creationDate,
    sourceIdentity: context.sourceIdentity,
    credentialId: identity.credentialId,
    invokedBy: identity.invokedBy,
  });
}

function present(values: Readonly<Record<string, unknown>>): CredentialFacts {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => nonEmptyString(value) !== undefined),
  );
}
