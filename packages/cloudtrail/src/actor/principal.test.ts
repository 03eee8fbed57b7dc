import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../record.ts";
import {
  federationToken,
  identityCenterUser,
  permissionSet,
  permissionSetRole,
  roleSession,
} from "../testing/identities.ts";
import { identityRows, listedRoles } from "../testing/identity-rows.ts";
import { record } from "../testing/records.ts";
import { actorOf, LazyActor } from "./actor.ts";
import { KnownRoles } from "./known-roles.ts";

const roles = new KnownRoles(listedRoles);
function actorFor(userIdentity: unknown, overrides: JsonObject = {}) {
  return actorOf(record({ userIdentity, ...overrides }), roles);
}

describe("who the actor is", () => {
  test.each(identityRows)("$identity: $side", ({ example, id, label, side }) => {
    const actor = actorFor(example("alice"));
    expect(actor).toMatchObject({ id, label });
    expect(actor.person === undefined ? "principal" : "person").toBe(side);
  });

  test("is written down in docs/identities.md, row by row", () => {
    const page = readFileSync(new URL("../../../../docs/identities.md", import.meta.url), "utf8");
    for (const { identity, side, actor, why, source } of identityRows)
      expect(page).toContain(`| ${identity} | ${side} | ${actor} | ${why} | ${source} |`);
  });

  test("tells two people of one permission set apart, and puts the person first", () => {
    const actors = ["person-a@example.com", "person-b@example.com"].map((name) =>
      actorFor(permissionSet(name)),
    );
    expect(new Set(actors.map(({ id }) => id)).size).toBe(2);
    expect(new Set(actors.map(({ principal }) => principal)).size).toBe(1);
    expect(actors[0]?.label).toBe("person-a@example.com as VideoAdmin");
  });

  test("never gives two Identity Center users the same text", () => {
    const labels = [
      identityCenterUser("u-alice"),
      identityCenterUser("u-bob"),
      identityCenterUser("u-bob", "d-0000000000"),
    ].map((identity) => actorFor(identity).label);
    expect(new Set(labels).size).toBe(3);
    expect(labels[0]).toBe("u-alice (Identity Center d-1234567890)");
  });

  test("needs the issuer's account in the path of a listed role", () => {
    const foreign = roleSession({}, "role/people/Admin", "alice");
    const issuer = { arn: "arn:aws:iam::999999999999:role/people/Admin", userName: "Admin" };
    const sessionContext = { ...(foreign.sessionContext as JsonObject), sessionIssuer: issuer };
    expect(actorFor({ ...foreign, sessionContext }).person).toBeUndefined();
  });

  test.each([
    ["a person of a role", permissionSet("alice@example.com"), 3],
    ["an Identity Center user", identityCenterUser("u-1"), 1],
    ["a role session", roleSession(), 1],
  ])("lists may name %s by id, principal and person", (_name, userIdentity, count) => {
    const actor = new LazyActor(record({ userIdentity }));
    expect(actor.names).toHaveLength(count);
    expect(actor.names).toEqual(
      expect.arrayContaining([actor.id, actor.principal, actor.person ?? actor.id]),
    );
  });
});

/** The parts of an actor that say who it is. */
function whoIs(userIdentity: JsonObject, known = roles) {
  const { principal, person, id, session } = actorOf(record({ userIdentity }), known);
  return { principal, person, id, session };
}

function assumed(arn: string | undefined, parts: JsonObject = {}): JsonObject {
  return { ...roleSession({ sessionIssuer: {} }), arn, principalId: undefined, ...parts };
}

function issuedBy(arn: string, parts: JsonObject = {}): JsonObject {
  return { ...roleSession({ sessionIssuer: { arn } }), ...parts };
}

describe("the principal of a record that lacks parts", () => {
  const token = "arn:aws:sts::111122223333:federated-user/bob";
  const foreign = { type: "AWSAccount", accountId: "999999999999" };

  test.each<[why: string, userIdentity: JsonObject, principal: string]>([
    ["service", { type: "AWSService", invokedBy: "ivs.amazonaws.com", arn: "arn:x" }, "ivs.amazonaws.com"],
    ["service by its ARN", { type: "AWSService", arn: "arn:x", principalId: "p" }, "arn:x"],
    ["service by its principal id", { type: "AWSService", principalId: "p:session" }, "p"],
    ["service without a name", { type: "AWSService" }, "unknown service"],
    ["role by its issuer", issuedBy("arn:aws:iam::1:role/x"), "arn:aws:iam::1:role/x"],
    [
      "role by the session's ARN, without its path",
      assumed("arn:aws-cn:sts::111122223333:assumed-role/Admin/alice"),
      "arn:aws-cn:iam::111122223333:role/Admin",
    ],
    [
      "role by its id, where the ARN is none",
      assumed("x:arn:aws:sts::111122223333:assumed-role/Admin/alice", { principalId: "AROAEXAMPLE:alice" }),
      "AROAEXAMPLE",
    ],
    ["role without a name", assumed(undefined), "unknown role"],
    ["federation token by its issuer, without an ARN", federationToken("bob", { arn: undefined }), broker()],
    ["federation token of another type", federationToken("bob", { type: "Martian" }), broker()],
    [
      "federation token without an issuer",
      { type: "Martian", arn: token, accountId: "1" },
      "federation tokens of 1",
    ],
    [
      "federation token without anything",
      { type: "FederatedUser" },
      "federation tokens of an unknown account",
    ],
    ["SAML user", { type: "SAMLUser", identityProvider: "idp", arn: "arn:x" }, "idp"],
    ["web identity user", { type: "WebIdentityUser", identityProvider: "idp", arn: "arn:x" }, "idp"],
    [
      "SAML user without a provider",
      { type: "SAMLUser", accountId: "1", userName: "a" },
      "federated sign-in to 1",
    ],
    [
      "web identity user without a provider",
      { type: "WebIdentityUser", accountId: "1" },
      "federated sign-in to 1",
    ],
    ["SAML user without anything", { type: "SAMLUser" }, "federated sign-in to an unknown account"],
    [
      "principal of another account",
      { ...foreign, principalId: "AROAEXAMPLE:s" },
      "999999999999/AROAEXAMPLE",
    ],
    ["root of another account", { ...foreign, principalId: "999999999999" }, "999999999999"],
    ["another account", foreign, "999999999999"],
    ["principal of another account with an ARN", { ...foreign, arn: "arn:x", principalId: "p" }, "arn:x"],
    ["principal of an account without its number", { type: "AWSAccount", principalId: "p" }, "p"],
    ["user by ARN", { type: "IAMUser", arn: "arn:x", principalId: "p", accountId: "1" }, "arn:x"],
    ["user by id", { type: "IAMUser", principalId: "p", accountId: "1", userName: "a" }, "p"],
    ["user whose id is empty but for a session", { principalId: ":s", accountId: "1" }, "1"],
    ["account", { accountId: "1", invokedBy: "x.amazonaws.com", userName: "a" }, "1"],
    ["who acted for it", { type: "Martian", invokedBy: "x.amazonaws.com", userName: "a" }, "x.amazonaws.com"],
    ["name", { type: "Martian", userName: "a" }, "a"],
    ["nothing", {}, "unknown"],
  ])("%s", (_, userIdentity, principal) => {
    expect(whoIs(userIdentity).principal).toBe(principal);
  });

  test.each<[why: string, userIdentity: JsonObject, principal: string]>([
    [
      "the account that the record names",
      { accountId: "1", arn: "arn:aws:iam::222222222222:root" },
      "arn:aws:iam::1:root",
    ],
    [
      "that of the ARN, and its partition",
      { arn: "arn:aws-cn:iam::222222222222:root" },
      "arn:aws-cn:iam::222222222222:root",
    ],
    ["that of the issuer", { issuer: "3" }, "arn:aws:iam::3:root"],
    ["that of the issuer, where the ARN has none", { arn: "arn::x", issuer: "3" }, "arn:aws:iam::3:root"],
    ["none", {}, "unknown"],
  ])("an assumed root is root of %s", (_, { issuer: accountId, ...parts }, principal) => {
    const sessionContext = { assumedRoot: "true", sessionIssuer: { accountId } };
    expect(whoIs({ type: "AssumedRole", sessionContext, ...parts })).toMatchObject({
      principal,
      id: principal,
    });
  });
});

describe("the id under which the first release knew an actor", () => {
  const role = "arn:aws:iam::111122223333:role/Admin";
  const session = "arn:aws:sts::111122223333:assumed-role/Admin/alice";
  const foreign = { type: "AWSAccount", accountId: "999999999999" };

  test.each<[why: string, userIdentity: JsonObject, formerId: string]>([
    ["service", { type: "AWSService", invokedBy: "ivs.amazonaws.com", arn: "arn:x" }, "ivs.amazonaws.com"],
    ["service by its ARN", { type: "AWSService", arn: "arn:x", principalId: "p" }, "arn:x"],
    ["service by its principal id", { type: "AWSService", principalId: "p:session" }, "p:session"],
    ["service without a name", { type: "AWSService" }, "unknown service"],
    ["another account", foreign, "999999999999"],
    ["root of another account", { ...foreign, principalId: "999999999999" }, "999999999999"],
    ["principal of another account", { ...foreign, principalId: "AROA:s" }, "999999999999/AROA:s"],
    ["principal of another account with an ARN", { ...foreign, arn: "arn:x", principalId: "p" }, "arn:x"],
    ["principal of an account without its number", { type: "AWSAccount", principalId: "p" }, "p"],
    ["role by its issuer", roleSession({}, "role/a/Admin"), "arn:aws:iam::111122223333:role/a/Admin"],
    ["role by the session's ARN", assumed(session), role],
    ["identity type Role", assumed(session, { type: "Role" }), role],
    ["role session of another type", { type: "Martian", arn: session }, session],
    ["assumed root", { ...assumed(session), sessionContext: { assumedRoot: "true" } }, session],
    ["person of a permission set", permissionSet("alice"), `arn:aws:iam::111122223333:${permissionSetRole}`],
    ["role without a name", assumed(undefined, { principalId: "AROA:s" }), "AROA:s"],
    ["user", { arn: "arn:x", principalId: "p", ...identityCenterUser("u") }, "arn:x"],
    ["Identity Center user", { principalId: "p", onBehalfOf: { userId: "u" } }, "u"],
    ["principal id", { principalId: "p:s", accountId: "1" }, "p:s"],
    ["account", { accountId: "1", invokedBy: "x.amazonaws.com" }, "1"],
    ["who acted for it", { invokedBy: "x.amazonaws.com", userName: "a" }, "x.amazonaws.com"],
    ["name", { type: "Martian", userName: "a" }, "a"],
    ["nothing", {}, "unknown"],
  ])("%s", (_, userIdentity, formerId) => {
    expect(new LazyActor(record({ userIdentity })).formerId).toBe(formerId);
  });

  test("is bounded like every other", () => {
    const { formerId } = new LazyActor(record({ userIdentity: { arn: "x".repeat(1025) } }));
    expect(formerId).toMatch(/^x{1004}~[0-9a-f]{16}$/);
  });
});

describe("the person", () => {
  const all = new KnownRoles({ federatedRoles: ["*"], workloadRoles: [] });

  test.each<[why: string, role: string, id: string]>([
    ["of a role", "arn:aws:iam::1:role/Admin", "arn:aws:sts::1:assumed-role/Admin/alice"],
    ["of a role with a path", "arn:aws:iam::1:role/a/b/Admin", "arn:aws:sts::1:assumed-role/Admin/alice"],
    [
      "of a role in another partition",
      "arn:aws-cn:iam::1:role/Admin",
      "arn:aws-cn:sts::1:assumed-role/Admin/alice",
    ],
    ["of what only ends like a role", "x:arn:aws:iam::1:role/Admin", "x:arn:aws:iam::1:role/Admin/alice"],
    ["of what only begins like a role", "arn:aws:iam::1:role/Admin/", "arn:aws:iam::1:role/Admin//alice"],
    ["of what is no ARN", "Admin", "Admin/alice"],
  ])("%s is told apart by a session's ARN: %s", (_, role, id) => {
    expect(whoIs(issuedBy(role), all)).toEqual({ principal: role, person: "alice", id, session: "alice" });
  });

  test.each<[why: string, userIdentity: JsonObject]>([
    ["a session without a name", { ...permissionSet("alice"), arn: undefined, principalId: undefined }],
    ["a service in a user's name", { type: "IAMUser", arn: "arn:x", invokedBy: "autoscaling.amazonaws.com" }],
    ["a service in root's name", { type: "Root", arn: "arn:x", invokedBy: "support.amazonaws.com" }],
    ["an assumed root", { type: "Root", arn: "arn:x", sessionContext: { assumedRoot: "true" } }],
    ["a type that does not exist yet", { type: "Martian", arn: "arn:x" }],
  ])("is not named by %s", (_, userIdentity) => {
    const { principal, person, id } = whoIs(userIdentity, all);
    expect([person, id]).toEqual([undefined, principal]);
  });

  test.each(["IAMUser", "Root"])("is the principal itself for type %s", (type) => {
    expect(whoIs({ type, arn: "arn:x" })).toMatchObject({ principal: "arn:x", person: "arn:x", id: "arn:x" });
  });
});

describe("the name of a session", () => {
  const arn = "arn:aws:sts::111122223333:assumed-role/Admin/alice";

  test.each<[why: string, userIdentity: JsonObject, session: string | undefined]>([
    ["stands in the ARN", assumed(arn, { principalId: "AROAEXAMPLE:other" }), "alice"],
    ["stands in the ARN of any type", { type: "Martian", arn }, "alice"],
    ["may have slashes and line breaks", assumed(`${arn}/b\nc`), "alice/b\nc"],
    ["stands in the principal id", assumed(undefined, { principalId: "AROAEXAMPLE:alice" }), "alice"],
    ["may have colons", assumed(undefined, { principalId: "AROAEXAMPLE:a:b" }), "a:b"],
    ["stands alone in the principal id", assumed(undefined, { principalId: ":alice" }), "alice"],
    ["is missing", assumed(undefined, { principalId: "AROAEXAMPLE" }), undefined],
    ["is empty", assumed(undefined, { principalId: "AROAEXAMPLE:" }), undefined],
    ["has no place", assumed(undefined), undefined],
    ["is not that of a user", { type: "IAMUser", principalId: "AIDAEXAMPLE:alice" }, undefined],
  ])("%s", (_, userIdentity, session) => {
    expect(whoIs(userIdentity).session).toBe(session);
  });
});

function broker(): string {
  return "arn:aws:iam::111122223333:user/broker";
}

/** Text as STS takes it in session names, and text that no service would take. */
const chosen = fc.oneof(
  fc.stringMatching(/^[\w+=,.@-]{2,64}$/),
  fc.constantFrom(
    "i-0123456789abcdef0",
    "AWSReservedSSO_Admin_0123456789abcdef",
    "AWSCloudFormation",
    "root",
  ),
  fc.string({ minLength: 1, maxLength: 80 }).filter((text) => !text.includes("/") && text.trim() !== ""),
);

/** The places of each identity where a caller writes what he likes. */
const callerWrites: readonly (readonly [string, (text: string, other: string) => JsonObject])[] = [
  ["role session", (name, source) => roleSession({ sourceIdentity: source }, "role/Admin", name)],
  ["role session without an issuer", (name) => roleSession({ sessionIssuer: {} }, "role/Admin", name)],
  [
    "role session without an ARN",
    (name, source) => ({ ...roleSession({ sourceIdentity: source }, "role/Admin", name), arn: undefined }),
  ],
  [
    "role session by its principal id alone",
    (name) => ({ type: "AssumedRole", principalId: `AROAEXAMPLE:${name}` }),
  ],
  ["workload", (name) => roleSession({ ec2RoleDelivery: "2.0" }, "role/web", name)],
  [
    "assumed root",
    (name, source) => roleSession({ assumedRoot: "true", sourceIdentity: source }, "role/Admin", name),
  ],
  [
    "web identity session of a listed role",
    (name) =>
      roleSession(
        { webIdFederationData: { federatedProvider: "cognito-identity.amazonaws.com" } },
        "role/people/X",
        name,
      ),
  ],
  [
    "permission set with web identity data",
    (name) => roleSession({ webIdFederationData: { attributes: { sub: "x" } } }, permissionSetRole, name),
  ],
  ["permission set's source identity", (source) => permissionSet("alice", { sourceIdentity: source })],
  ["federation token", (name) => federationToken(name)],
  ["federation token without an issuer", (name) => federationToken(name, { sessionContext: {} })],
  [
    "SAML user",
    (name, other) => ({
      type: "SAMLUser",
      principalId: `q:${name}`,
      userName: other,
      identityProvider: "idp",
    }),
  ],
  [
    "web identity user",
    (name, other) => ({
      type: "WebIdentityUser",
      principalId: `p:${name}`,
      userName: other,
      identityProvider: "idp",
    }),
  ],
  [
    "web identity user without a provider",
    (name, other) => ({
      type: "WebIdentityUser",
      accountId: "111122223333",
      principalId: `p:${name}`,
      userName: other,
    }),
  ],
  [
    "role session of another account",
    (name) => ({ type: "AWSAccount", accountId: "999999999999", principalId: `AROAEXAMPLE:${name}` }),
  ],
  ["a type that does not exist yet", (name) => ({ ...roleSession({}, "role/Admin", name), type: "Martian" })],
];

describe("law: text that a caller can choose never changes actor.id", () => {
  test.each(callerWrites)("%s", (_name, identity) => {
    fc.assert(
      fc.property(chosen, chosen, chosen, chosen, fc.string(), (one, two, three, four, userAgent) => {
        const first = actorFor(identity(one, two));
        const second = actorFor(identity(three, four), { userAgent, requestParameters: { name: one } });
        expect(second.id).toBe(first.id);
        expect(second.principal).toBe(first.principal);
        expect(second.person).toBe(first.person);
      }),
      { numRuns: 300 },
    );
  });

  test("while the names that an identity provider writes keep people apart", () => {
    fc.assert(
      fc.property(chosen, chosen, (one, two) => {
        fc.pre(one !== two);
        expect(actorFor(permissionSet(one)).id).not.toBe(actorFor(permissionSet(two)).id);
        expect(actorFor(roleSession({}, "role/people/A", one)).id).not.toBe(
          actorFor(roleSession({}, "role/people/A", two)).id,
        );
        expect(actorFor(identityCenterUser(one)).id).not.toBe(actorFor(identityCenterUser(two)).id);
      }),
    );
  });
});

describe("KnownRoles", () => {
  test.each([
    ["arn:aws:iam::1:role/Admin", "arn:aws:iam::1:role/Admin", true],
    ["arn:aws:iam::1:role/Admin", "arn:aws:iam::1:role/Admin2", false],
    ["arn:aws:iam::*:role/ci-*", "arn:aws:iam::111122223333:role/ci-deploy", true],
    ["arn:aws:iam::*:role/ci-*", "arn:aws:iam::111122223333:role/team/ci-deploy", false],
    ["arn:aws:iam::*:role/*/ci-*", "arn:aws:iam::111122223333:role/team/ci-deploy", true],
    ["*", "arn:aws:iam::1:role/Admin", true],
    ["arn:aws:iam::1:role/a*a", "arn:aws:iam::1:role/a", false],
    ["arn:aws:iam::1:role/a*a", "arn:aws:iam::1:role/aa", true],
    ["*aab*b", "aaabb", true],
  ])("%s and %s: %s", (pattern, arn, expected) => {
    const known = new KnownRoles({ federatedRoles: [pattern], workloadRoles: [] });
    expect([known.isFederated(arn), known.isFederated(arn)]).toEqual([expected, expected]);
    expect(known.isWorkload(arn)).toBe(false);
  });
});
