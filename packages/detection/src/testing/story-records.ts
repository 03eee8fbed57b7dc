/** The moment at which stories begin. */
export const storyStart = Date.parse("2026-03-04T02:00:00Z");
const account = "444455556666";

/** One CloudTrail record of a story: who calls what, when, from where. */
export interface StoryCall {
  readonly id: string;
  /** Seconds after the story begins. */
  readonly at: number;
  readonly by: object;
  readonly operation: string;
  readonly request?: object;
  readonly from?: string;
  readonly change?: object;
}

/** The text of a message with one record. */
export function storyRecord({ id, at, by, operation, request, from, change }: StoryCall): string {
  return JSON.stringify({
    eventVersion: "1.11",
    userIdentity: by,
    eventTime: new Date(storyStart + at * 1000).toISOString().replace(".000Z", "Z"),
    eventSource: /Room|Chat/.test(operation) ? "ivschat.amazonaws.com" : "ivs.amazonaws.com",
    eventName: operation,
    awsRegion: "eu-west-1",
    sourceIPAddress: from ?? "203.0.113.40",
    userAgent: "aws-cli/2.31.0",
    requestParameters: request ?? null,
    responseElements: null,
    requestID: `request-${id}`,
    eventID: id,
    readOnly: /^(Get|List)/.test(operation),
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: "Management",
    ...change,
  });
}

export function arnOf(type: string, name: string): string {
  return `arn:aws:ivs:eu-west-1:${account}:${type}/${name}`;
}

/** A session of a permission set, as Identity Center issues it. */
export function permissionSet(name: string, person: string, key = `ASIA${person.toUpperCase()}`): object {
  const role = `AWSReservedSSO_${name}_0011223344556677`;
  const path = "aws-reserved/sso.amazonaws.com/eu-west-1";
  return roleSession(role, person, { key, path, mfaAuthenticated: "false" });
}

export function roleSession(
  role: string,
  session: string,
  given: {
    readonly key?: string;
    readonly path?: string;
    readonly mfaAuthenticated?: string;
    readonly sourceIdentity?: string;
    readonly started?: string;
  } = {},
): object {
  const { key = "ASIAEXAMPLEROLE", path = "app", mfaAuthenticated = "false", sourceIdentity } = given;
  return {
    type: "AssumedRole",
    principalId: `AROA${role.slice(0, 8)}:${session}`,
    arn: `arn:aws:sts::${account}:assumed-role/${role}/${session}`,
    accountId: account,
    accessKeyId: key,
    sessionContext: {
      sessionIssuer: {
        type: "Role",
        principalId: `AROA${role.slice(0, 8)}`,
        arn: `arn:aws:iam::${account}:role/${path}/${role}`,
        accountId: account,
        userName: role,
      },
      attributes: { creationDate: given.started ?? "2026-03-04T01:50:00Z", mfaAuthenticated },
      ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
    },
  };
}

export function iamUser(name: string, key = "AKIAEXAMPLEUSER"): object {
  return {
    type: "IAMUser",
    principalId: `AIDA${name.toUpperCase()}`,
    arn: `arn:aws:iam::${account}:user/${name}`,
    accountId: account,
    accessKeyId: key,
    userName: name,
  };
}

export const root: object = {
  type: "Root",
  principalId: account,
  arn: `arn:aws:iam::${account}:root`,
  accountId: account,
  accessKeyId: "ASIAEXAMPLEROOT",
  sessionContext: { attributes: { creationDate: "2026-03-04T01:50:00Z", mfaAuthenticated: "true" } },
};

/** A session of `GetFederationToken`, whose name the user chose. */
export function federationToken(user: string, name: string): object {
  return {
    type: "FederatedUser",
    principalId: `${account}:${name}`,
    arn: `arn:aws:sts::${account}:federated-user/${name}`,
    accountId: account,
    accessKeyId: "ASIAEXAMPLEFEDERATION",
    sessionContext: {
      sessionIssuer: {
        type: "IAMUser",
        principalId: `AIDA${user.toUpperCase()}`,
        arn: `arn:aws:iam::${account}:user/${user}`,
        accountId: account,
        userName: user,
      },
      attributes: { creationDate: "2026-03-04T01:50:00Z", mfaAuthenticated: "false" },
    },
  };
}

export function identityCenterUser(userId: string): object {
  return {
    type: "IdentityCenterUser",
    accountId: account,
    onBehalfOf: { userId, identityStoreArn: `arn:aws:identitystore::${account}:identitystore/d-0a1b2c3d4e` },
    credentialId: `credential-of-${userId}`,
  };
}
