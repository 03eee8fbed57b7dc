import { describe, expect, test } from "vitest";
import type { JsonObject } from "../record.ts";
import {
  account,
  federationToken,
  permissionSet,
  roleSession,
  root,
  sessionAttributes,
  user,
} from "../testing/identities.ts";
import { record } from "../testing/records.ts";
import { type Actor, actorOf, type CredentialKind, LazyActor } from "./actor.ts";
import type { ActorKind } from "./actor-kind.ts";
import { KnownRoles } from "./known-roles.ts";

function actorFor(userIdentity: JsonObject, overrides: JsonObject = {}, roles?: KnownRoles): Actor {
  return actorOf(record({ userIdentity, ...overrides }), roles);
}

/** A session whose issuer the record does not name. */
function unissued(role: string, session = "alice", parts: JsonObject = {}): JsonObject {
  return roleSession({ sessionIssuer: {} }, role, session, parts);
}

describe("the kind", () => {
  const began = { sessionContext: { attributes: sessionAttributes("false") } };
  const invoked = { invokedBy: "autoscaling.amazonaws.com" };

  test.each<[why: string, userIdentity: JsonObject, kind: ActorKind]>([
    ["a user", user(), "user"],
    ["root", root(), "root"],
    ["a user that a service acts for, with the user's session", user({ ...invoked, ...began }), "user"],
    ["root that a service acts for, with root's session", root({ ...invoked, ...began }), "root"],
    [
      "root that a service acts for, with root's key",
      root({ ...invoked, accessKeyId: "AKIAEXAMPLE" }),
      "root",
    ],
    ["a service in a user's name", user(invoked), "service"],
    [
      "a role session that a service acts for",
      roleSession({}, "role/Admin", "alice", invoked),
      "role-session",
    ],
    ["a user at a SAML provider", { type: "SAMLUser" }, "federated"],
    ["a user at a web identity provider", { type: "WebIdentityUser" }, "federated"],
    ["an Identity Center user", { type: "IdentityCenterUser" }, "federated"],
    ["a directory user", { type: "Directory" }, "federated"],
    ["a federation token", federationToken("bob"), "federated"],
    [
      "a role session of a type that does not exist yet",
      { ...roleSession(), type: "Martian" },
      "role-session",
    ],
    ["the same of an Identity Center user", { type: "Martian", onBehalfOf: { userId: "u" } }, "federated"],
    ["a service event", { invokedBy: "ivs.amazonaws.com" }, "service"],
    ["a service event of some type", { type: "Martian", invokedBy: "ivs.amazonaws.com" }, "unknown"],
    ["a service event with an ARN", { arn: "arn:x", invokedBy: "ivs.amazonaws.com" }, "unknown"],
    ["an ARN alone", { arn: "arn:x" }, "unknown"],
    [
      "a role of a service",
      roleSession({}, "role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"),
      "service",
    ],
    [
      "a permission set by its path",
      roleSession({}, "role/aws-reserved/sso.amazonaws.com/Admin"),
      "federated",
    ],
    ["a permission set by its name", roleSession({}, "role/AWSReservedSSO_Admin"), "federated"],
    ["a role that has the name within", roleSession({}, "role/My_AWSReservedSSO_Admin"), "role-session"],
    ["a role without an issuer", unissued("role/Admin"), "role-session"],
    ["a role without a name", { type: "AssumedRole" }, "role-session"],
    ["an instance with a short id", roleSession({}, "role/web", "i-01234567"), "machine"],
    ["an instance with a long id", roleSession({}, "role/web", "i-0123456789abcdef0"), "machine"],
    ["an instance whose role the record does not name", unissued("role/web", "i-01234567"), "machine"],
    ["an id of another length", roleSession({}, "role/web", "i-012345678"), "role-session"],
    ["an id with letters beyond f", roleSession({}, "role/web", "i-0123456g"), "role-session"],
    ["text before an id", roleSession({}, "role/web", "xi-01234567"), "role-session"],
    ["text after an id", roleSession({}, "role/web", "i-01234567-x"), "role-session"],
  ])("of %s", (_, userIdentity, kind) => {
    expect(actorFor(userIdentity).kind).toBe(kind);
  });

  const listed = new KnownRoles({
    federatedRoles: ["*role/people/*", "*role/both"],
    workloadRoles: ["*role/ci-*", "*role/both"],
  });

  test.each<[role: string, kind: ActorKind]>([
    ["role/people/Admin", "federated"],
    ["role/ci-deploy", "machine"],
    ["role/both", "federated"],
    ["role/Admin", "role-session"],
  ])("of %s is what the site says", (role, kind) => {
    expect(actorFor(roleSession({}, role), {}, listed).kind).toBe(kind);
    expect(actorFor(unissued(role), {}, listed).kind).toBe("role-session");
  });
});

describe("the label", () => {
  const inStore = {
    onBehalfOf: { userId: "u-1", identityStoreArn: "arn:aws:identitystore::1:identitystore/d-1" },
  };
  const token = federationToken("bob");

  test.each<[label: string, userIdentity: JsonObject]>([
    [`root of ${account}`, root()],
    ["root of 222222222222", { type: "Root", arn: "arn:aws:iam::222222222222:root" }],
    ["root of an unknown account", { type: "Root" }],
    ["ivs.amazonaws.com", { type: "AWSService", invokedBy: "ivs.amazonaws.com", arn: "arn:x/y" }],
    ["an AWS service", { type: "AWSService" }],
    ["u-1 (Identity Center)", { type: "IdentityCenterUser", onBehalfOf: { userId: "u-1" } }],
    ["u-1 (Identity Center d-1)", { type: "IdentityCenterUser", ...inStore }],
    ["u-1 (Identity Center d-1) as App", roleSession({}, "role/App", "s", inStore)],
    ["u-1 (Identity Center d-1)", { type: "AssumedRole", ...inStore }],
    ["Admin/alice", roleSession()],
    ["Admin/alice", unissued("role/Admin")],
    ["Admin", { ...roleSession(), arn: undefined, principalId: undefined }],
    ["Name/alice", roleSession({ sessionIssuer: { arn: "arn:aws:iam::1:role/a/Admin", userName: "Name" } })],
    ["Admin/alice", roleSession({ sessionIssuer: { arn: "arn:aws:iam::1:role/a/Admin" } }, "role/Other")],
    ["alice as VideoAdmin", permissionSet("alice")],
    ["AWSReservedSSO_Admin_0123/alice", roleSession({}, "role/AWSReservedSSO_Admin_0123")],
    [
      "AWSReservedSSO_Admin_0123456789abcdef0/alice",
      roleSession({}, "role/AWSReservedSSO_Admin_0123456789abcdef0"),
    ],
    ["xAWSReservedSSO_A_0123456789abcdef/alice", roleSession({}, "role/xAWSReservedSSO_A_0123456789abcdef")],
    ["Two_Words/alice", roleSession({}, "role/AWSReservedSSO_Two_Words_0123456789abcdef")],
    ["unknown role", { type: "AssumedRole" }],
    ["broker with federation token bob", token],
    ["broker with federation token carol", { ...token, arn: undefined, userName: "carol" }],
    ["broker with federation token unnamed", { ...token, arn: undefined }],
    [
      "x with federation token bob",
      { ...token, sessionContext: { sessionIssuer: { arn: "arn:aws:iam::1:user/x" } } },
    ],
    ["federation token bob", { ...token, sessionContext: {} }],
    [
      "a principal of account 999999999999",
      { type: "AWSAccount", accountId: "999999999999", principalId: "p" },
    ],
    ["a principal of account unknown", { type: "AWSAccount", userName: "alice" }],
    ["alice", user({ arn: `arn:aws:iam::${account}:user/other` })],
    ["alice", { type: "IAMUser", arn: `arn:aws:iam::${account}:user/team/alice` }],
    ["AIDAEXAMPLE", { type: "IAMUser", principalId: "AIDAEXAMPLE" }],
    ["unknown", {}],
  ])("%s", (label, userIdentity) => {
    expect(actorFor(userIdentity).label).toBe(label);
  });
});

describe("the account", () => {
  test.each<[why: string, userIdentity: JsonObject, expected: string | undefined]>([
    ["as the record names it", user({ arn: "arn:aws:iam::222222222222:user/alice" }), account],
    ["in the ARN", { arn: "arn:aws:iam::222222222222:user/alice" }, "222222222222"],
    ["in the ARN of a region", { arn: "arn:aws-cn:ivs:cn-north-1:222222222222:channel/x" }, "222222222222"],
    ["of the issuer", { sessionContext: { sessionIssuer: { accountId: "3" } } }, "3"],
    ["of the issuer, where the ARN has none", { arn: "arn:aws:iam:::x", ...issuer("3") }, "3"],
    ["of eleven digits is none", { arn: "arn:aws:iam::22222222222:user/alice" }, undefined],
    ["of letters is none", { arn: "arn:aws:iam::abcdefabcdef:user/alice" }, undefined],
    ["at the end of an ARN is none", { arn: "arn:aws:iam::222222222222" }, undefined],
    ["in what only ends like an ARN is none", { arn: "x:arn:aws:iam::222222222222:user/alice" }, undefined],
    ["of nothing is none", {}, undefined],
  ])("%s", (_, userIdentity, expected) => {
    expect(actorFor(userIdentity).account).toBe(expected);
    expect("account" in actorFor(userIdentity)).toBe(expected !== undefined);
  });

  test.each<[userIdentity: JsonObject, recipientAccountId: unknown, crossAccount: boolean]>([
    [user(), account, false],
    [user(), "999999999999", true],
    [user(), "", false],
    [user(), undefined, false],
    [user(), 999999999999, false],
    [user({ accountId: undefined, arn: undefined }), "999999999999", false],
    [{ arn: "arn:aws:iam::222222222222:user/alice" }, account, true],
  ])("of %j and a record of %j: crossing is %s", (userIdentity, recipientAccountId, crossAccount) => {
    expect(actorFor(userIdentity, { recipientAccountId }).crossAccount).toBe(crossAccount);
  });
});

function issuer(accountId: string): JsonObject {
  return { sessionContext: { sessionIssuer: { accountId } } };
}

describe("the credential", () => {
  const console = "console.amazonaws.com";
  const temporary = user({ accessKeyId: "ASIAEXAMPLE" });
  const permanent = user({ accessKeyId: "AKIAEXAMPLE" });

  test.each<[credential: CredentialKind, why: string, userIdentity: JsonObject, overrides?: JsonObject]>([
    ["service", "a service", { type: "AWSService" }, { eventSource: "signin.amazonaws.com" }],
    ["console", "a sign-in", permanent, { eventSource: "signin.amazonaws.com" }],
    ["long-term-key", "a key", permanent, { sessionCredentialFromConsole: "true" }],
    ["console", "a session that AWS marks", temporary, { sessionCredentialFromConsole: "true" }],
    ["console", "a mark without a session", user(), { sessionCredentialFromConsole: "true" }],
    ["session", "another mark", temporary, { sessionCredentialFromConsole: "false" }],
    ["session", "a mark that is no text", temporary, { sessionCredentialFromConsole: true }],
    ["console", "a session of the console", temporary, { userAgent: console }],
    ["console", "a session of the sign-in page", temporary, { userAgent: "signin.amazonaws.com" }],
    ["session", "a session of another agent", temporary, { userAgent: `${console}/x` }],
    ["session", "a session", temporary],
    [
      "session",
      "a session by the time it began",
      user({ sessionContext: { attributes: sessionAttributes() } }),
    ],
    ["long-term-key", "a user without a session", user(), { userAgent: console }],
    ["long-term-key", "root without a session", root()],
    ["session", "a role", { type: "AssumedRole" }],
    ["session", "a workload", { type: "AssumedRole", inScopeOf: { issuerType: "AWS::ECS::Task" } }],
    ["session", "a federated user", { type: "SAMLUser" }],
    ["unknown", "another account", { type: "AWSAccount" }],
    ["unknown", "nobody", {}],
  ])("is %s for %s", (credential, _, userIdentity, overrides) => {
    expect(actorFor(userIdentity, overrides).credential).toBe(credential);
  });
});

describe("long texts", () => {
  const long = "x".repeat(1025);
  const cut = /^x{1004}~[0-9a-f]{16}$/;
  const bySaml = new KnownRoles({ federatedRoles: ["*"], workloadRoles: [] });

  test("of 1,024 characters stay, longer ones are cut and end with a digest", () => {
    const { id, principal, person, label } = actorFor({ type: "IAMUser", arn: long });
    for (const text of [id, principal, person, label]) expect(text).toMatch(cut);
    expect(actorFor({ type: "IAMUser", arn: long.slice(1) }).id).toBe(long.slice(1));
  });

  test("are cut in every part of an actor", () => {
    const userIdentity = { ...roleSession({}, "role/Admin", long), accountId: long };
    const { account: accountId, session, person } = actorFor(userIdentity, {}, bySaml);
    for (const text of [accountId, session, person]) expect(text).toMatch(cut);
  });

  test("that differ beyond the cut stay apart", () => {
    const [one, two] = ["a", "b"].map((end) => actorFor({ arn: `${long}${end}` }).id);
    expect(one).not.toBe(two);
  });
});

test("an actor has no parts that the record does not prove", () => {
  expect(actorFor({})).toEqual({
    id: "unknown",
    principal: "unknown",
    kind: "unknown",
    label: "unknown",
    crossAccount: false,
    mfa: "unknown",
    credential: "unknown",
  });
  expect(Object.keys(actorFor({}))).not.toContain("person");
  expect(Object.keys(actorFor({}))).not.toContain("session");
});

test("an actor is the same whichever part is asked for first", () => {
  const reader = new LazyActor(record({ userIdentity: permissionSet("alice") }));
  const { mfa, id, kind } = reader;
  expect({ mfa, id, kind }).toEqual({
    mfa: "unknown",
    id: actorFor(permissionSet("alice")).id,
    kind: "federated",
  });
  expect(reader.names).toEqual([reader.id, reader.principal, "alice"]);
});
