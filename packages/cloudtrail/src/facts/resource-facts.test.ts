import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../record.ts";
import { createChannelRecord, record } from "../testing/records.ts";
import { resourceFactsOf } from "./resource-facts.ts";

function factsOf(parts: JsonObject): Record<string, string> {
  return Object.fromEntries(resourceFactsOf(record(parts)).map(({ label, value }) => [label, value]));
}

describe("resourceFactsOf", () => {
  test("reads the documentation's CreateChannel record", () => {
    const facts = Object.fromEntries(
      resourceFactsOf(createChannelRecord()).map(({ label, value }) => [label, value]),
    );
    expect(facts).toMatchObject({ Name: "default", Playback: "public, without playback tokens" });
  });

  test.each<[string, JsonObject, Record<string, string>]>([
    [
      "an update says what it asks for",
      {
        eventName: "UpdateChannel",
        requestParameters: { arn: "arn:x", authorized: false, recordingConfigurationArn: "" },
        responseElements: { channel: { arn: "arn:x", name: "news", tags: { team: "video" } } },
      },
      {
        "Requested changes": "authorized = no; recordingConfigurationArn = none",
        Playback: "public, without playback tokens",
        "Recording configuration": "none",
        Name: "news",
        Tags: "team = video",
      },
    ],
    [
      "a recording configuration shows its bucket",
      {
        eventName: "CreateRecordingConfiguration",
        requestParameters: { destinationConfiguration: { s3: { bucketName: "mine" } } },
        responseElements: { recordingConfiguration: { arn: "a", state: "ACTIVE" } },
      },
      { Bucket: "mine", State: "ACTIVE" },
    ],
    [
      "an imported key shows its fingerprint",
      {
        eventName: "ImportPlaybackKeyPair",
        requestParameters: { name: "k", publicKeyMaterial: "-----BEGIN" },
        responseElements: { keyPair: { arn: "a", name: "k", fingerprint: "b2:0c" } },
      },
      { Name: "k", "Key fingerprint": "b2:0c" },
    ],
    [
      "a composition shows where it sends video",
      {
        eventName: "StartComposition",
        requestParameters: {
          stageArn: "arn:stage",
          destinations: [{ channel: { channelArn: "arn:c1" } }, { s3: { storageConfigurationArn: "arn:s" } }],
        },
      },
      { Stage: "arn:stage", "Sends to channel": "arn:c1", "Records to": "arn:s" },
    ],
    [
      "empty lists are values",
      { eventName: "UpdatePlaybackRestrictionPolicy", requestParameters: { arn: "a", allowedCountries: [] } },
      { "Allowed countries": "none given", "Requested changes": "allowedCountries = nothing" },
    ],
    [
      "another service's record has none",
      { eventSource: "s3.amazonaws.com", requestParameters: { name: "x" } },
      {},
    ],
    ["nor one without parameters", { requestParameters: null, responseElements: null }, {}],
  ])("%s", (_name, parts, expected) => expect(factsOf(parts)).toEqual(expected));

  test("shows no secret and is bounded, whatever request and response hold", () => {
    const key = "sk_us-west-2_AbCdEfGhIjKlMnOp";
    const hostile = fc.oneof(
      fc.jsonValue(),
      fc.constant({ streamKey: { arn: "a", value: key }, tags: { t: key } }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom("CreateChannel", "UpdateChannel", "GetStreamKey"),
        hostile,
        hostile,
        (eventName, one, two) => {
          const facts = resourceFactsOf(record({ eventName, requestParameters: one, responseElements: two }));
          expect(facts.length).toBeLessThanOrEqual(16);
          for (const { label, value } of facts) {
            expect(value.length).toBeLessThanOrEqual(300);
            expect(`${label} ${value}`).not.toContain(key);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
