import { decodeRecord } from "@streamwarden/cloudtrail";
import { parseConfig } from "@streamwarden/config";
import { loadPolicies } from "@streamwarden/policies";
import { expect, test } from "vitest";
import { createDetector } from "./detector.ts";

function reasonsOf(detection: string, more: object): readonly string[] | undefined {
  const text = `title: A policy
name: a-policy
logsource: { product: aws, service: cloudtrail }
detection:
  call: { eventSource: ivs.amazonaws.com }
  ${detection}
level: medium
`;
  const loaded = loadPolicies(
    { files: [{ path: "policies.yml", text }] },
    parseConfig("policies: { pack: false }", "streamwarden.yml"),
  );
  const decoded = decodeRecord({
    eventVersion: "1.11",
    eventID: "e1",
    eventTime: "2026-01-01T00:00:00Z",
    eventSource: "ivs.amazonaws.com",
    eventName: "CreateChannel",
    userIdentity: { type: "IAMUser", arn: "arn:aws:iam::444455556666:user/ann", accountId: "444455556666" },
    recipientAccountId: "444455556666",
    ...more,
  });
  if (decoded.outcome !== "record") throw new Error("The test's record is none.");
  return createDetector(loaded).detect(decoded.record).detections[0]?.reasons.slice(1);
}

test("an alert says what the record has where a policy denies", () => {
  const detection =
    "own_account: { recipientAccountId: '111122223333' }\n  condition: call and not own_account";
  expect(reasonsOf(detection, {})).toEqual([
    'not own_account: recipientAccountId is not "111122223333" (it is "444455556666")',
  ]);
});

test.each([
  ["requestParameters.passphrase", { requestParameters: { passphrase: "Hunter2" } }],
  ["responseElements.streamKey.value", { responseElements: { streamKey: { value: "Hunter2" } } }],
  [
    "responseElements.streamKeys.value",
    { eventName: "BatchGetStreamKey", responseElements: { streamKeys: [{ value: "Hunter2" }] } },
  ],
  ["requestParameters.attributes.name", { requestParameters: { attributes: { name: "Hunter2" } } }],
  ["requestParameters", { requestParameters: { passphrase: "Hunter2" } }],
])("the value of %s is not quoted where a policy denies another", (field, more) => {
  const [reason = ""] = reasonsOf(`weak: { ${field}: '1234' }\n  condition: call and not weak`, more) ?? [];
  expect(reason).toContain(`not weak: ${field} is not "1234"`);
  expect(reason).not.toContain("Hunter2");
});
