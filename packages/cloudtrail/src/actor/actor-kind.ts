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
