import { ivsOperations, type JsonObject } from "@streamwarden/cloudtrail";
import { pick, type Random, sequence } from "./random.ts";

const account = "123456789012";

/** Who calls: roles of backends mostly, one in `oneIn` a person without MFA. */
function identity(next: Random, oneIn: number): JsonObject {
  if (next(oneIn) === 0) {
    const person = `person-${next(10)}`;
    return {
      type: "IAMUser",
      principalId: "AIDAEXAMPLE",
      arn: `arn:aws:iam::${account}:user/${person}`,
      accountId: account,
      accessKeyId: "AKIAIOSFODNN7EXAMPLE",
      userName: person,
    };
  }
  const role = `backend-${next(20)}`;
  return {
    type: "AssumedRole",
    principalId: `AROAEXAMPLE:${role}`,
    arn: `arn:aws:sts::${account}:assumed-role/${role}/session-${next(100)}`,
    accountId: account,
    accessKeyId: "ASIAIOSFODNN7EXAMPLE",
    sessionContext: {
      sessionIssuer: {
        type: "Role",
        principalId: "AROAEXAMPLE",
        arn: `arn:aws:iam::${account}:role/${role}`,
        accountId: account,
        userName: role,
      },
      attributes: { creationDate: "2026-01-01T00:00:00Z", mfaAuthenticated: "false" },
      ec2RoleDelivery: "2.0",
    },
  };
}

/** Many versions of the SDK are in use at a time, and each says so. */
function userAgent(minor: number): string {
  return `aws-sdk-js/3.${1100 + minor}.0 os/linux lang/js md/nodejs#24.21.0 api/client#3.${1100 + minor}.0`;
}

function frame(index: number, source: string, next: Random, oneIn: number): JsonObject {
  return {
    eventVersion: "1.11",
    userIdentity: identity(next, oneIn),
    eventTime: new Date(Date.UTC(2026, 0, 1) + index * 20_000).toISOString().replace(/\.\d+/, ""),
    awsRegion: "us-east-1",
    sourceIPAddress: `198.51.100.${next(255)}`,
    userAgent: userAgent(index % 53),
    requestID: `${index}`.padStart(36, "a"),
    eventID: `${index}`.padStart(36, "e"),
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: "Management",
    tlsDetails: {
      tlsVersion: "TLSv1.3",
      cipherSuite: "TLS_AES_128_GCM_SHA256",
      clientProvidedHostHeader: source.replace(".", ".us-east-1."),
    },
  };
}

/** Calls over the whole IVS catalog: the worst case, because every record is one that policies are about. */
export function ivsRecords(count: number): JsonObject[] {
  const next = sequence(42);
  return Array.from({ length: count }, (_, index) => ivsRecord(index, next));
}

function ivsRecord(index: number, next: Random): JsonObject {
  const operation = ivsOperations[next(ivsOperations.length)];
  const source = operation?.eventSource ?? "ivs.amazonaws.com";
  const parameters: JsonObject = {
    arn: `arn:aws:ivs:us-east-1:${account}:channel/${next(1000).toString(36).padStart(12, "A")}`,
    name: `channel-${next(1000)}`,
    maxResults: 50,
    tags: { team: "live", stage: "prod" },
    ...(next(40) === 0 ? { insecureIngest: true } : {}),
    ...(next(40) === 0 ? { authorized: false } : {}),
  };
  return {
    ...frame(index, source, next, 50),
    eventSource: source,
    eventName: operation?.operation,
    requestParameters: parameters,
    responseElements: null,
    readOnly: operation?.access !== "write",
  };
}

type Call = readonly [
  source: string,
  name: string,
  readOnly: boolean,
  request: (next: Random) => JsonObject | null,
  response?: (next: Random) => JsonObject,
];

function hex(next: Random): string {
  return next(0xff_ff_ff_ff).toString(16).padStart(8, "0");
}
function none(): null {
  return null;
}
function items(key: string, field: string, most: number) {
  return (next: Random) => ({
    [key]: { items: Array.from({ length: 1 + next(most) }, () => ({ [field]: `${field}-${hex(next)}` })) },
  });
}
function named(field: string) {
  return (next: Random) => ({ [field]: `${field}-${next(500)}` });
}

/** What an account that does other things than streaming calls all day, with the sizes that such records have. */
export const generalCalls: readonly [Call, ...Call[]] = [
  [
    "kms.amazonaws.com",
    "Decrypt",
    true,
    (next) => ({
      encryptionAlgorithm: "SYMMETRIC_DEFAULT",
      encryptionContext: { "aws:s3:arn": `arn:aws:s3:::bucket-${next(90)}/object-${hex(next)}` },
    }),
  ],
  [
    "kms.amazonaws.com",
    "GenerateDataKey",
    true,
    (next) => ({ keyId: `alias/key-${next(50)}`, numberOfBytes: 32 }),
  ],
  [
    "sts.amazonaws.com",
    "AssumeRole",
    true,
    (next) => ({
      roleArn: `arn:aws:iam::${account}:role/backend-${next(20)}`,
      roleSessionName: `session-${next(100)}`,
      durationSeconds: 3600,
    }),
    (next) => ({
      credentials: {
        accessKeyId: "ASIAIOSFODNN7EXAMPLE",
        sessionToken: "x".repeat(380),
        expiration: "Jan 1, 2026, 1:00:00 AM",
      },
      assumedRoleUser: {
        assumedRoleId: `AROAEXAMPLE:${next(100)}`,
        arn: `arn:aws:sts::${account}:assumed-role/backend-${next(20)}/x`,
      },
    }),
  ],
  ["ec2.amazonaws.com", "DescribeInstances", true, items("instancesSet", "instanceId", 20)],
  [
    "ec2.amazonaws.com",
    "DescribeNetworkInterfaces",
    true,
    items("networkInterfaceIdSet", "networkInterfaceId", 10),
  ],
  ["ec2.amazonaws.com", "DescribeVolumes", true, items("volumeSet", "volumeId", 30)],
  [
    "ec2.amazonaws.com",
    "CreateNetworkInterface",
    false,
    named("subnetId"),
    items("networkInterface", "privateIp", 5),
  ],
  [
    "ec2.amazonaws.com",
    "RunInstances",
    false,
    items("instancesSet", "imageId", 4),
    items("instancesSet", "instanceId", 60),
  ],
  ["ec2.amazonaws.com", "CreateTags", false, items("resourcesSet", "resourceId", 8)],
  [
    "s3.amazonaws.com",
    "GetBucketAcl",
    true,
    (next) => ({ bucketName: `bucket-${next(90)}`, Host: "s3.amazonaws.com", acl: "" }),
  ],
  ["s3.amazonaws.com", "ListBuckets", true, named("Host")],
  [
    "s3.amazonaws.com",
    "PutObject",
    false,
    (next) => ({ bucketName: `bucket-${next(90)}`, key: `logs/${hex(next)}.gz`, "x-amz-acl": "private" }),
  ],
  [
    "logs.amazonaws.com",
    "CreateLogStream",
    false,
    (next) => ({ logGroupName: `/aws/lambda/f-${next(60)}`, logStreamName: hex(next) }),
  ],
  ["logs.amazonaws.com", "DescribeLogGroups", true, none],
  ["monitoring.amazonaws.com", "DescribeAlarms", true, items("alarmNames", "name", 12)],
  [
    "ssm.amazonaws.com",
    "GetParameter",
    true,
    (next) => ({ name: `/app/${next(300)}/password`, withDecryption: true }),
  ],
  [
    "ssm.amazonaws.com",
    "UpdateInstanceInformation",
    false,
    (next) => ({
      instanceId: `i-${hex(next)}`,
      agentVersion: "3.3.987.0",
      agentStatus: "Active",
      platformType: "Linux",
    }),
  ],
  ["secretsmanager.amazonaws.com", "GetSecretValue", true, named("secretId")],
  ["lambda.amazonaws.com", "ListFunctions20150331", true, none],
  [
    "lambda.amazonaws.com",
    "UpdateFunctionCode20150331v2",
    false,
    named("functionName"),
    (next) => ({
      functionArn: `arn:aws:lambda:us-east-1:${account}:function:${next(99)}`,
      codeSize: next(1e6),
      environment: {},
      handler: "index.handler",
    }),
  ],
  ["dynamodb.amazonaws.com", "DescribeTable", true, named("tableName")],
  ["ecs.amazonaws.com", "DescribeTasks", true, items("tasks", "arn", 10)],
  ["ecr.amazonaws.com", "BatchGetImage", true, items("imageIds", "imageDigest", 3)],
  ["elasticloadbalancing.amazonaws.com", "DescribeTargetHealth", true, named("targetGroupArn")],
  ["autoscaling.amazonaws.com", "DescribeAutoScalingGroups", true, none],
  ["iam.amazonaws.com", "GetRole", true, named("roleName")],
  ["iam.amazonaws.com", "ListAttachedRolePolicies", true, named("roleName")],
  [
    "iam.amazonaws.com",
    "CreateAccessKey",
    false,
    named("userName"),
    (next) => ({
      accessKey: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", status: "Active", userName: `userName-${next(500)}` },
    }),
  ],
  ["config.amazonaws.com", "PutEvaluations", false, items("evaluations", "complianceResourceId", 20)],
  ["cloudtrail.amazonaws.com", "LookupEvents", true, named("nextToken")],
  ["signin.amazonaws.com", "ConsoleLogin", false, none, () => ({ ConsoleLogin: "Success" })],
];

const reads = generalCalls.filter(([, , readOnly]) => readOnly) as [Call, ...Call[]];
const changes = generalCalls.filter(([, , readOnly]) => !readOnly) as [Call, ...Call[]];

/** A trail of a whole account: nine in ten calls only read, one in twenty is a call of IVS. */
export function trailRecords(count: number, oneIvsIn = 20): JsonObject[] {
  const next = sequence(4242);
  return Array.from({ length: count }, (_, index) => {
    if (index % oneIvsIn === 0) return ivsRecord(index, next);
    const [source, name, readOnly, request, response] = pick(next(10) === 0 ? changes : reads, next);
    return {
      ...frame(index, source, next, 100),
      eventSource: source,
      eventName: name,
      requestParameters: request(next),
      responseElements: response?.(next) ?? null,
      readOnly,
      ...(next(50) === 0
        ? { errorCode: "AccessDenied", errorMessage: `User is not authorized to perform ${name}` }
        : {}),
    };
  });
}

/** A record as EventBridge delivers it. */
export function envelopeOf(record: JsonObject, index: number): string {
  const source = `${record.eventSource}`;
  return JSON.stringify({
    version: "0",
    id: `${index}`.padStart(36, "0"),
    "detail-type": "AWS API Call via CloudTrail",
    source: `aws.${source.slice(0, source.indexOf("."))}`,
    account,
    time: record.eventTime,
    region: record.awsRegion,
    resources: [],
    detail: record,
  });
}
