import { isObject, type JsonObject } from "../record.ts";
import type { ActorKind, MfaState } from "./actor-kind.ts";
import type { Identity } from "./identity.ts";

/**
 * What the record proves about multi-factor authentication. A total function; the order of the questions is the truth
 * table in docs/identities.md (each row is a test). It claims neither more presence nor more absence than the record
 * shows: only an explicit "true" proves presence, `absent` is for long-term keys and for sessions of which AWS says
 * "false", and everything else is `unknown`.
 *
 * The flag says whether the root or IAM user behind the credentials used MFA. It is missing for long-term keys (the
 * credential that leaks most), and it is always "false" for single sign-on, whatever the identity provider asked, and
 * for sessions that services carry.
 */
export function mfaState(record: JsonObject, identity: Identity, kind: ActorKind): MfaState {
  if (kind === "service") return "not-applicable";
  if (kind === "machine" && isProvenMachine(identity)) return "not-applicable";

  const signIn = signInMfa(record);
  if (signIn === "Yes" || identity.mfaAuthenticated === true) return "present";
  if (identity.mfaAuthenticated === null || isCarriedByService(record, identity)) return "unknown";

  switch (kind) {
    case "root":
    case "user":
      if (isSignIn(record)) return signIn === "No" ? "absent" : "unknown";
      // Without a session it is a long-term key, whether the record shows the key or not.
      return identity.hasLongTermKey || !identity.hasSession || identity.mfaAuthenticated === false
        ? "absent"
        : "unknown";
    case "federated":
      // A federation token belongs to an IAM user, so the flag means that user. All other federation has an identity
      // provider, whose checks AWS does not see.
      return identity.type === "FederatedUser" &&
        identity.identityCenterUser === undefined &&
        identity.mfaAuthenticated === false
        ? "absent"
        : "unknown";
    case "role-session":
      return identity.mfaAuthenticated === false ? "absent" : "unknown";
    default:
      return "unknown";
  }
}

/**
 * Marks that AWS writes and no caller can: the call came through a service, or the credentials were handed to a
 * workload. Behind them may stand a person or nobody. Names (a session called `AWSCodeBuild-...`) are no marks: a thief
 * would bear them.
 */
function isCarriedByService(record: JsonObject, identity: Identity): boolean {
  return (
    identity.invokedBy !== undefined || isServiceAddress(record.sourceIPAddress) || isProvenMachine(identity)
  );
}

/** A service that calls for somebody puts its DNS name where the caller's address stands otherwise. */
function isServiceAddress(address: unknown): boolean {
  return typeof address === "string" && /^[a-z0-9.-]{1,100}\.amazonaws\.com$/.test(address);
}

/** What AWS itself wrote, and what no principal can choose for itself. */
export function isProvenMachine(identity: Identity): boolean {
  return (
    identity.hasEc2Delivery ||
    identity.scopeArn !== undefined ||
    isWorkloadProvider(identity.federatedProvider) ||
    (identity.issuerArn?.includes(":role/aws-service-role/") ?? false)
  );
}

/** OpenID Connect issuers that give tokens to workloads only, never to people. */
function isWorkloadProvider(provider: string | undefined): boolean {
  return (
    provider !== undefined &&
    /:oidc-provider\/(?:token\.actions\.githubusercontent\.com$|oidc\.eks\.[a-z0-9-]+\.amazonaws\.com\/)/.test(
      provider,
    )
  );
}

function isSignIn(record: JsonObject): boolean {
  return record.eventSource === "signin.amazonaws.com";
}

/** A console sign-in says it in `additionalEventData.MFAUsed` ("Yes" or "No"), because no session exists yet. */
function signInMfa(record: JsonObject): unknown {
  return isSignIn(record) && isObject(record.additionalEventData)
    ? record.additionalEventData.MFAUsed
    : undefined;
}
