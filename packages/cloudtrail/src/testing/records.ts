import { readFileSync } from "node:fs";
import type { JsonObject } from "../record.ts";

/** A sample event of the AWS documentation, as stored under `samples`. For tests only. */
export function documentationEvent(name: string): JsonObject {
  return JSON.parse(
    readFileSync(new URL(`../../../../samples/${name}`, import.meta.url), "utf8"),
  ) as JsonObject;
}

/** The CreateChannel record of the Amazon IVS user guide. */
export function createChannelRecord(): JsonObject {
  return documentationEvent("cloudtrail-CreateChannel.aws-doc.json");
}

/** A small valid record with the given parts replaced. */
export function record(overrides: JsonObject = {}): JsonObject {
  return {
    eventVersion: "1.11",
    eventID: "00000000-0000-4000-8000-000000000001",
    eventTime: "2026-01-02T03:04:05Z",
    eventSource: "ivs.amazonaws.com",
    eventName: "CreateChannel",
    awsRegion: "us-east-1",
    recipientAccountId: "111122223333",
    userIdentity: { type: "IAMUser", arn: "arn:aws:iam::111122223333:user/alice", accountId: "111122223333" },
    ...overrides,
  };
}
