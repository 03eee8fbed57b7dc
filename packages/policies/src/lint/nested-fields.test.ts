import { parseConfig } from "@streamwarden/config";
import { describe, expect, test } from "vitest";
import { loadPolicies } from "../load/load-policies.ts";

/** What is said of one item of a selection. */
function found(item: string): string[] {
  const text = `title: T\nname: t\nlevel: low\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  a:\n    ${item}\n  condition: a\n`;
  const { problems } = loadPolicies({ files: [{ path: "p.yml", text }] }, parseConfig("", "x.yml"));
  return problems.map(({ severity, code, message, hint }) => `${severity} ${code} ${message} ${hint ?? ""}`);
}

describe("a slip below the top level", () => {
  test.each([
    ["userIdentity.ARN|contains: alice", "userIdentity.ARN", "Did you mean `userIdentity.arn`?"],
    ["userIdentity.username: alice", "userIdentity.username", "Did you mean `userIdentity.userName`?"],
    [
      "userIdentity.sessionContext.sessionissuer.type: Role",
      "userIdentity.sessionContext.sessionissuer",
      "Did you mean `userIdentity.sessionContext.sessionIssuer.type`?",
    ],
    [
      "userIdentity.sessionContext.attributes.mfaAuthentcated: 'false'",
      "userIdentity.sessionContext.attributes.mfaAuthentcated",
      "Did you mean `userIdentity.sessionContext.attributes.mfaAuthenticated`?",
    ],
    [
      "userIdentity.attributes.mfaAuthenticated: 'true'",
      "userIdentity.attributes",
      "`userIdentity` has type, userName,",
    ],
    ["tlsDetails.tlsversion: TLSv1.2", "tlsDetails.tlsversion", "Did you mean `tlsDetails.tlsVersion`?"],
    ["tlsDetails.version: TLSv1.2", "tlsDetails.version", "tlsVersion"],
    ["resources.Arn: x", "resources.Arn", "Did you mean `resources.ARN`?"],
    ["resources.name: x", "resources.name", "`resources` has ARN, arn,"],
    [
      "insightDetails.insighttype: x",
      "insightDetails.insighttype",
      "Did you mean `insightDetails.insightType`?",
    ],
    ["addendum.reasons: x", "addendum.reasons", "Did you mean `addendum.reason`?"],
    ["eventName.value: x", "eventName.value", "`eventName` is a single value, without members."],
    ["userIdentity.arn.name|exists: true", "userIdentity.arn.name", "without members."],
    ["userIdentity.constructor: x", "userIdentity.constructor", "`userIdentity` has"],
    [
      "'userIdentity.ARN|expand': '%TrustedAccounts%'",
      "userIdentity.ARN",
      "Did you mean `userIdentity.arn`?",
    ],
  ])("%s is warned of", (item, name, hint) => {
    const [only, ...others] = found(item);
    expect(only).toContain(`warning unknown-field No record has a field \`${name}\`.`);
    expect(only).toContain(hint);
    expect(others).toEqual([]);
  });
});

describe("an object that is compared with a value", () => {
  test.each([
    ["userIdentity: root", "`userIdentity` is an object, so that `= root` is never true of it."],
    ["userIdentity: [root, admin]", "`userIdentity` is an object"],
    ["userIdentity|startswith: arn:aws:iam", "`userIdentity` is an object"],
    ["userIdentity|endswith: /alice", "`userIdentity` is an object"],
    ["userIdentity: arn*", "`userIdentity` is an object"],
    ["userIdentity|gte: 5", "`userIdentity` is an object"],
    ["tlsDetails: TLSv1.2", "Compare one of its members: tlsVersion, cipherSuite,"],
    ["resources: 'arn:aws:s3:::b'", "Compare one of its members: ARN, arn,"],
    ["userIdentity.sessionContext: Role", "Compare one of its members: sessionIssuer,"],
    [
      "userIdentity.sessionContext.sessionIssuer|cidr: 10.0.0.0/8",
      "`userIdentity.sessionContext.sessionIssuer`",
    ],
  ])("%s is warned of", (item, message) => {
    const [only, ...others] = found(item);
    expect(only).toContain("warning unknown-value");
    expect(only).toContain(message);
    expect(others).toEqual([]);
  });
});

describe("no warning is given of", () => {
  test.each([
    "userIdentity.type: Root",
    "userIdentity.arn|contains: alice",
    "userIdentity.invokedBy|exists: false",
    "userIdentity.invokedByDelegate.accountId: '111122223333'",
    "userIdentity.onBehalfOf.userId: x",
    "userIdentity.inScopeOf.issuerType: AWS::Lambda::Function",
    "userIdentity.sessionContext|exists: true",
    "userIdentity.sessionContext: null",
    "userIdentity.sessionContext.ec2RoleDelivery: '1.0'",
    "userIdentity.sessionContext.assumedRoot: 'true'",
    "userIdentity.sessionContext.sourceIdentity: x",
    "userIdentity.sessionContext.sessionIssuer.userName: Admin",
    "userIdentity.sessionContext.attributes.mfaAuthenticated: 'false'",
    "userIdentity.sessionContext.webIdFederationData.federatedProvider: x",
    "userIdentity.sessionContext.webIdFederationData.attributes.any.thing: x",
    "userIdentity|contains: alice",
    "userIdentity: '*alice*'",
    "userIdentity|re: alice",
    `userIdentity: '{"type":"Root"}'`,
    `userIdentity|startswith: '{"type"'`,
    "tlsDetails.clientProvidedHostHeader|endswith: .amazonaws.com",
    "resources.ARN: x",
    "resources.arn: x",
    "requestParameters: x",
    "requestParameters.Any.thing: x",
    "responseElements.ConsoleLogin: Success",
    "additionalEventData.MFAUsed: 'No'",
    "serviceEventDetails.state: x",
    "edgeDeviceDetails.type: x",
    "insightDetails.insightContext.statistics.baseline.average: 1",
    "insightDetails.insightType: ApiErrorRateInsight",
    "errorCode: AccessDenied",
    "someNewField.of.aws: x",
  ])("%s", (item) => expect(found(item)).toEqual([]));
});
