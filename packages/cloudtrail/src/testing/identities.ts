import type { JsonObject } from "../record.ts";

/** `userIdentity` elements for tests, as CloudTrail's documentation shows them. */

export const account = "111122223333";
const began = { creationDate: "2026-01-02T03:00:00Z" };

export function sessionAttributes(mfaAuthenticated?: unknown): JsonObject {
  return mfaAuthenticated === undefined ? { ...began } : { ...began, mfaAuthenticated };
}

export function user(parts: JsonObject = {}): JsonObject {
  return {
    type: "IAMUser",
    arn: `arn:aws:iam::${account}:user/alice`,
    accountId: account,
    principalId: "AIDAEXAMPLE",
    userName: "alice",
    ...parts,
  };
}

export function root(parts: JsonObject = {}): JsonObject {
  return {
    type: "Root",
    arn: `arn:aws:iam::${account}:root`,
    accountId: account,
    principalId: account,
    ...parts,
  };
}

export function roleSession(
  context: JsonObject = {},
  role = "role/Admin",
  session = "alice",
  parts: JsonObject = {},
): JsonObject {
  return {
    type: "AssumedRole",
    arn: `arn:aws:sts::${account}:assumed-role/${role.split("/").at(-1)}/${session}`,
    accountId: account,
    principalId: `AROAEXAMPLE:${session}`,
    accessKeyId: "ASIAEXAMPLE",
    sessionContext: {
      sessionIssuer: {
        type: "Role",
        arn: `arn:aws:iam::${account}:${role}`,
        userName: role.split("/").at(-1),
        accountId: account,
      },
      webIdFederationData: {},
      attributes: sessionAttributes("false"),
      ...context,
    },
    ...parts,
  };
}

export const permissionSetRole =
  "role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_VideoAdmin_0123456789abcdef";

/** A session of an Identity Center permission set. */
export function permissionSet(person: string, parts: JsonObject = {}): JsonObject {
  return roleSession({}, permissionSetRole, person, parts);
}

export function identityCenterUser(userId: string, store = "d-1234567890"): JsonObject {
  return {
    type: "IdentityCenterUser",
    accountId: account,
    onBehalfOf: { userId, identityStoreArn: `arn:aws:identitystore::${account}:identitystore/${store}` },
    credentialId: `credential-of-${userId}`,
  };
}

/** A session of `GetFederationToken`, which lets its caller choose the name. */
export function federationToken(name: string, parts: JsonObject = {}): JsonObject {
  return {
    type: "FederatedUser",
    arn: `arn:aws:sts::${account}:federated-user/${name}`,
    accountId: account,
    principalId: `${account}:${name}`,
    accessKeyId: "ASIAEXAMPLE",
    sessionContext: {
      sessionIssuer: {
        type: "IAMUser",
        arn: `arn:aws:iam::${account}:user/broker`,
        userName: "broker",
        accountId: account,
      },
      attributes: sessionAttributes("false"),
    },
    ...parts,
  };
}

export function webIdentity(provider: string): JsonObject {
  return {
    webIdFederationData: {
      federatedProvider: `arn:aws:iam::${account}:oidc-provider/${provider}`,
      attributes: {},
    },
  };
}
