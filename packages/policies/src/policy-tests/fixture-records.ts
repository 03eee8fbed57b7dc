import type { JsonObject } from "@streamwarden/cloudtrail";

const account = "111122223333";
const began = { creationDate: "2026-01-02T03:00:00Z" };

function session(role: string, name: string, mfaAuthenticated: string, context: JsonObject = {}): JsonObject {
  return {
    type: "AssumedRole",
    principalId: `AROAEXAMPLE:${name}`,
    arn: `arn:aws:sts::${account}:assumed-role/${role.split("/").at(-1)}/${name}`,
    accountId: account,
    accessKeyId: "ASIAEXAMPLE",
    sessionContext: {
      sessionIssuer: {
        type: "Role",
        principalId: "AROAEXAMPLE",
        arn: `arn:aws:iam::${account}:role/${role}`,
        accountId: account,
        userName: role.split("/").at(-1),
      },
      webIdFederationData: {},
      attributes: { ...began, mfaAuthenticated },
      ...context,
    },
  };
}
function user(parts: JsonObject): JsonObject {
  return {
    type: "IAMUser",
    principalId: "AIDAEXAMPLE",
    arn: `arn:aws:iam::${account}:user/alice`,
    accountId: account,
    userName: "alice",
    ...parts,
  };
}
function root(parts: JsonObject): JsonObject {
  return {
    type: "Root",
    principalId: account,
    arn: `arn:aws:iam::${account}:root`,
    accountId: account,
    ...parts,
  };
}
function temporary(mfaAuthenticated: string): JsonObject {
  return {
    accessKeyId: "ASIAEXAMPLE",
    sessionContext: { attributes: { ...began, mfaAuthenticated } },
  };
}

/** The identities that tests name with `actor:`, as CloudTrail writes them. */
export const fixtureActors: Readonly<Record<string, JsonObject>> = {
  "user-with-mfa": user(temporary("true")),
  "user-without-mfa": user(temporary("false")),
  "user-with-access-key": user({ accessKeyId: "AKIAEXAMPLE" }),
  "root-with-mfa": root(temporary("true")),
  "root-without-mfa": root(temporary("false")),
  "assumed-root": root({
    accessKeyId: "ASIAEXAMPLE",
    sessionContext: { assumedRoot: "true", attributes: { ...began, mfaAuthenticated: "false" } },
  }),
  "role-with-mfa": session("Admin", "alice", "true"),
  "role-without-mfa": session("Admin", "alice", "false"),
  "single-sign-on": session(
    "aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Operator_0123456789abcdef",
    "alice@example.com",
    "false",
  ),
  "federation-token-without-mfa": {
    type: "FederatedUser",
    principalId: `${account}:bob`,
    arn: `arn:aws:sts::${account}:federated-user/bob`,
    accountId: account,
    ...temporary("false"),
  },
  "ec2-instance": session("web", "i-0123456789abcdef0", "false", { ec2RoleDelivery: "2.0" }),
  "named-like-ec2-instance": session("web", "i-0123456789abcdef0", "false"),
  "lambda-function": session("provisioning", "provisioning", "false", {
    inScopeOf: {
      issuerType: "AWS::Lambda::Function",
      sourceArn: `arn:aws:lambda:us-east-1:${account}:function:provisioning`,
    },
  }),
  "aws-service": { type: "AWSService", invokedBy: "ivs.amazonaws.com" },
  "service-as-root": root({ invokedBy: "support.amazonaws.com" }),
  "other-account": { type: "AWSAccount", principalId: "AIDAOTHER", accountId: "999988887777" },
  unknown: { type: "Unknown", principalId: "EXAMPLE", accountId: account },
};

/** The CreateChannel record of the Amazon IVS user guide (LowLatencyUserGuide/cloudtrail.html), verbatim. */
const documentationCreateChannel: JsonObject = {
  eventVersion: "1.05",
  userIdentity: {
    type: "AssumedRole",
    principalId: "ABCDEFGHIJK1L2EXAMPLE:account_name",
    arn: "arn:aws:sts::123456789012:assumed-role/First_Streamer/1234567890123456789",
    accountId: "123456789012",
    accessKeyId: "ABCDEFGHIJKL1EXAMPLE",
    sessionContext: {
      sessionIssuer: {
        type: "Role",
        principalId: "ABCDEFGHIJK1L2EXAMPLE",
        arn: "arn:aws:iam::123456789012:role/Admin",
        accountId: "123456789012",
        userName: "First_Streamer",
      },
      webIdFederationData: {},
      attributes: { mfaAuthenticated: "false", creationDate: "2020-04-02T20:57:43Z" },
    },
  },
  eventTime: "2020-04-02T20:57:46Z",
  eventSource: "ivs.amazonaws.com",
  eventName: "CreateChannel",
  awsRegion: "us-west-2",
  sourceIPAddress: "10.10.10.10",
  userAgent: "console.amazonaws.com",
  requestParameters: { name: "default" },
  responseElements: {
    channel: {
      arn: "arn:aws:ivs:us-west-2:123456789012:channel/1EXAMPLE",
      authorized: false,
      ingestEndpoint: "EXAMPLE.global-contribute.live-video.net",
      latencyMode: "LOW",
      name: "default",
      playbackUrl: "https://EXAMPLE.m3u8",
      tags: {},
    },
    streamKey: {
      arn: "arn:aws:ivs:us-west-2:123456789012:stream-key/2EXAMPLE",
      channelArn: "arn:aws:ivs:us-west-2:123456789012:channel/1EXAMPLE",
      tags: {},
    },
  },
  requestID: "12a34bc5-EXAMPLE",
  eventID: "a1b2c3de-EXAMPLE",
  readOnly: false,
  eventType: "AwsApiCall",
  recipientAccountId: "123456789012",
};

/** The records that tests name with `extends:`. */
export const fixtureRecords: Readonly<Record<string, JsonObject>> = {
  /** A successful IVS call by a user with MFA. */
  call: {
    eventVersion: "1.11",
    userIdentity: fixtureActors["user-with-mfa"],
    eventTime: "2026-01-02T03:04:05Z",
    eventSource: "ivs.amazonaws.com",
    eventName: "GetChannel",
    awsRegion: "us-east-1",
    sourceIPAddress: "203.0.113.10",
    userAgent: "aws-cli/2.27.0",
    requestParameters: {},
    responseElements: null,
    requestID: "11111111-1111-4111-8111-111111111111",
    eventID: "22222222-2222-4222-8222-222222222222",
    readOnly: false,
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: "Management",
  },
  "documentation-create-channel": documentationCreateChannel,
};
