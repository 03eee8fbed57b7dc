import type { Alert, AlertPolicy, AlertRecord } from "../model/alert.ts";

/** Realistic alerts for tests: the facts of the CreateChannel record of the AWS documentation, and variations. */

const called = Date.parse("2020-04-02T20:57:46Z");

const policy: AlertPolicy = {
  id: "5b0f6c1e-8d5b-4c53-9d5e-0c1d6d1f7a11",
  name: "ivs-channel-created-without-mfa",
  title: "IVS channel created without MFA",
  description:
    "A person created an Amazon IVS channel with credentials that never passed multi-factor authentication.",
  tags: ["attack.initial-access", "attack.t1078.004"],
  references: ["https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_CreateChannel.html"],
  falsePositives: ["A break-glass session that is announced in the change calendar."],
  runbook: [
    "1. Ask the person behind the session whether they created this channel just now.",
    "2. If not: revoke the role's active sessions in IAM (Roles, Revoke sessions), then delete the channel and its stream key.",
    "3. Require MFA in the role's trust policy (aws:MultiFactorAuthPresent).",
  ].join("\n"),
};

const record: AlertRecord = {
  eventId: "a1b2c3de-EXAMPLE",
  eventTime: "2020-04-02T20:57:46Z",
  eventSource: "ivs.amazonaws.com",
  eventName: "CreateChannel",
  region: "us-west-2",
  account: "123456789012",
  sourceIp: "10.10.10.10",
  userAgent: "console.amazonaws.com",
  request: { name: "default" },
  resources: [
    "arn:aws:ivs:us-west-2:123456789012:channel/1EXAMPLE",
    "arn:aws:ivs:us-west-2:123456789012:stream-key/2EXAMPLE",
  ],
  actor: {
    id: "arn:aws:iam::123456789012:role/Admin",
    principal: "arn:aws:iam::123456789012:role/Admin",
    session: "1234567890123456789",
    kind: "role-session",
    label: "Admin/1234567890123456789",
    account: "123456789012",
    crossAccount: false,
    mfa: "absent",
    credential: "console",
  },
  carrier: "eventbridge",
  reasons: [
    'create: eventSource is "ivs.amazonaws.com"',
    'create: eventName is "CreateChannel"',
    'person_without_mfa: actor.kind is "role-session"',
    'person_without_mfa: actor.mfa is "absent"',
  ],
  times: { called, received: called + 3200, matched: called + 3260 },
};

export const newAlert: Alert = {
  id: "0f3a9c2b7d415e6688aa1122.new",
  kind: "new",
  delivery: "direct",
  severity: "high",
  policy,
  incident: {
    id: "0f3a9c2b7d415e6688aa1122",
    count: 1,
    countIsEstimate: false,
    firstTime: called,
    lastTime: called,
    windowStart: called - 3466_000,
    windowEnd: called + 134_000,
    group: [{ field: "actor.id", value: "arn:aws:iam::123456789012:role/Admin" }],
    eventIds: ["a1b2c3de-EXAMPLE"],
  },
  record,
  createdAt: called + 3300,
};

export const updateAlert: Alert = {
  ...newAlert,
  id: "0f3a9c2b7d415e6688aa1122.10",
  kind: "update",
  incident: {
    ...newAlert.incident,
    count: 10,
    lastTime: called + 75_000,
    eventIds: ["a1b2c3de-EXAMPLE", "b2c3d4ef-EXAMPLE", "c3d4e5f0-EXAMPLE"],
  },
  record: {
    ...record,
    eventId: "d4e5f601-EXAMPLE",
    eventTime: "2020-04-02T20:59:01Z",
    request: { name: "default-10", authorized: false, type: "STANDARD", tags: { team: "video" } },
    resources: ["arn:aws:ivs:us-west-2:123456789012:channel/10EXAMPLE"],
    times: { called: called + 75_000, received: called + 78_100, matched: called + 78_150 },
  },
  createdAt: called + 78_200,
};

export const summaryAlert: Alert = {
  ...updateAlert,
  id: "0f3a9c2b7d415e6688aa1122.summary",
  kind: "summary",
  incident: { ...updateAlert.incident, count: 4200, countIsEstimate: true },
  createdAt: called + 134_000 + 900_000,
};

/** A failed call from another account through a service, with no region that the console knows. */
export const crossAccountAlert: Alert = {
  ...newAlert,
  id: "77aa0c2b7d415e6688aa9900.new",
  severity: "critical",
  policy: {
    id: "c1f9a2d4-77aa-4b0e-8a55-2f8e6b9d1c02",
    name: "ivs-stream-key-read",
    title: "IVS stream key read",
    tags: ["attack.credential-access", "attack.t1552", "attack.collection"],
    references: [],
    falsePositives: [],
  },
  incident: {
    ...newAlert.incident,
    id: "77aa0c2b7d415e6688aa9900",
    group: [{ field: "actor.id", value: "210987654321" }],
    eventIds: ["9f1e2d3c-0000-4000-8000-5566778899aa"],
    related: [
      {
        id: "5511aa2c3d4e5f6677889900",
        policy: "IVS playback key pair imported",
        severity: "critical",
        since: Date.parse("2020-04-02T20:41:05Z"),
      },
    ],
  },
  record: {
    eventId: "9f1e2d3c-0000-4000-8000-5566778899aa",
    eventTime: "2020-04-02T20:57:46Z",
    eventSource: "ivs.amazonaws.com",
    eventName: "BatchGetStreamKey",
    region: "eu-west-1",
    account: "123456789012",
    sourceIp: "cloudformation.amazonaws.com",
    userAgent: "cloudformation.amazonaws.com",
    errorCode: "AccessDenied",
    errorMessage: "User is not authorized to perform: ivs:BatchGetStreamKey",
    request: { arns: ["arn:aws:ivs:eu-west-1:123456789012:stream-key/2EXAMPLE"] },
    resources: [],
    actor: {
      id: "210987654321/AIDACKCEVSQ6C2EXAMPLE",
      principal: "210987654321/AIDACKCEVSQ6C2EXAMPLE",
      kind: "account",
      label: "a principal of account 210987654321",
      account: "210987654321",
      crossAccount: true,
      mfa: "unknown",
      credential: "unknown",
    },
    carrier: "trail-file",
    reasons: ["eventName is BatchGetStreamKey"],
    times: { called, received: called + 1_260_000, matched: called + 1_260_040 },
  },
  createdAt: called + 1_260_050,
};

export const sampleAlerts: Readonly<Record<string, Alert>> = {
  new: newAlert,
  update: updateAlert,
  summary: summaryAlert,
  "cross-account": crossAccountAlert,
};
