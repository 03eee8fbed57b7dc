import { describe, expect, test } from "vitest";
import { operationsFromSdk } from "../../bin/operations-from-sdk.ts";
import type { JsonObject } from "../record.ts";
import { record } from "../testing/records.ts";
import { ivsOperationOf } from "./catalog.ts";
import { ivsOperations } from "./catalog-data.ts";

function countBy(key: "service" | "access"): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const operation of ivsOperations) counts[operation[key]] = (counts[operation[key]] ?? 0) + 1;
  return counts;
}

describe("the IVS catalog", () => {
  test("is what the SDK's models say now (else run bin/generate-catalog.ts)", () => {
    expect(ivsOperations).toEqual(operationsFromSdk());
  });

  test("has the counts of the service authorization reference", () => {
    expect(countBy("service")).toEqual({ "low-latency": 41, "real-time": 39, chat: 17 });
    expect(countBy("access")).toEqual({ read: 23, list: 20, write: 48, tagging: 6 });
  });

  test.each(["StartViewerSessionRevocation", "BatchStartViewerSessionRevocation", "ImportPublicKey"])(
    "knows that %s changes something, whatever the record's readOnly says",
    (eventName) => expect(ivsOperationOf(record({ eventName, readOnly: true }))?.mutating).toBe(true),
  );

  test("gives every operation that changes something the resource types it needs, except the tag and update calls that AWS lists none for", () => {
    const without = ivsOperations.filter((one) => one.access === "write" && one.resourceTypes.length === 0);
    expect(without.map((one) => one.operation)).toEqual(["UpdateAdConfiguration"]);
  });

  const tagCall = (overrides: JsonObject): JsonObject => record({ eventName: "TagResource", ...overrides });
  test.each([
    [
      "by the host",
      tagCall({ tlsDetails: { clientProvidedHostHeader: "ivsrealtime.us-east-1.amazonaws.com" } }),
      "real-time",
    ],
    [
      "by the host",
      tagCall({ tlsDetails: { clientProvidedHostHeader: "ivs.us-east-1.amazonaws.com" } }),
      "low-latency",
    ],
    [
      "by the ARN",
      tagCall({ requestParameters: { resourceArn: "arn:aws:ivs:us-east-1:1:stage/a" } }),
      "real-time",
    ],
    [
      "by the encoded ARN",
      tagCall({ requestParameters: { resourceArn: "arn%3Aaws%3Aivs%3Aus-east-1%3A1%3Astage%2Fa" } }),
      "real-time",
    ],
    [
      "by the ARN",
      tagCall({ requestParameters: { resourceArn: "arn:aws:ivs:us-east-1:1:channel/a" } }),
      "low-latency",
    ],
    ["by nothing", tagCall({ requestParameters: { resourceArn: "%E0%A4%A" } }), "low-latency"],
    ["by the event source", tagCall({ eventSource: "ivschat.amazonaws.com" }), "chat"],
  ])("tells shared operations apart %s", (_how, one, service) =>
    expect(ivsOperationOf(one)?.service).toBe(service),
  );

  test.each([
    ["medialive.amazonaws.com", "CreateChannel"],
    ["ivs.amazonaws.com", "createchannel"],
    ["ivs.amazonaws.com", "constructor"],
    ["ivschat.amazonaws.com", "CreateChannel"],
  ])("knows no %s %s", (eventSource, eventName) => {
    expect(ivsOperationOf(record({ eventSource, eventName }))).toBeUndefined();
  });
});
