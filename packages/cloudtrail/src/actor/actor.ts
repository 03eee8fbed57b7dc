import { createHash } from "node:crypto";
import type { JsonObject } from "../record.ts";
import { Identity } from "./identity.ts";
import { isProvenMachine, mfaState } from "./mfa.ts";

/** What kind of principal made the call. */
export type ActorKind =
  | "root"
  | "user"
  | "role-session"
  | "federated"
  | "machine"
  | "service"
  | "account"
  | "unknown";

/** Whether the record proves multi-factor authentication. `unknown` is not `absent`. */
export type MfaState = "present" | "absent" | "unknown" | "not-applicable";

/** What kind of credential signed the call. */
export type CredentialKind = "console" | "long-term-key" | "session" | "service" | "unknown";

/** Who made a call, computed once per record from `userIdentity`. Every field is total: it never throws. */
export interface Actor {
  /** The principal that acts: for a role session the role's ARN, else `userIdentity.arn`, else the account or service name. */
  readonly id: string;
  /** The session's name, where there is one. */
  readonly session?: string;
  readonly kind: ActorKind;
  /** Short human-readable name, such as `Admin/alice` or `root of 123456789012`. Attacker-influenced text: escape it. */
  readonly label: string;
  /** The caller's account, where the record names one. */
  readonly account?: string;
  /** Whether the caller's account differs from `recipientAccountId` (false when either is missing). */
  readonly crossAccount: boolean;
  readonly mfa: MfaState;
  readonly credential: CredentialKind;
}

/** Who made the call. Total: any JSON object gives an actor, and a record that names nobody gives `unknown`. */
export const actorOf = (record: JsonObject): Actor => {
  const { id, session, kind, label, account, crossAccount, mfa, credential } = new LazyActor(record);
  return {
    id,
    ...(session === undefined ? {} : { session }),
    kind,
    label,
    ...(account === undefined ? {} : { account }),
    crossAccount,
    mfa,
    credential,
  };
};

/**
 * The actor of a record, each part computed when it is read: most policies ask for the kind and the MFA state only,
 * and the rest would double the cost of a record that matches nothing.
 */
export class LazyActor {
  readonly #record: JsonObject;
  readonly #identity: Identity;
  #kind: ActorKind | undefined;

  constructor(record: JsonObject) {
    this.#record = record;
    this.#identity = new Identity(record.userIdentity);
  }

  get kind(): ActorKind {
    this.#kind ??= kindOf(this.#identity);
    return this.#kind;
  }

  get id(): string {
    return bounded(idOf(this.#identity, this.kind));
  }

  get session(): string | undefined {
    const session = sessionOf(this.#identity);
    return session === undefined ? undefined : bounded(session);
  }

  get label(): string {
    return bounded(labelOf(this.#identity, this.kind, sessionOf(this.#identity), accountOf(this.#identity)));
  }

  get account(): string | undefined {
    const account = accountOf(this.#identity);
    return account === undefined ? undefined : bounded(account);
  }

  get crossAccount(): boolean {
    const account = accountOf(this.#identity);
    const recipient = this.#record.recipientAccountId;
    return (
      account !== undefined && typeof recipient === "string" && recipient !== "" && account !== recipient
    );
  }

  get mfa(): MfaState {
    return mfaState(this.#record, this.#identity, this.kind);
  }

  get credential(): CredentialKind {
    return credentialOf(this.#record, this.#identity, this.kind);
  }
}

const accountOf = (identity: Identity): string | undefined =>
  identity.accountId ?? accountOfArn(identity.arn) ?? identity.issuerAccount;

const kindOf = (identity: Identity): ActorKind => {
  if (identity.isAssumedRoot) return "root";
  switch (identity.type) {
    case "AWSService":
      return "service";
    case "Root":
    case "IAMUser":
      // A service that acts in a user's name passes the user's session on; without one it acts for itself.
      if (
        identity.invokedBy !== undefined &&
        identity.creationDate === undefined &&
        !hasLongTermKey(identity)
      ) {
        return "service";
      }
      return identity.type === "Root" ? "root" : "user";
    case "AssumedRole":
    case "Role":
      return roleSessionKind(identity);
    case "FederatedUser":
    case "SAMLUser":
    case "WebIdentityUser":
    case "IdentityCenterUser":
    case "Directory":
      return "federated";
    case "AWSAccount":
      return "account";
    default:
      // CloudTrail also writes "Unknown" for Identity Center users.
      return identity.identityCenterUser === undefined ? "unknown" : "federated";
  }
};

const roleSessionKind = (identity: Identity): ActorKind => {
  if (identity.issuerArn?.includes(":role/aws-service-role/")) return "service";
  if (isProvenMachine(identity)) return "machine";
  if (identity.identityCenterUser !== undefined || identity.federatedProvider !== undefined)
    return "federated";
  if (isSingleSignOnRole(identity)) return "federated";
  return looksLikeMachine(identity) ? "machine" : "role-session";
};

/** Roles that IAM Identity Center makes for its permission sets; the path is reserved to AWS. */
const isSingleSignOnRole = (identity: Identity): boolean =>
  identity.issuerArn?.includes(":role/aws-reserved/sso.amazonaws.com/") ||
  (identity.issuerName ?? roleNameOf(identity) ?? "").startsWith("AWSReservedSSO_");

/**
 * A role under `/service-role/` or a session named like an EC2 instance. Both are names that a principal with enough
 * rights can choose, so such a machine's MFA state is `unknown`, not `not-applicable`.
 */
const looksLikeMachine = (identity: Identity): boolean =>
  (identity.issuerArn?.includes(":role/service-role/") ?? false) ||
  /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(sessionOf(identity) ?? "");

const idOf = (identity: Identity, kind: ActorKind): string => {
  const { accountId, arn, principalId } = identity;
  if (identity.type === "AWSService") return identity.invokedBy ?? arn ?? principalId ?? "unknown service";
  if (identity.type === "AWSAccount" && arn === undefined && accountId !== undefined) {
    // Foreign principals carry no ARN; without the principal, two users of one account would be one actor.
    return principalId === undefined || principalId === accountId ? accountId : `${accountId}/${principalId}`;
  }
  const isRoleSession = identity.type === "AssumedRole" || identity.type === "Role";
  if (isRoleSession && kind !== "root") {
    const role = identity.issuerArn ?? roleArnOf(arn);
    if (role !== undefined) return role;
  }
  return (
    arn ??
    identity.identityCenterUser ??
    principalId ??
    accountId ??
    identity.invokedBy ??
    identity.userName ??
    "unknown"
  );
};

const labelOf = (
  identity: Identity,
  kind: ActorKind,
  session: string | undefined,
  account: string | undefined,
): string => {
  if (kind === "root") return `root of ${account ?? "an unknown account"}`;
  if (identity.type === "AWSService") return identity.invokedBy ?? "an AWS service";
  const role = identity.type === "AssumedRole" || identity.type === "Role" ? roleNameOf(identity) : undefined;
  if (role !== undefined) return session === undefined ? role : `${role}/${session}`;
  if (kind === "account") return `a principal of account ${account ?? "unknown"}`;
  return identity.userName ?? lastSegment(identity.arn) ?? idOf(identity, kind);
};

const sessionOf = (identity: Identity): string | undefined => {
  const arnParts = /:assumed-role\/[^/]+\/(.+)$/s.exec(identity.arn ?? "");
  if (arnParts?.[1] !== undefined) return arnParts[1];
  if (identity.type !== "AssumedRole") return undefined;
  const colon = identity.principalId?.indexOf(":") ?? -1;
  return colon < 0 ? undefined : identity.principalId?.slice(colon + 1) || undefined;
};

const roleNameOf = (identity: Identity): string | undefined =>
  identity.issuerName ??
  lastSegment(identity.issuerArn) ??
  /:assumed-role\/([^/]+)/.exec(identity.arn ?? "")?.[1];

/** The role behind a session's ARN, where the issuer is missing. The session's ARN does not show the role's path. */
const roleArnOf = (arn: string | undefined): string | undefined => {
  const parts = /^arn:([^:]+):sts::([^:]*):assumed-role\/([^/]+)/.exec(arn ?? "");
  return parts === null ? undefined : `arn:${parts[1]}:iam::${parts[2]}:role/${parts[3]}`;
};

const accountOfArn = (arn: string | undefined): string | undefined =>
  /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(arn ?? "")?.[1];

const lastSegment = (arn: string | undefined): string | undefined =>
  arn?.slice(arn.lastIndexOf("/") + 1) || undefined;

const hasLongTermKey = (identity: Identity): boolean => identity.accessKeyId?.startsWith("AKIA") ?? false;

const credentialOf = (record: JsonObject, identity: Identity, kind: ActorKind): CredentialKind => {
  if (kind === "service") return "service";
  if (record.eventSource === "signin.amazonaws.com") return "console";
  // The key's prefix comes before the user agent: the first is AWS's, the second the caller's.
  if (hasLongTermKey(identity)) return "long-term-key";
  if (record.sessionCredentialFromConsole === "true") return "console";
  const hasSession =
    identity.creationDate !== undefined || (identity.accessKeyId?.startsWith("ASIA") ?? false);
  if (hasSession) return isConsoleAgent(record.userAgent) ? "console" : "session";
  if (kind === "root" || kind === "user") return "long-term-key";
  return kind === "role-session" || kind === "machine" || kind === "federated" ? "session" : "unknown";
};

const isConsoleAgent = (userAgent: unknown): boolean =>
  userAgent === "console.amazonaws.com" || userAgent === "signin.amazonaws.com";

const maximumLength = 1024;

/** Cuts what no AWS identifier reaches, and keeps two long texts apart by a digest of the whole. */
const bounded = (text: string): string =>
  text.length <= maximumLength
    ? text
    : `${text.slice(0, maximumLength - 20)}~${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
