import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../record.ts";
import { account, roleSession, root, sessionAttributes, user, webIdentity } from "../testing/identities.ts";
import { createChannelRecord, documentationEvent, record } from "../testing/records.ts";
import { type Actor, actorOf } from "./actor.ts";

const attributes = sessionAttributes;
const oidc = webIdentity;

type Row = [string, unknown, Partial<Actor>, JsonObject?];

const truthTable: Row[] = [
  // IAM users
  [
    "user with a long-term key",
    user({ accessKeyId: "AKIAEXAMPLE" }),
    { kind: "user", mfa: "absent", credential: "long-term-key" },
  ],
  [
    "user without key and session (doc sample Alice)",
    user({ accessKeyId: "" }),
    { kind: "user", mfa: "absent", credential: "long-term-key" },
  ],
  [
    "user with AKIA key and a sessionContext (doc log sample)",
    user({
      accessKeyId: "AKIAEXAMPLE",
      sessionContext: { sessionIssuer: {}, attributes: attributes("false") },
    }),
    { kind: "user", mfa: "absent", credential: "long-term-key" },
  ],
  [
    "user session without MFA",
    user({ accessKeyId: "ASIAEXAMPLE", sessionContext: { attributes: attributes("false") } }),
    { kind: "user", mfa: "absent", credential: "session" },
  ],
  [
    "user session with MFA",
    user({ accessKeyId: "ASIAEXAMPLE", sessionContext: { attributes: attributes("true") } }),
    { kind: "user", mfa: "present", credential: "session" },
  ],
  [
    "user in the console with MFA",
    user({ accessKeyId: "ASIAEXAMPLE", sessionContext: { attributes: attributes("true") } }),
    { kind: "user", mfa: "present", credential: "console" },
    { sessionCredentialFromConsole: "true" },
  ],
  [
    "user session whose flag is missing",
    user({ accessKeyId: "ASIAEXAMPLE", sessionContext: { attributes: attributes() } }),
    { kind: "user", mfa: "unknown", credential: "session" },
  ],
  [
    "user session whose flag cannot be read",
    user({ accessKeyId: "ASIAEXAMPLE", sessionContext: { attributes: attributes("yes") } }),
    { kind: "user", mfa: "unknown", credential: "session" },
  ],
  [
    "user with a long-term key that pretends to be the console",
    user({ accessKeyId: "AKIAEXAMPLE" }),
    { kind: "user", mfa: "absent", credential: "long-term-key" },
    { userAgent: "console.amazonaws.com" },
  ],
  [
    "user through CloudFormation, with the user's session",
    user({ invokedBy: "cloudformation.amazonaws.com", sessionContext: { attributes: attributes("false") } }),
    { kind: "user", mfa: "unknown", credential: "session" },
  ],
  [
    "user through CloudFormation, with the user's long-term key",
    user({ invokedBy: "cloudformation.amazonaws.com", accessKeyId: "AKIAEXAMPLE" }),
    { kind: "user", mfa: "unknown", credential: "long-term-key" },
  ],
  [
    "a service in a user's name without the user's session",
    user({ invokedBy: "autoscaling.amazonaws.com" }),
    { kind: "service", mfa: "not-applicable", credential: "service" },
  ],
  // Root
  [
    "root with a long-term key",
    root({ accessKeyId: "AKIAEXAMPLE" }),
    { kind: "root", mfa: "absent", label: `root of ${account}` },
  ],
  [
    "root session with MFA",
    root({ sessionContext: { attributes: attributes("true") } }),
    { kind: "root", mfa: "present" },
  ],
  [
    "root session without MFA",
    root({ sessionContext: { attributes: attributes("false") } }),
    { kind: "root", mfa: "absent" },
  ],
  [
    "a service in root's name",
    root({ invokedBy: "support.amazonaws.com" }),
    { kind: "service", mfa: "not-applicable" },
  ],
  [
    "assumed root",
    root({
      accessKeyId: "ASIAEXAMPLE",
      sessionContext: { assumedRoot: "true", attributes: attributes("false") },
    }),
    { kind: "root", mfa: "absent", id: `arn:aws:iam::${account}:root` },
  ],
  [
    "assumed root, written as a role session",
    roleSession({ assumedRoot: "true" }),
    { kind: "root", mfa: "absent", id: `arn:aws:iam::${account}:root` },
  ],
  // Role sessions of people
  [
    "role session without MFA",
    roleSession(),
    { kind: "role-session", mfa: "absent", label: "Admin/alice", session: "alice" },
  ],
  [
    "role session with MFA",
    roleSession({ attributes: attributes("true") }),
    { kind: "role-session", mfa: "present" },
  ],
  [
    "role session whose flag is missing",
    roleSession({ attributes: attributes() }),
    { kind: "role-session", mfa: "unknown" },
  ],
  [
    "role session whose flag is a list",
    roleSession({ attributes: attributes(["true"]) }),
    { kind: "role-session", mfa: "unknown" },
  ],
  [
    "role session without an issuer",
    roleSession({ sessionIssuer: {} }),
    { kind: "role-session", id: `arn:aws:iam::${account}:role/Admin`, label: "Admin/alice" },
  ],
  [
    "chained roles: the last role acts",
    roleSession({ sourceIdentity: "alice" }, "role/team/Deploy", "chained"),
    {
      kind: "role-session",
      id: `arn:aws:iam::${account}:role/team/Deploy`,
      mfa: "absent",
      session: "chained",
    },
  ],
  ["identity type Role", { ...roleSession(), type: "Role" }, { kind: "role-session", mfa: "absent" }],
  [
    "role session of temporary delegation",
    roleSession({}, "role/Alice", "Session", { invokedByDelegate: { accountId: "999999999999" } }),
    { kind: "role-session", mfa: "absent" },
  ],
  // Federation: the identity provider may have asked
  [
    "Identity Center permission set",
    roleSession(
      {},
      "role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef",
      "alice@example.com",
    ),
    {
      kind: "federated",
      mfa: "unknown",
      label: "alice@example.com as Admin",
      person: "alice@example.com",
      id: `arn:aws:sts::${account}:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/alice@example.com`,
    },
  ],
  [
    "Identity Center permission set, by name only",
    roleSession({ sessionIssuer: {} }, "role/AWSReservedSSO_Admin_0"),
    { kind: "federated", mfa: "unknown" },
  ],
  ["OpenID Connect session", roleSession(oidc("login.example.com")), { kind: "federated", mfa: "unknown" }],
  [
    "SAML session",
    roleSession({ webIdFederationData: { federatedProvider: `arn:aws:iam::${account}:saml-provider/Okta` } }),
    { kind: "federated", mfa: "unknown" },
  ],
  [
    "on behalf of an Identity Center user",
    roleSession({}, "role/App", "s", { onBehalfOf: { userId: "u-1" } }),
    { kind: "federated", mfa: "unknown" },
  ],
  [
    "federation token of an IAM user",
    {
      type: "FederatedUser",
      arn: `arn:aws:sts::${account}:federated-user/bob`,
      accountId: account,
      sessionContext: { attributes: attributes("false") },
    },
    { kind: "federated", mfa: "absent", label: "federation token bob" },
  ],
  [
    "federation token of an IAM user with MFA",
    {
      type: "FederatedUser",
      arn: `arn:aws:sts::${account}:federated-user/bob`,
      sessionContext: { attributes: attributes("true") },
    },
    { kind: "federated", mfa: "present" },
  ],
  [
    "Identity Center user",
    {
      type: "IdentityCenterUser",
      accountId: account,
      onBehalfOf: { userId: "u-1", identityStoreArn: "arn:aws:identitystore::1:identitystore/d-1" },
    },
    { kind: "federated", mfa: "unknown", id: "arn:aws:identitystore::1:identitystore/d-1/user/u-1" },
  ],
  [
    "Identity Center user written as Unknown",
    { type: "Unknown", accountId: account, onBehalfOf: { userId: "u-1" } },
    { kind: "federated", id: "u-1" },
  ],
  [
    "SAML user at sign-in",
    { type: "SAMLUser", principalId: "p:alice", userName: "alice", identityProvider: "idp" },
    { kind: "federated", mfa: "unknown", id: "idp" },
  ],
  [
    "web identity user at sign-in",
    { type: "WebIdentityUser", principalId: "accounts.google.com:a:b", userName: "b" },
    { kind: "federated", mfa: "unknown", label: "b" },
  ],
  [
    "directory user",
    { type: "Directory", accountId: account, userName: "carol" },
    { kind: "federated", mfa: "unknown" },
  ],
  // Machines
  [
    "EC2 instance",
    roleSession({ ec2RoleDelivery: "2.0" }, "role/web", "i-0123456789abcdef0"),
    { kind: "machine", mfa: "not-applicable" },
  ],
  [
    "EC2 instance, by the session's name only",
    roleSession({}, "role/web", "i-0123456789abcdef0"),
    { kind: "machine", mfa: "unknown" },
  ],
  [
    "Lambda function",
    roleSession({}, "role/fn", "fn", {
      inScopeOf: { issuerType: "AWS::Lambda::Function", sourceArn: "arn:aws:lambda:x" },
    }),
    { kind: "machine", mfa: "not-applicable" },
  ],
  [
    "ECS task",
    roleSession({ inScopeOf: { issuerType: "AWS::ECS::Task" } }, "role/task", "task"),
    { kind: "machine", mfa: "not-applicable" },
  ],
  [
    "service role, by its path only",
    roleSession({}, "role/service-role/builder", "build"),
    { kind: "machine", mfa: "unknown" },
  ],
  [
    "EKS pod",
    roleSession(oidc("oidc.eks.eu-west-1.amazonaws.com/id/0123")),
    { kind: "machine", mfa: "not-applicable" },
  ],
  [
    "GitHub workflow",
    roleSession(oidc("token.actions.githubusercontent.com")),
    { kind: "machine", mfa: "not-applicable" },
  ],
  [
    "a look-alike of GitHub's issuer",
    roleSession(oidc("token.actions.githubusercontent.com.evil.example")),
    { kind: "federated", mfa: "unknown" },
  ],
  // Services
  [
    "AWS service",
    { type: "AWSService", invokedBy: "ivs.amazonaws.com" },
    { kind: "service", mfa: "not-applicable", id: "ivs.amazonaws.com", credential: "service" },
  ],
  [
    "service-linked role",
    roleSession({}, "role/aws-service-role/ivs.amazonaws.com/AWSServiceRoleForIVS", "s"),
    { kind: "service", mfa: "not-applicable", credential: "service" },
  ],
  // Other accounts
  [
    "principal of another account",
    { type: "AWSAccount", principalId: "AIDAEXAMPLE", accountId: "999999999999" },
    { kind: "account", mfa: "unknown", id: "999999999999/AIDAEXAMPLE", crossAccount: true },
  ],
  [
    "another account",
    { type: "AWSAccount", accountId: "999999999999" },
    { kind: "account", id: "999999999999" },
  ],
  [
    "role of another account",
    { ...roleSession(), accountId: "999999999999" },
    { kind: "role-session", crossAccount: true },
  ],
  // Nothing to go by
  ["Unknown", { type: "Unknown", principalId: "p" }, { kind: "unknown", mfa: "unknown", id: "p" }],
  [
    "a type that does not exist yet",
    { type: "Martian", arn: "arn:x" },
    { kind: "unknown", mfa: "unknown", id: "arn:x" },
  ],
  [
    "a claim of MFA by a type that does not exist yet",
    { type: "Martian", sessionContext: { attributes: attributes("true") } },
    { kind: "unknown", mfa: "present" },
  ],
  [
    "no identity",
    undefined,
    { kind: "unknown", mfa: "unknown", id: "unknown", credential: "unknown", crossAccount: false },
  ],
  ["null", null, { kind: "unknown", mfa: "unknown" }],
  ["a list", [], { kind: "unknown", mfa: "unknown" }],
  // Sign-in, before there is a session
  [
    "console sign-in with MFA",
    user(),
    { kind: "user", mfa: "present", credential: "console" },
    {
      eventSource: "signin.amazonaws.com",
      eventName: "ConsoleLogin",
      additionalEventData: { MFAUsed: "Yes" },
    },
  ],
  [
    "console sign-in without MFA",
    user(),
    { kind: "user", mfa: "absent", credential: "console" },
    {
      eventSource: "signin.amazonaws.com",
      eventName: "ConsoleLogin",
      additionalEventData: { MFAUsed: "No" },
    },
  ],
  [
    "federated console sign-in always says No",
    roleSession({}, "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0"),
    { kind: "federated", mfa: "unknown" },
    {
      eventSource: "signin.amazonaws.com",
      eventName: "ConsoleLogin",
      additionalEventData: { MFAUsed: "No" },
    },
  ],
];

describe("actorOf", () => {
  test.each(truthTable)("%s", (_name, userIdentity, expected, overrides = {}) => {
    expect(actorOf(record({ userIdentity, ...overrides }))).toMatchObject(expected);
  });

  test("reads the documentation's CreateChannel record", () => {
    expect(actorOf(createChannelRecord())).toEqual({
      id: "arn:aws:iam::123456789012:role/Admin",
      principal: "arn:aws:iam::123456789012:role/Admin",
      session: "1234567890123456789",
      kind: "role-session",
      label: "First_Streamer/1234567890123456789",
      account: "123456789012",
      crossAccount: false,
      mfa: "absent",
      credential: "console",
    });
  });

  test.each([
    ["IAMUser_long_term_key", "user", "absent"],
    ["AssumedRole", "role-session", "absent"],
    ["IdentityCenterUser", "federated", "unknown"],
    ["AssumedRole_temporary_delegation", "role-session", "absent"],
    ["WebIdentityUser", "federated", "unknown"],
    ["AWSAccount_cross_account", "account", "unknown"],
  ])("reads the documentation's identity %s", (name, kind, mfa) => {
    const userIdentity = documentationEvent("cloudtrail-userIdentity-shapes.aws-doc.json")[name];
    expect(actorOf(record({ userIdentity }))).toMatchObject({ kind, mfa });
  });

  test("keeps two principals of one foreign account apart", () => {
    const ids = ["AIDAONE", "AIDATWO"].map(
      (principalId) =>
        actorOf(record({ userIdentity: { type: "AWSAccount", accountId: "999999999999", principalId } })).id,
    );
    expect(new Set(ids).size).toBe(2);
  });

  test("bounds long names without merging those who bear them", () => {
    const ids = ["a", "b"].map(
      (end) => actorOf(record({ userIdentity: user({ arn: `${"x".repeat(1_000_000)}${end}` }) })).id,
    );
    expect(ids[0]).not.toBe(ids[1]);
    for (const id of ids) expect(id.length).toBeLessThanOrEqual(1024);
  });
});

describe("actorOf is total", () => {
  const types = [
    "Root",
    "IAMUser",
    "AssumedRole",
    "Role",
    "FederatedUser",
    "Directory",
    "AWSAccount",
    "AWSService",
  ];
  const identities = fc.record(
    {
      type: fc.oneof(fc.constantFrom(...types, "IdentityCenterUser", "SAMLUser", "Unknown"), fc.jsonValue()),
      arn: fc.jsonValue(),
      accountId: fc.jsonValue(),
      principalId: fc.jsonValue(),
      invokedBy: fc.jsonValue(),
      accessKeyId: fc.jsonValue(),
      onBehalfOf: fc.jsonValue(),
      inScopeOf: fc.jsonValue(),
      sessionContext: fc.oneof(
        fc.jsonValue(),
        fc.record({
          attributes: fc.record({ mfaAuthenticated: fc.jsonValue(), creationDate: fc.jsonValue() }),
          sessionIssuer: fc.jsonValue(),
          webIdFederationData: fc.jsonValue(),
        }),
      ),
    },
    { requiredKeys: [] },
  );

  test("never throws, and never says that MFA is present without an explicit true", () => {
    fc.assert(
      fc.property(
        fc.oneof(identities, fc.jsonValue()),
        fc.jsonValue(),
        (userIdentity, recipientAccountId) => {
          const actor = actorOf({ userIdentity, recipientAccountId });
          expect(actor.id).not.toBe("");
          expect(actor.label).not.toBe("");
          if (!/"mfaAuthenticated":"?true/.test(JSON.stringify(userIdentity)))
            expect(actor.mfa).not.toBe("present");
        },
      ),
      { numRuns: 1000 },
    );
  });
});
