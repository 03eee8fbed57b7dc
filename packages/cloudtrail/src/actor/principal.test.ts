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
    expect(labels[0]).toBe("u-alice of Identity Center d-1234567890");
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
