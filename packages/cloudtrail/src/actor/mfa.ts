import { isObject, type JsonObject } from "../record.ts";
import type { ActorKind, MfaState } from "./actor.ts";
import type { Identity } from "./identity.ts";

/**
 * What the record proves about multi-factor authentication. A total function; the order of the questions is the
 * truth table (each row is a test). It fails closed: only an explicit "true" proves presence, and what cannot be
 * read is `unknown`, never `present`.
 *
 * The flag says whether the root or IAM user behind the credentials used MFA. It is missing for long-term keys (the
 * credential that leaks most), and it is always "false" for single sign-on, whatever the identity provider asked.
 */
export const mfaState = (record: JsonObject, identity: Identity, kind: ActorKind): MfaState => {
  if (kind === "service") return "not-applicable";
  if (kind === "machine") return isProvenMachine(identity) ? "not-applicable" : "unknown";

  const signIn = signInMfa(record);
  if (signIn === true || identity.mfaAuthenticated === true) return "present";
  if (identity.mfaAuthenticated === null) return "unknown";

  switch (kind) {
    case "root":
    case "user":
      return "absent";
    case "federated":
      // A federation token belongs to an IAM user, so the flag means that user. All other federation has an identity
      // provider, whose checks AWS does not see.
      return identity.type === "FederatedUser" && identity.identityCenterUser === undefined
        ? "absent"
        : "unknown";
    case "role-session":
      return identity.mfaAuthenticated === false ? "absent" : "unknown";
    default:
      return "unknown";
  }
};

/** What AWS itself wrote, and what no principal can choose for itself. */
export const isProvenMachine = (identity: Identity): boolean =>
  identity.hasEc2Delivery ||
  identity.scopeArn !== undefined ||
  isWorkloadProvider(identity.federatedProvider) ||
  (identity.issuerArn?.includes(":role/aws-service-role/") ?? false);

/** OpenID Connect issuers that give tokens to workloads only, never to people. */
const isWorkloadProvider = (provider: string | undefined): boolean =>
  provider !== undefined &&
  /:oidc-provider\/(?:token\.actions\.githubusercontent\.com$|oidc\.eks\.[a-z0-9-]+\.amazonaws\.com\/)/.test(
    provider,
  );

/** A console sign-in says it in `additionalEventData.MFAUsed` ("Yes" or "No"), because no session exists yet. */
const signInMfa = (record: JsonObject): boolean | undefined => {
  if (record.eventSource !== "signin.amazonaws.com" || !isObject(record.additionalEventData))
    return undefined;
  const used = record.additionalEventData.MFAUsed;
  return used === "Yes" ? true : used === "No" ? false : undefined;
};
