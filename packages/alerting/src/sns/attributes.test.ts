import { describe, expect, test } from "vitest";
import { newAlert } from "../testing/sample-alerts.ts";
import { sampleDigest } from "../testing/sample-digest.ts";
import { alertAttributes, digestAttributes } from "./attributes.ts";

function text(value: string) {
  return { DataType: "String", StringValue: value };
}
function list(...values: readonly string[]) {
  return {
    DataType: "String.Array",
    StringValue: JSON.stringify(values),
  };
}

describe("message attributes", () => {
  test("name what subscriptions filter on", () => {
    expect(alertAttributes(newAlert)).toEqual({
      severity: text("high"),
      policy: text("ivs-channel-created-without-mfa"),
      kind: text("new"),
      delivery: text("direct"),
      account: text("123456789012"),
      region: text("us-west-2"),
      tactic: list("initial-access"),
    });
  });

  test("leave out what the record does not hold, since SNS rejects empty values", () => {
    const { region: _r, account: _a, ...record } = newAlert.record;
    const attributes = alertAttributes({ ...newAlert, policy: { ...newAlert.policy, tags: [] }, record });
    expect(Object.keys(attributes)).toEqual(["severity", "policy", "kind", "delivery"]);
  });

  test("give a digest every value that its alerts had, so that their routes get it", () => {
    expect(digestAttributes(sampleDigest)).toEqual({
      kind: text("digest"),
      delivery: text("direct"),
      severity: list("medium", "high", "critical"),
      policy: list("ivs-stream-key-read", "ivs-channel-created-without-mfa", "cloudtrail-stopped"),
      account: list("123456789012"),
      region: list("us-west-2", "eu-west-1"),
      tactic: list("credential-access", "defense-impairment"),
    });
  });
});
