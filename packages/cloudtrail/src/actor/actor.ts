import { shortDigest } from "@streamwarden/base";
import type { JsonObject } from "../record.ts";
import type { ActorKind, MfaState } from "./actor-kind.ts";
import { Identity } from "./identity.ts";
import { type KnownRoles, noKnownRoles } from "./known-roles.ts";
import { isProvenMachine, mfaState } from "./mfa.ts";
import {
  accountOfArn,
  formerIdOf,
  isPermissionSet,
  lastSegment,
  type Principals,
  principalsOf,
  roleNameOf,
  sessionOf,
} from "./principal.ts";

/** What kind of credential signed the call. */
export type CredentialKind = "console" | "long-term-key" | "session" | "service" | "unknown";

/** Who made a call, computed once per record from `userIdentity`. Every field is total: it never throws. */
export interface Actor {
  /** What counts and incidents belong to: the person at a principal where there is one, else the principal. */
  readonly id: string;
  /** Whose credentials signed: the ARN of a role, user or root, else an account or service. */
  readonly principal: string;
  /** The person, where the record proves one: nobody can choose this text for himself. See `principalsOf`. */
  readonly person?: string;
  /** The session's name, where there is one. Its bearer may have chosen it. */
  readonly session?: string;
  readonly kind: ActorKind;
  /** Short human-readable name that begins with the person, such as `alice@example.com as Admin`. Escape it. */
  readonly label: string;
  /** The caller's account, where the record names one. */
  readonly account?: string;
  /** Whether the caller's account differs from `recipientAccountId` (false when either is missing). */
  readonly crossAccount: boolean;
  readonly mfa: MfaState;
  readonly credential: CredentialKind;
}

/**
 * Who made the call. Total: any JSON object gives an actor, and a record that names nobody gives `unknown`.
 *
 * @param roles what the site says of its roles (`identities` in `streamwarden.yml`).
 */
export function actorOf(record: JsonObject, roles: KnownRoles = noKnownRoles): Actor {
  const actor = new LazyActor(record, roles);
  const { id, principal, person, session, kind, label, account, crossAccount, mfa, credential } = actor;
  return {
    id,
    principal,
    ...(person === undefined ? {} : { person }),
    ...(session === undefined ? {} : { session }),
    kind,
    label,
    ...(account === undefined ? {} : { account }),
    crossAccount,
    mfa,
    credential,
  };
}

/**
 * The actor of a record, each part computed when it is read: most policies ask for the kind and the MFA state only,
 * and the rest would double the cost of a record that matches nothing.
 */
export class LazyActor {
  readonly #record: JsonObject;
  readonly #roles: KnownRoles;
  readonly #identity: Identity;
  #kind: ActorKind | undefined;
  #principals: Principals | undefined;

  constructor(record: JsonObject, roles: KnownRoles = noKnownRoles) {
    this.#record = record;
    this.#roles = roles;
    this.#identity = new Identity(record.userIdentity);
  }

  get kind(): ActorKind {
    this.#kind ??= kindOf(this.#identity, this.#roles);
    return this.#kind;
  }

  get #who(): Principals {
    this.#principals ??= principalsOf(this.#identity, this.#roles, this.kind === "service");
    return this.#principals;
  }

  get id(): string {
    return bounded(this.#who.id);
  }

  get principal(): string {
    return bounded(this.#who.principal);
  }

  get person(): string | undefined {
    const { person } = this.#who;
    return person === undefined ? undefined : bounded(person);
  }

  /** The id under which the first release knew this actor. */
  get formerId(): string {
    return bounded(formerIdOf(this.#identity));
  }

  /** All that lists and exceptions may name the actor by: id, principal and person, each once. */
  get names(): readonly string[] {
    const { id, principal, person = id } = this;
    return [...new Set([id, principal, person])];
  }

  get session(): string | undefined {
    const session = sessionOf(this.#identity);
    return session === undefined ? undefined : bounded(session);
  }

  get label(): string {
    return bounded(labelOf(this.#identity, this.kind, this.#who, accountOf(this.#identity)));
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

function accountOf(identity: Identity): string | undefined {
  return identity.accountId ?? accountOfArn(identity.arn) ?? identity.issuerAccount;
}

function kindOf(identity: Identity, roles: KnownRoles): ActorKind {
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
        !identity.hasLongTermKey
      ) {
        return "service";
      }
      return identity.type === "Root" ? "root" : "user";
    case "AssumedRole":
    case "Role":
      return roleSessionKind(identity, roles);
    case "FederatedUser":
    case "SAMLUser":
    case "WebIdentityUser":
    case "IdentityCenterUser":
    case "Directory":
      return "federated";
    case "AWSAccount":
      return "account";
    default:
      if (identity.isRoleSession) return roleSessionKind(identity, roles);
      // CloudTrail also writes "Unknown" for Identity Center users.
      if (identity.identityCenterUser !== undefined) return "federated";
      // Service events name nobody but the service.
      return identity.invokedBy !== undefined && identity.type === "" && identity.arn === undefined
        ? "service"
        : "unknown";
  }
}

function roleSessionKind(identity: Identity, roles: KnownRoles): ActorKind {
  const { issuerArn } = identity;
  if (issuerArn?.includes(":role/aws-service-role/")) return "service";
  if (isProvenMachine(identity)) return "machine";
  if (identity.identityCenterUser !== undefined || identity.federatedProvider !== undefined)
    return "federated";
  if (isPermissionSet(identity) || roleNameOf(identity)?.startsWith(permissionSetPrefix)) return "federated";
  if (issuerArn !== undefined && roles.isFederated(issuerArn)) return "federated";
  if (issuerArn !== undefined && roles.isWorkload(issuerArn)) return "machine";
  return looksLikeMachine(identity) ? "machine" : "role-session";
}

const permissionSetPrefix = "AWSReservedSSO_";

/**
 * A role under `/service-role/` or a session named like an EC2 instance. Both are names that a principal with enough
 * rights can choose, so such a machine's MFA state is `unknown`, not `not-applicable`.
 */
function looksLikeMachine(identity: Identity): boolean {
  return (
    (identity.issuerArn?.includes(":role/service-role/") ?? false) ||
    /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(sessionOf(identity) ?? "")
  );
}

function labelOf(
  identity: Identity,
  kind: ActorKind,
  { principal, person }: Principals,
  account: string | undefined,
): string {
  if (kind === "root") return `root of ${account ?? "an unknown account"}`;
  if (identity.type === "AWSService") return identity.invokedBy ?? "an AWS service";
  if (identity.identityCenterUserId !== undefined) return identityCenterLabel(identity);
  const role = identity.isRoleSession ? shortRoleName(roleNameOf(identity)) : undefined;
  if (role !== undefined) {
    const session = sessionOf(identity);
    if (session === undefined) return role;
    return person === undefined ? `${role}/${session}` : `${session} as ${role}`;
  }
  if (identity.type === "FederatedUser") {
    const name = lastSegment(identity.arn) ?? identity.userName ?? "unnamed";
    const issuer = identity.issuerName ?? lastSegment(identity.issuerArn);
    return issuer === undefined ? `federation token ${name}` : `${issuer} with federation token ${name}`;
  }
  if (kind === "account") return `a principal of account ${account ?? "unknown"}`;
  return identity.userName ?? lastSegment(identity.arn) ?? principal;
}

/** Users of two stores may share an id, and CloudTrail writes no name: the id, and the store it is unique in. */
function identityCenterLabel(identity: Identity): string {
  const store = lastSegment(identity.identityStoreArn);
  const user = `${identity.identityCenterUserId} (Identity Center${store === undefined ? "" : ` ${store}`})`;
  const role = identity.isRoleSession ? shortRoleName(roleNameOf(identity)) : undefined;
  return role === undefined ? user : `${user} as ${role}`;
}

/** The permission set's own name: Identity Center puts a prefix and sixteen digits around it. */
function shortRoleName(name: string | undefined): string | undefined {
  return name === undefined ? undefined : (/^AWSReservedSSO_(.+)_[0-9a-f]{16}$/s.exec(name)?.[1] ?? name);
}

function credentialOf(record: JsonObject, identity: Identity, kind: ActorKind): CredentialKind {
  if (kind === "service") return "service";
  if (record.eventSource === "signin.amazonaws.com") return "console";
  // The key's prefix comes before the user agent: the first is AWS's, the second the caller's.
  if (identity.hasLongTermKey) return "long-term-key";
  if (record.sessionCredentialFromConsole === "true") return "console";
  if (identity.hasSession) return isConsoleAgent(record.userAgent) ? "console" : "session";
  if (kind === "root" || kind === "user") return "long-term-key";
  return kind === "role-session" || kind === "machine" || kind === "federated" ? "session" : "unknown";
}

function isConsoleAgent(userAgent: unknown): boolean {
  return userAgent === "console.amazonaws.com" || userAgent === "signin.amazonaws.com";
}

const maximumLength = 1024;

/** Cuts what no AWS identifier reaches, and keeps two long texts apart by a digest of the whole. */
function bounded(text: string): string {
  return text.length <= maximumLength
    ? text
    : `${text.slice(0, maximumLength - 20)}~${shortDigest(text, 16)}`;
}
