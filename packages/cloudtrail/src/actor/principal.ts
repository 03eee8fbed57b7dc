import type { Identity } from "./identity.ts";
import type { KnownRoles } from "./known-roles.ts";

/**
 * Who is answerable for a call. The rule that decides everything here: **a name belongs to the actor only where its
 * bearer could not choose it.** A session name, a federation name or a source identity is chosen by whoever asks for
 * the session, so a thief could split a count, or hide behind a colleague, by renaming himself: such calls belong to
 * the principal that issued the session. An IAM user, root, and people whose name an identity provider writes are
 * persons. docs/identities.md has the table, row by row.
 */
export interface Principals {
  /** Whose credentials signed: a role, user, root, account or service. */
  readonly principal: string;
  /** The person behind it; absent where the record proves none. */
  readonly person?: string;
  /** What counts and incidents belong to: the person at this principal where there is one, else the principal. */
  readonly id: string;
}

/** @param isService whether a service acts for itself in the name of the identity. */
export function principalsOf(identity: Identity, roles: KnownRoles, isService: boolean): Principals {
  const principal = principalOf(identity);
  if (isService) return { principal, id: principal };
  const { identityCenterUser } = identity;
  if (identityCenterUser !== undefined)
    return { principal, person: identityCenterUser, id: identityCenterUser };
  if (identity.isRoleSession && !identity.isAssumedRoot) {
    const session = sessionOf(identity);
    return session !== undefined && sessionIsNamedByProvider(identity, principal, roles)
      ? { principal, person: session, id: sessionArn(principal, session) }
      : { principal, id: principal };
  }
  const isPerson = (identity.type === "IAMUser" || identity.type === "Root") && !identity.isAssumedRoot;
  return isPerson ? { principal, person: principal, id: principal } : { principal, id: principal };
}

/** Roles that IAM Identity Center makes for its permission sets. AWS reserves the path, so nobody else can make one. */
export function isPermissionSet(identity: Identity): boolean {
  return identity.issuerArn?.includes(":role/aws-reserved/sso.amazonaws.com/") ?? false;
}

/**
 * Whether an identity provider wrote the session's name. Identity Center does for its permission sets; for other roles
 * the site says so. Web identities never count: their tokens let the caller name the session.
 */
function sessionIsNamedByProvider(identity: Identity, principal: string, roles: KnownRoles): boolean {
  return !identity.hasWebIdentity && (isPermissionSet(identity) || roles.isFederated(principal));
}

function principalOf(identity: Identity): string {
  const { accountId, arn, type } = identity;
  if (type === "AWSService")
    return identity.invokedBy ?? arn ?? unnamedPrincipal(identity) ?? "unknown service";
  if (identity.isAssumedRoot) return rootArn(identity) ?? accountId ?? "unknown";
  if (identity.isRoleSession)
    return identity.issuerArn ?? roleArnOf(arn) ?? unnamedPrincipal(identity) ?? "unknown role";
  if (type === "FederatedUser" || arn?.includes(":federated-user/") === true)
    return identity.issuerArn ?? `federation tokens of ${accountId ?? "an unknown account"}`;
  // At sign-in the provider is all that AWS vouches for; principalId and userName are the token's words.
  if (type === "SAMLUser" || type === "WebIdentityUser")
    return identity.identityProvider ?? `federated sign-in to ${accountId ?? "an unknown account"}`;
  if (type === "AWSAccount" && arn === undefined && accountId !== undefined) {
    // Foreign principals carry no ARN; without the principal, two users of one account would be one actor.
    const foreign = unnamedPrincipal(identity);
    return foreign === undefined || foreign === accountId ? accountId : `${accountId}/${foreign}`;
  }
  return (
    arn ??
    identity.identityCenterUser ??
    unnamedPrincipal(identity) ??
    accountId ??
    identity.invokedBy ??
    identity.userName ??
    "unknown"
  );
}

/**
 * `actor.id` as the first release had it, which knew no persons: state that it stored under an actor is found by it.
 */
export function formerIdOf(identity: Identity): string {
  const { accountId, arn, principalId, type } = identity;
  if (type === "AWSService") return identity.invokedBy ?? arn ?? principalId ?? "unknown service";
  if (type === "AWSAccount" && arn === undefined && accountId !== undefined)
    return principalId === undefined || principalId === accountId ? accountId : `${accountId}/${principalId}`;
  const role =
    (type === "AssumedRole" || type === "Role") && !identity.isAssumedRoot
      ? (identity.issuerArn ?? roleArnOf(arn))
      : undefined;
  return (
    role ??
    arn ??
    identity.identityCenterUser ??
    principalId ??
    accountId ??
    identity.invokedBy ??
    identity.userName ??
    "unknown"
  );
}

/** `principalId` without the session's name, which stands behind a colon (`AROAEXAMPLE:session`). */
function unnamedPrincipal(identity: Identity): string | undefined {
  return identity.principalId?.split(":", 1)[0] || undefined;
}

/** The ARN that AWS gives a session. Built from the role, because `userIdentity.arn` may be missing. */
function sessionArn(roleArn: string, session: string): string {
  const role = /^arn:([^:]*):iam::([^:]*):role\/(?:.*\/)?([^/]+)$/s.exec(roleArn);
  return role === null
    ? `${roleArn}/${session}`
    : `arn:${role[1]}:sts::${role[2]}:assumed-role/${role[3]}/${session}`;
}

function rootArn({ accountId, arn, issuerAccount }: Identity): string | undefined {
  const account = accountId ?? accountOfArn(arn) ?? issuerAccount;
  return account === undefined ? undefined : `arn:${arn?.split(":")[1] || "aws"}:iam::${account}:root`;
}

/** The name of the session, where there is one. Whether its bearer chose it, see `principalsOf`. */
export function sessionOf(identity: Identity): string | undefined {
  const arnParts = /:assumed-role\/[^/]+\/(.+)$/s.exec(identity.arn ?? "");
  if (arnParts?.[1] !== undefined) return arnParts[1];
  if (identity.type !== "AssumedRole") return undefined;
  const colon = identity.principalId?.indexOf(":") ?? -1;
  return colon < 0 ? undefined : identity.principalId?.slice(colon + 1) || undefined;
}

export function roleNameOf(identity: Identity): string | undefined {
  return (
    identity.issuerName ??
    lastSegment(identity.issuerArn) ??
    /:assumed-role\/([^/]+)/.exec(identity.arn ?? "")?.[1]
  );
}

/** The role behind a session's ARN, where the issuer is missing. The session's ARN does not show the role's path. */
function roleArnOf(arn: string | undefined): string | undefined {
  const parts = /^arn:([^:]+):sts::([^:]*):assumed-role\/([^/]+)/.exec(arn ?? "");
  return parts === null ? undefined : `arn:${parts[1]}:iam::${parts[2]}:role/${parts[3]}`;
}

export function accountOfArn(arn: string | undefined): string | undefined {
  return /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(arn ?? "")?.[1];
}

export function lastSegment(arn: string | undefined): string | undefined {
  return arn?.slice(arn.lastIndexOf("/") + 1) || undefined;
}
