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
