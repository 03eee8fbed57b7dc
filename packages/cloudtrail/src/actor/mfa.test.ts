import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../record.ts";
import {
  account,
  federationToken,
  identityCenterUser,
  permissionSet,
  roleSession,
  root,
  sessionAttributes,
  user,
  webIdentity,
} from "../testing/identities.ts";
import { record } from "../testing/records.ts";
import { actorOf } from "./actor.ts";
import type { MfaState } from "./actor-kind.ts";
import { KnownRoles } from "./known-roles.ts";

/*
 * The truth table, generated: every identity with every spelling of the flag, and again with every mark that AWS writes.
 * Sources: "CloudTrail userIdentity element" (what `mfaAuthenticated` means, `invokedBy`, `inScopeOf`, `onBehalfOf`); IAM
 * user guide, `aws:MultiFactorAuthPresent` (absent for long-term keys, and "false" for federation whatever the identity
 * provider asked); CloudTrail record reference, `sourceIPAddress` (a service's DNS name where a service made the call).
 */

const roles = new KnownRoles({
  federatedRoles: [`arn:aws:iam::${account}:role/people/*`],
  workloadRoles: ["arn:aws:iam::*:role/ci-*"],
});

/** Spellings of `sessionContext.attributes.mfaAuthenticated`; the first has no flag. */
const flags = {
  missing: [undefined],
  true: ["true", true, "True", "TRUE"],
  false: ["false", false, "False", "FALSE"],
  unreadable: ["yes", 1, ["true"], null],
} as const;
type Flag = keyof typeof flags;
const columns: readonly Flag[] = ["missing", "true", "false", "unreadable"];

function withFlag(context: JsonObject, flag: unknown): JsonObject {
  return {
    ...context,
    attributes: sessionAttributes(flag),
  };
}
const session = { accessKeyId: "ASIAEXAMPLE" };
const letters: Readonly<Record<string, MfaState>> = {
  P: "present",
  A: "absent",
  U: "unknown",
  N: "not-applicable",
};

/** Identity, what it gives for a flag that is missing, true, false, unreadable, and how it is written with a flag. */
const grid: readonly (readonly [string, string, (flag: unknown) => JsonObject])[] = [
  ["user session", "UPAU", (flag) => user({ ...session, sessionContext: withFlag({}, flag) })],
  ["root session", "UPAU", (flag) => root({ ...session, sessionContext: withFlag({}, flag) })],
  [
    "user's long-term key with a context",
    "APAU",
    (flag) => user({ accessKeyId: "AKIAEXAMPLE", sessionContext: withFlag({}, flag) }),
  ],
  [
    "root's long-term key with a context",
    "APAU",
    (flag) => root({ accessKeyId: "AKIAEXAMPLE", sessionContext: withFlag({}, flag) }),
  ],
  ["role session", "UPAU", (flag) => roleSession(withFlag({}, flag))],
  [
    "role session with a source identity",
    "UPAU",
    (flag) => roleSession(withFlag({ sourceIdentity: "alice" }, flag)),
  ],
  [
    "assumed root",
    "UPAU",
    (flag) => root({ ...session, sessionContext: withFlag({ assumedRoot: "true" }, flag) }),
  ],
  ["federation token", "UPAU", (flag) => federationToken("bob", { sessionContext: withFlag({}, flag) })],
  [
    "permission set",
    "UPUU",
    (flag) =>
      permissionSet("alice@example.com", { sessionContext: withFlag(contextOf(permissionSet("a")), flag) }),
  ],
  ["web identity", "UPUU", (flag) => roleSession(withFlag(webIdentity("login.example.com"), flag))],
  [
    "on behalf of an Identity Center user",
    "UPUU",
    (flag) => roleSession(withFlag({}, flag), "role/App", "s", { onBehalfOf: { userId: "u-1" } }),
  ],
  [
    "Identity Center user",
    "UPUU",
    (flag) => ({ ...identityCenterUser("u-1"), sessionContext: withFlag({}, flag) }),
  ],
  ["listed as federated", "UPUU", (flag) => roleSession(withFlag({}, flag), "role/people/Admin")],
  ["listed as workload", "UPUU", (flag) => roleSession(withFlag({}, flag), "role/ci-deploy")],
  [
    "role under /service-role/",
    "UPUU",
    (flag) => roleSession(withFlag({}, flag), "role/service-role/builder"),
  ],
  [
    "foreign account",
    "UPUU",
    (flag) => ({ type: "AWSAccount", accountId: "999999999999", sessionContext: withFlag({}, flag) }),
  ],
  [
    "service-linked role",
    "NNNN",
    (flag) => roleSession(withFlag({}, flag), "role/aws-service-role/x/AWSServiceRoleForX"),
  ],
  [
    "service",
    "NNNN",
    (flag) => ({ type: "AWSService", invokedBy: "ivs.amazonaws.com", sessionContext: withFlag({}, flag) }),
  ],
];

function contextOf({ sessionContext }: JsonObject): JsonObject {
  return sessionContext as JsonObject;
}

function mfaOf(userIdentity: unknown, overrides: JsonObject = {}): MfaState {
  return actorOf(record({ userIdentity, ...overrides }), roles).mfa;
}

const cells = grid.flatMap(([name, states, identity]) =>
  columns.flatMap((flag, column) =>
    flags[flag].map((written) => ({
      name: `${name}, flag ${written === undefined ? "missing" : JSON.stringify(written)}`,
      identity: identity(written),
      flag,
      expected: letters[states[column] ?? ""],
    })),
  ),
);

/** Marks that AWS writes into a record which it carries or whose credentials it handed to a workload. */
const marks: readonly (readonly [string, (identity: JsonObject) => JsonObject, JsonObject?])[] = [
  ["CloudFormation", (identity) => ({ ...identity, invokedBy: "cloudformation.amazonaws.com" })],
  ["API Gateway", (identity) => ({ ...identity, invokedBy: "apigateway.amazonaws.com" })],
  ["Step Functions", (identity) => ({ ...identity, invokedBy: "states.amazonaws.com" })],
  ["Config", (identity) => ({ ...identity, invokedBy: "config.amazonaws.com" })],
  ["EKS Pod Identity", (identity) => ({ ...identity, invokedBy: "pods.eks.amazonaws.com" })],
  ["CodeBuild", (identity) => ({ ...identity, invokedBy: "codebuild.amazonaws.com" })],
  ["Roles Anywhere", (identity) => ({ ...identity, invokedBy: "rolesanywhere.amazonaws.com" })],
  ["AWS itself", (identity) => ({ ...identity, invokedBy: "AWS Internal" })],
  ["a service's address", (identity) => identity, { sourceIPAddress: "cloudformation.amazonaws.com" }],
  ["a Lambda function", (identity) => ({ ...identity, inScopeOf: { issuerType: "AWS::Lambda::Function" } })],
  [
    "an EC2 instance",
    (identity) => ({ ...identity, sessionContext: { ...contextOf(identity), ec2RoleDelivery: "2.0" } }),
  ],
  [
    "an EKS pod",
    (identity) => ({
      ...identity,
      sessionContext: { ...contextOf(identity), ...webIdentity("oidc.eks.eu-west-1.amazonaws.com/id/0123") },
    }),
  ],
];

describe("mfaState", () => {
  test("has a table of at least 60 rows", () => expect(cells.length).toBeGreaterThanOrEqual(60));

  test.each(cells)("$name: $expected", ({ identity, expected }) => {
    expect(mfaOf(identity)).toBe(expected);
  });

  test.each([
    ["a user whose key the record does not show", user({ accessKeyId: "" }), "absent"],
    ["a user's long-term key", user({ accessKeyId: "AKIAEXAMPLE" }), "absent"],
    ["root's long-term key", root({ accessKeyId: "AKIAEXAMPLE" }), "absent"],
    ["a temporary key without a context", user({ accessKeyId: "ASIAEXAMPLE" }), "unknown"],
    ["a federation token without a flag", federationToken("bob", { sessionContext: {} }), "unknown"],
  ] as const)("%s: %3$s", (_name, identity, expected) => expect(mfaOf(identity)).toBe(expected));

  test.each([
    ["Yes", user(), "present"],
    ["No", user(), "absent"],
    ["No", root(), "absent"],
    [undefined, user(), "unknown"],
    ["No", permissionSet("alice@example.com"), "unknown"],
    ["Yes", permissionSet("alice@example.com"), "present"],
  ] as const)("reads MFAUsed %s at a console sign-in", (used, identity, expected) => {
    const signIn = { eventSource: "signin.amazonaws.com", additionalEventData: { MFAUsed: used } };
    expect(mfaOf(identity, signIn)).toBe(expected);
  });

  test.each([
    ["without its data", { eventSource: "signin.amazonaws.com" }, "unknown"],
    [
      "with data of another form",
      { eventSource: "signin.amazonaws.com", additionalEventData: "Yes" },
      "unknown",
    ],
    ["of another service, whose data are its own", { additionalEventData: { MFAUsed: "Yes" } }, "absent"],
  ] as const)("takes nothing from a sign-in %s", (_name, overrides, expected) => {
    expect(mfaOf(user(), overrides)).toBe(expected);
  });

  test.each([
    ["a service's name", "ivs.amazonaws.com", "unknown"],
    ["a name with digits and dashes", "ec2-1.amazonaws.com", "unknown"],
    ["what has one within", "ivs.amazonaws.com.example", "absent"],
    ["what ends like one", "not one: ivs.amazonaws.com", "absent"],
    ["a list of one", ["ivs.amazonaws.com"], "absent"],
    ["an address", "192.0.2.1", "absent"],
    ["nothing", undefined, "absent"],
  ] as const)("takes for the address of a service: %s", (_name, sourceIPAddress, expected) => {
    expect(mfaOf(roleSession(), { sourceIPAddress })).toBe(expected);
  });

  test.each([
    ["a user with the mark of an instance", user({ sessionContext: { ec2RoleDelivery: "2.0" } }), "unknown"],
    [
      "a federation token of a service-linked role",
      federationToken("bob", {
        sessionContext: {
          ...withFlag({}, "false"),
          sessionIssuer: { arn: `arn:aws:iam::${account}:role/aws-service-role/x/AWSServiceRoleForX` },
        },
      }),
      "unknown",
    ],
    [
      "a federation token on behalf of an Identity Center user",
      federationToken("bob", { onBehalfOf: { userId: "u-1" } }),
      "unknown",
    ],
  ] as const)("claims nothing of %s", (_name, identity, expected) => expect(mfaOf(identity)).toBe(expected));

  test.each(marks.map(([name, mark, overrides]) => ({ name, mark, overrides })))(
    "with the mark of $name nothing is absent, and a user's proof of presence stays",
    ({ mark, overrides }) => {
      for (const { identity, flag, expected, name } of cells) {
        const marked = mfaOf(mark(identity), overrides);
        expect(marked, name).not.toBe("absent");
        if (flag === "true" && expected === "present")
          expect(["present", "not-applicable"], name).toContain(marked);
      }
    },
  );

  test("law: adding marks never yields absent, whatever else the record says", () => {
    const anyCell = fc.constantFrom(...cells);
    const someMarks = fc.subarray([...marks], { minLength: 1 });
    fc.assert(
      fc.property(anyCell, someMarks, fc.string(), fc.string(), ({ identity }, added, agent, source) => {
        let userIdentity: JsonObject = {
          ...identity,
          sessionContext: { ...contextOf(identity), sourceIdentity: source },
        };
        let overrides: JsonObject = { userAgent: agent };
        for (const [, mark, parts = {}] of added) {
          userIdentity = mark(userIdentity);
          overrides = { ...overrides, ...parts };
        }
        expect(mfaOf(userIdentity, overrides)).not.toBe("absent");
      }),
      { numRuns: 2000 },
    );
  });

  test("law: no name that a caller can choose takes absent away", () => {
    const names = fc.constantFrom(
      "AWSCodeBuild-0123",
      "AWSCloudFormation",
      "eks-prod-pod-0123",
      "CN=host",
      "BackplaneAssumeRoleSession",
    );
    fc.assert(
      fc.property(names, names, (name, source) => {
        expect(mfaOf(roleSession({ sourceIdentity: source }, "role/Admin", name), { userAgent: name })).toBe(
          "absent",
        );
      }),
    );
  });
});
