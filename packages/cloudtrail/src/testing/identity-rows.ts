import {
  account,
  federationToken,
  identityCenterUser,
  permissionSet,
  permissionSetRole,
  roleSession,
  root,
  user,
  webIdentity,
} from "./identities.ts";

/** One kind of identity: who the actor is, and why. The rows are the table of docs/identities.md. */
export interface IdentityRow {
  readonly identity: string;
  readonly side: "person" | "principal";
  readonly actor: string;
  readonly why: string;
  readonly source: string;
  /** The element with a name in the place where a name stands. */
  readonly example: (name: string) => unknown;
  /** `actor.id` of the example named `alice`. */
  readonly id: string;
  readonly label: string;
}

const role = `arn:aws:iam::${account}:role`;
const elements = "CloudTrail user guide, userIdentity element";

/** What `identities` of `streamwarden.yml` says in these rows. */
export const listedRoles = {
  federatedRoles: [`${role}/people/*`],
  workloadRoles: [`${role}/ci-*`],
};

export const identityRows: readonly IdentityRow[] = [
  {
    identity: "IAM user",
    side: "person",
    actor: "the user's ARN",
    why: "IAM gives the name; renaming a user needs rights over IAM and is an event of its own.",
    source: elements,
    example: () => user(),
    id: `arn:aws:iam::${account}:user/alice`,
    label: "alice",
  },
  {
    identity: "Root",
    side: "person",
    actor: "the root of the account",
    why: "There is one.",
    source: elements,
    example: () => root(),
    id: `arn:aws:iam::${account}:root`,
    label: `root of ${account}`,
  },
  {
    identity: "Identity Center permission set",
    side: "person",
    actor: "the session's ARN, which ends with the user",
    why: "The role's path is reserved to AWS and its trust admits Identity Center only, which writes the user as the session name.",
    source: "Identity Center user guide, CloudTrail use cases",
    example: (name) => permissionSet(name),
    id: `arn:aws:sts::${account}:assumed-role/AWSReservedSSO_VideoAdmin_0123456789abcdef/alice`,
    label: "alice as VideoAdmin",
  },
  {
    identity: "Identity Center user",
    side: "person",
    actor: "identity store and user id",
    why: "`onBehalfOf` is written by AWS from the user's token.",
    source: elements,
    example: (name) => identityCenterUser(name),
    id: `arn:aws:identitystore::${account}:identitystore/d-1234567890/user/alice`,
    label: "alice (Identity Center d-1234567890)",
  },
  {
    identity: "Role session on behalf of an Identity Center user",
    side: "person",
    actor: "identity store and user id",
    why: "The application proved the user to STS with a context that Identity Center signed.",
    source: "Identity Center user guide, identity-enhanced role sessions",
    example: (name) => ({
      ...roleSession({}, "role/App", "s"),
      onBehalfOf: identityCenterUser(name).onBehalfOf,
    }),
    id: `arn:aws:identitystore::${account}:identitystore/d-1234567890/user/alice`,
    label: "alice (Identity Center d-1234567890) as App",
  },
  {
    identity: "Session of a role in `identities.federatedRoles`",
    side: "person",
    actor: "the session's ARN",
    why: "Whoever lists the role asserts that its trust policy admits SAML only, so that the identity provider writes the session name.",
    source: "IAM user guide, SAML assertions (RoleSessionName)",
    example: (name) => roleSession({}, "role/people/Admin", name),
    id: `arn:aws:sts::${account}:assumed-role/Admin/alice`,
    label: "alice as Admin",
  },
  {
    identity: "The same with web identity data",
    side: "principal",
    actor: "the role",
    why: "`AssumeRoleWithWebIdentity` lets the caller choose the session name.",
    source: "STS API reference, AssumeRoleWithWebIdentity",
    example: (name) => roleSession(webIdentity("login.example.com"), "role/people/Admin", name),
    id: `${role}/people/Admin`,
    label: "Admin/alice",
  },
  {
    identity: "Role session",
    side: "principal",
    actor: "the role",
    why: "`AssumeRole` lets the caller choose the session name.",
    source: "STS API reference, AssumeRole",
    example: (name) => roleSession({}, "role/team/Admin", name),
    id: `${role}/team/Admin`,
    label: "Admin/alice",
  },
  {
    identity: "Role session with a source identity",
    side: "principal",
    actor: "the role",
    why: "Whoever assumes the first role chooses the source identity. Alerts show it.",
    source: "STS API reference, AssumeRole (SourceIdentity)",
    example: (name) => roleSession({ sourceIdentity: name }, "role/Admin", name),
    id: `${role}/Admin`,
    label: "Admin/alice",
  },
  {
    identity: "Role whose name begins with `AWSReservedSSO_`, without the reserved path",
    side: "principal",
    actor: "the role",
    why: "The name alone does not prove a permission set.",
    source: "Identity Center user guide, permission sets",
    example: (name) =>
      roleSession({ sessionIssuer: {} }, "role/AWSReservedSSO_VideoAdmin_0123456789abcdef", name),
    id: `${role}/AWSReservedSSO_VideoAdmin_0123456789abcdef`,
    label: "VideoAdmin/alice",
  },
  {
    identity: "Permission set role with web identity data",
    side: "principal",
    actor: "the role",
    why: "Identity Center issues its sessions by SAML; anything else is not its work.",
    source: "Identity Center user guide, permission sets",
    example: (name) => roleSession(webIdentity("login.example.com"), permissionSetRole, name),
    id: `${role}/${permissionSetRole.slice("role/".length)}`,
    label: "VideoAdmin/alice",
  },
  {
    identity: "Federation token",
    side: "principal",
    actor: "the IAM user that asked for the token",
    why: "`GetFederationToken` lets the caller choose the name.",
    source: "STS API reference, GetFederationToken",
    example: (name) => federationToken(name),
    id: `arn:aws:iam::${account}:user/broker`,
    label: "broker with federation token alice",
  },
  {
    identity: "Federation token whose issuer the record does not name",
    side: "principal",
    actor: "all such tokens of the account",
    why: "The name is the caller's, so nothing in the record tells two of them apart.",
    source: "STS API reference, GetFederationToken",
    example: (name) => federationToken(name, { sessionContext: {} }),
    id: `federation tokens of ${account}`,
    label: "federation token alice",
  },
  {
    identity: "SAML or web identity at sign-in",
    side: "principal",
    actor: "the identity provider",
    why: "AWS vouches for the provider; the name is the token's.",
    source: `${elements}, values for STS APIs`,
    example: (name) => ({
      type: "SAMLUser",
      principalId: `qualifier:${name}`,
      userName: name,
      identityProvider: `arn:aws:iam::${account}:saml-provider/Okta`,
    }),
    id: `arn:aws:iam::${account}:saml-provider/Okta`,
    label: "alice",
  },
  {
    identity: "Assumed root (`AssumeRoot`)",
    side: "principal",
    actor: "the root of the account",
    why: "The central account takes root's place for one task; who did is not in the record.",
    source: "STS API reference, AssumeRoot",
    example: (name) => roleSession({ assumedRoot: "true" }, "role/Admin", name),
    id: `arn:aws:iam::${account}:root`,
    label: `root of ${account}`,
  },
  {
    identity: "Role of a workload (EC2, Lambda, ECS, EKS, GitHub Actions, `identities.workloadRoles`)",
    side: "principal",
    actor: "the role",
    why: "Nobody is behind it; session names are those of instances, functions and pods.",
    source: `${elements} (ec2RoleDelivery, inScopeOf)`,
    example: (name) => roleSession({ ec2RoleDelivery: "2.0" }, "role/ci-deploy", name),
    id: `${role}/ci-deploy`,
    label: "ci-deploy/alice",
  },
  {
    identity: "AWS service, or a service in a principal's name",
    side: "principal",
    actor: "the service, or that principal",
    why: "A service acts for itself.",
    source: elements,
    example: () => ({ type: "AWSService", invokedBy: "ivs.amazonaws.com" }),
    id: "ivs.amazonaws.com",
    label: "ivs.amazonaws.com",
  },
  {
    identity: "Principal of another account",
    side: "principal",
    actor: "account and principal id, without the session name behind its colon",
    why: "All that the other account's record shows here.",
    source: elements,
    example: (name) => ({
      type: "AWSAccount",
      accountId: "999999999999",
      principalId: `AROAEXAMPLE:${name}`,
    }),
    id: "999999999999/AROAEXAMPLE",
    label: "a principal of account 999999999999",
  },
];
