import type { Alert, AlertPolicy, AlertRecord } from "../model/alert.ts";
import type { CallTallies } from "../model/alert-calls.ts";

/** Realistic alerts for tests: the facts of the CreateChannel record of the AWS documentation, and variations. */

const called = Date.parse("2020-04-02T20:57:46Z");

function tallies(
  ...values: readonly (readonly [value: string, count?: number | undefined, after?: number])[]
): CallTallies {
  return {
    values: values.map(([value, count, after = 0]) => ({
      value,
      ...(count === undefined ? {} : { count }),
      first: called + after,
    })),
    more: 0,
    isEstimate: false,
  };
}

const policy: AlertPolicy = {
  id: "5b0f6c1e-8d5b-4c53-9d5e-0c1d6d1f7a11",
  name: "ivs-channel-created-without-mfa",
  title: "IVS channel created without MFA",
  description:
    "A person created a channel with credentials that prove no second factor: a long-term access key, or a session for which AWS saw none.",
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
  credentials: { accessKeyId: "ASIAIOSFODNN7EXAMPLE", sessionStarted: "2020-04-02T20:31:02Z" },
  facts: [
    { label: "Name", value: "default" },
    { label: "Channel type", value: "STANDARD" },
    { label: "Playback", value: "public, without playback tokens" },
    { label: "Latency", value: "LOW" },
    { label: "Tags", value: "team = video" },
  ],
  consequence:
    "The caller holds the new channel's stream key and can broadcast through it at this account's cost. Anybody with its playback URL can watch.",
  carrier: "eventbridge",
  reasons: [
    'create: eventSource is "ivs.amazonaws.com"',
    'create: eventName is "CreateChannel"',
    'person_without_mfa: actor.kind is "role-session"',
    'person_without_mfa: actor.mfa is "absent"',
  ],
  times: { called, received: called + 3200, matched: called + 3300 },
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
    calls: {
      actors: tallies(["Admin/1234567890123456789 (arn:aws:iam::123456789012:role/Admin)", 10]),
      operations: tallies(["CreateChannel", 10]),
      results: tallies(["succeeded", 8], ["ServiceQuotaExceededException", 2, 61_000]),
      resources: tallies(
        ...Array.from(
          { length: 10 },
          (_, index) => [`arn:aws:ivs:us-west-2:123456789012:channel/${index + 1}EXAMPLE`] as const,
        ),
      ),
      resourceClasses: tallies(["channel"], ["stream-key"]),
      addresses: tallies(["10.10.10.10", 8], ["198.51.100.7", 2, 61_000]),
      networks: tallies(["10.10.10.0/24"], ["198.51.100.0/24"]),
      sessions: tallies(["1234567890123456789 since 2020-04-02T20:31:02Z", 10]),
      accessKeys: tallies(["ASIAIOSFODNN7EXAMPLE", 10]),
      clients: tallies(["console.amazonaws.com"], ["aws-cli/2.15.30", undefined, 61_000]),
      mfa: tallies(["absent"]),
    },
    newsRaised: 1,
  },
  record: {
    ...record,
    eventId: "d4e5f601-EXAMPLE",
    eventTime: "2020-04-02T20:59:01Z",
    facts: [
      { label: "Name", value: "default-10" },
      { label: "Channel type", value: "STANDARD" },
      { label: "Playback", value: "public, without playback tokens" },
    ],
    request: { name: "default-10", authorized: false, type: "STANDARD", tags: { team: "video" } },
    resources: ["arn:aws:ivs:us-west-2:123456789012:channel/10EXAMPLE"],
    times: { called: called + 75_000, received: called + 78_100, matched: called + 78_200 },
  },
  createdAt: called + 78_200,
};

export const summaryAlert: Alert = {
  ...updateAlert,
  id: "0f3a9c2b7d415e6688aa1122.summary",
  kind: "summary",
  incident: {
    ...updateAlert.incident,
    count: 4200,
    countIsEstimate: true,
    calls: {
      ...updateAlert.incident.calls,
      operations: { ...tallies(["CreateChannel", 4000], ["DeleteChannel", 200]), isEstimate: true },
      results: { ...tallies(["succeeded", 3200], ["ServiceQuotaExceededException", 1000]), isEstimate: true },
      resources: { ...(updateAlert.incident.calls?.resources ?? tallies()), more: 3800, isEstimate: true },
      addresses: { ...tallies(["10.10.10.10", 3360], ["198.51.100.7", 840]), isEstimate: true },
    },
    newsRaised: 8,
  },
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
      {
        id: "6622bb3d4e5f667788990011",
        policy: "IVS stream key read",
        severity: "medium",
        since: Date.parse("2020-04-02T20:32:40Z"),
      },
      {
        id: "7733cc4e5f66778899001122",
        policy: "IVS stream key read",
        severity: "high",
        since: Date.parse("2020-04-02T19:02:11Z"),
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
    times: { called, received: called + 1_260_000, matched: called + 1_260_050 },
  },
  createdAt: called + 1_260_050,
};

const deletion = Date.parse("2026-11-28T12:25:16Z");
const channels = [
  "abcdEFGH0001",
  "abcdEFGH0002",
  "abcdEFGH0003",
  "abcdEFGH0004",
  "abcdEFGH0005",
  "abcdEFGH0006",
];
const channelArns = channels.map((name) => `arn:aws:ivs:us-east-1:111122223333:channel/${name}`);

/** Six deletions by one user from two addresses, five of which make a correlation fire. */
export const deletionsAlert: Alert = {
  id: "31c0ffee7d415e6688aa3344.new",
  kind: "new",
  delivery: "direct",
  severity: "critical",
  policy: {
    id: "8d7f5a10-2b61-4c34-9d0e-5f0d7c2a9b01",
    name: "ivs-resources-deleted-in-bulk",
    title: "IVS resources deleted in bulk",
    description:
      "One actor deleted many IVS resources within minutes. Viewers of these channels see nothing.",
    tags: ["attack.impact", "attack.t1485"],
    references: ["https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_DeleteChannel.html"],
    falsePositives: ["A planned end of an event."],
    runbook: [
      "1. Call the person. If nobody meant this, deactivate the access key in IAM now.",
      "2. See [the runbook of the video team](https://wiki.example.com/runbooks/ivs?team=video&step=2).",
      "3. Write to mailto:oncall@example.com which channels are gone.",
    ].join("\n"),
  },
  incident: {
    id: "31c0ffee7d415e6688aa3344",
    count: 6,
    countIsEstimate: false,
    firstTime: deletion,
    lastTime: deletion + 5000,
    windowStart: deletion - 1_516_000,
    windowEnd: deletion + 2_084_000,
    group: [{ field: "actor.id", value: "arn:aws:iam::111122223333:user/carol" }],
    eventIds: ["bulk-0000", "bulk-0001", "bulk-0002", "bulk-0003", "bulk-0004"],
    calls: {
      actors: tallies(["carol (arn:aws:iam::111122223333:user/carol)", 6]),
      rules: tallies(["IVS channel deleted", 6]),
      operations: tallies(["DeleteChannel", 6]),
      results: tallies(["succeeded", 6]),
      resources: tallies(...channelArns.map((arn) => [arn] as const)),
      resourceClasses: tallies(["channel"]),
      addresses: tallies(["192.0.2.10", 5], ["198.51.100.7", 1]),
      networks: tallies(["192.0.2.0/24"], ["198.51.100.0/24"]),
      accessKeys: tallies(["AKIAIOSFODNN7EXAMPLE", 6]),
      clients: tallies(["aws-cli/2.15.30"]),
      mfa: tallies(["absent"]),
    },
    fired: { at: deletion + 4000, when: "5 or more calls within 10 minutes" },
  },
  record: {
    eventId: "bulk-0000",
    eventTime: "2026-11-28T12:25:16Z",
    eventSource: "ivs.amazonaws.com",
    eventName: "DeleteChannel",
    region: "us-east-1",
    account: "111122223333",
    sourceIp: "192.0.2.10",
    userAgent: "aws-cli/2.15.30",
    request: { arn: channelArns[0] },
    resources: channelArns.slice(0, 1),
    actor: {
      id: "arn:aws:iam::111122223333:user/carol",
      principal: "arn:aws:iam::111122223333:user/carol",
      person: "arn:aws:iam::111122223333:user/carol",
      kind: "user",
      label: "carol",
      account: "111122223333",
      crossAccount: false,
      mfa: "absent",
      credential: "long-term-key",
    },
    credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE" },
    vpcEndpoint: "vpce-0a1b2c3d4e5f67890",
    consequence:
      "The channel and its stream keys are gone; its ARN, ingest endpoint and playback URL cannot be recovered.",
    carrier: "eventbridge",
    reasons: ["calls: 5 within 10 minutes (at least 5)"],
    times: { called: deletion, received: deletion + 4200, matched: deletion + 9400 },
  },
  createdAt: deletion + 9400,
};

const permissionSet =
  "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_VideoAdmin_0123456789abcdef";
const keyRead = Date.parse("2026-11-28T03:10:40Z");

/** A person of single sign-on goes on from another network with another session. */
export const newsAlert: Alert = {
  id: "52a1b2c3d4e5f60718293a4b.news-3f9a1c0d",
  kind: "update",
  delivery: "direct",
  severity: "high",
  policy: {
    id: "2f1b7a60-5f0e-4f4e-9a0b-0d6f5b1c8e77",
    name: "ivs-stream-key-read-by-person",
    title: "IVS stream key read by a person",
    tags: ["attack.credential-access", "attack.t1552"],
    references: [],
    falsePositives: [],
    runbook:
      "1. Ask the person.\n2. If it was not they: revoke the sessions of the permission set, rotate the key.",
  },
  incident: {
    id: "52a1b2c3d4e5f60718293a4b",
    count: 3,
    countIsEstimate: false,
    firstTime: keyRead,
    lastTime: keyRead + 900_000,
    windowStart: keyRead - 640_000,
    windowEnd: keyRead + 2_960_000,
    group: [
      { field: "actor.id", value: "arn:aws:sts::111122223333:assumed-role/VideoAdmin/person@example.com" },
    ],
    eventIds: ["key-read-0001", "key-read-0002", "key-read-0003"],
    calls: {
      operations: tallies(["GetStreamKey", 2], ["BatchGetStreamKey", 1]),
      results: tallies(["succeeded", 2], ["AccessDenied", 1]),
      resources: tallies(
        ["arn:aws:ivs:us-east-1:111122223333:stream-key/keyEFGH0001"],
        ["arn:aws:ivs:us-east-1:111122223333:stream-key/keyEFGH0002"],
      ),
      resourceClasses: tallies(["stream-key"]),
      addresses: tallies(["192.0.2.10", 2], ["198.51.100.23", 1]),
      networks: tallies(["192.0.2.0/24"], ["198.51.100.0/24"]),
      sessions: tallies(
        ["person@example.com since 2026-11-28T01:02:03Z", 2],
        ["person@example.com since 2026-11-28T03:20:00Z", 1],
      ),
      accessKeys: tallies(["ASIAIOSFODNN7EXAMPLE", 2], ["ASIAI44QH8DHBEXAMPLE", 1]),
      mfa: tallies(["unknown"]),
    },
    newsRaised: 1,
  },
  news: [
    { facet: "networks", value: "198.51.100.0/24" },
    { facet: "accessKeys", value: "ASIAI44QH8DHBEXAMPLE" },
    { facet: "sessions", value: "person@example.com since 2026-11-28T03:20:00Z" },
  ],
  record: {
    eventId: "key-read-0003",
    eventTime: "2026-11-28T03:25:40Z",
    eventSource: "ivs.amazonaws.com",
    eventName: "GetStreamKey",
    region: "us-east-1",
    account: "111122223333",
    sourceIp: "198.51.100.23",
    userAgent: "aws-sdk-go-v2/1.24.0",
    request: { arn: "arn:aws:ivs:us-east-1:111122223333:stream-key/keyEFGH0002" },
    resources: ["arn:aws:ivs:us-east-1:111122223333:stream-key/keyEFGH0002"],
    actor: {
      id: "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_VideoAdmin_0123456789abcdef/person@example.com",
      principal: permissionSet,
      person: "person@example.com",
      session: "person@example.com",
      kind: "role-session",
      label: "person@example.com as VideoAdmin",
      account: "111122223333",
      crossAccount: false,
      mfa: "unknown",
      credential: "session",
    },
    credentials: {
      accessKeyId: "ASIAI44QH8DHBEXAMPLE",
      sessionStarted: "2026-11-28T03:20:00Z",
      sourceIdentity: "person@example.com",
    },
    consequence:
      "The caller holds this stream key and can broadcast as its channel until the key is deleted.",
    carrier: "eventbridge",
    reasons: ['read: eventName is "GetStreamKey"', 'person: actor.kind is "role-session"'],
    times: { called: keyRead + 900_000, received: keyRead + 905_000, matched: keyRead + 905_200 },
  },
  createdAt: keyRead + 905_200,
};

/** A policy that counts for the whole account names everybody. */
export const accountAlert: Alert = {
  ...deletionsAlert,
  id: "64b0ffee7d415e6688aa5566.new",
  incident: {
    ...deletionsAlert.incident,
    id: "64b0ffee7d415e6688aa5566",
    group: [{ field: "recipientAccountId", value: "111122223333" }],
    calls: {
      ...deletionsAlert.incident.calls,
      actors: tallies(
        ["carol (arn:aws:iam::111122223333:user/carol)", 4],
        [
          "person@example.com as VideoAdmin (arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_VideoAdmin_0123456789abcdef/person@example.com)",
          1,
        ],
        ["Deploy/i-0123456789abcdef0 (arn:aws:iam::111122223333:role/Deploy)", 1],
      ),
      mfa: tallies(["absent"], ["unknown"], ["not-applicable"]),
    },
  },
};

export const sampleAlerts: Readonly<Record<string, Alert>> = {
  new: newAlert,
  update: updateAlert,
  summary: summaryAlert,
  "cross-account": crossAccountAlert,
  deletions: deletionsAlert,
  news: newsAlert,
  account: accountAlert,
};
