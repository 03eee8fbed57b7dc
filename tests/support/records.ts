import { readFileSync } from "node:fs";

/** The one CloudTrail record of IVS that AWS documents. */
export const documentedRecord: Readonly<Record<string, unknown>> = JSON.parse(
  readFileSync(new URL("../../samples/cloudtrail-CreateChannel.aws-doc.json", import.meta.url), "utf8"),
);

/** A CreateChannel call like the documented one, by another user at another time. Synthetic. */
export function createChannel(change: {
  readonly eventID: string;
  readonly user: string;
  readonly eventTime?: string;
  readonly userAgent?: string;
}): Record<string, unknown> {
  return {
    ...documentedRecord,
    eventID: change.eventID,
    eventTime: change.eventTime ?? "2026-01-01T00:00:00Z",
    ...(change.userAgent === undefined ? {} : { userAgent: change.userAgent }),
    userIdentity: {
      type: "IAMUser",
      principalId: `AIDA${change.user}`,
      arn: `arn:aws:iam::123456789012:user/${change.user}`,
      accountId: "123456789012",
      accessKeyId: "AKIAIOSFODNN7EXAMPLE",
      userName: change.user,
    },
  };
}

/** The event that EventBridge makes of a record. */
export function envelope(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    version: "0",
    id: `envelope-of-${record.eventID}`,
    "detail-type": "AWS API Call via CloudTrail",
    source: "aws.ivs",
    account: record.recipientAccountId,
    time: record.eventTime,
    region: record.awsRegion,
    resources: [],
    detail: record,
  };
}
