import { describe, expect, test } from "vitest";
import { ivsOperations } from "../catalog/catalog-data.ts";
import { createChannelRecord, record } from "../testing/records.ts";
import { consequenceFor, consequenceOf, credentialFactsOf } from "./call-facts.ts";
import { chatConsequences, lowLatencyConsequences, realTimeConsequences } from "./consequences.ts";

describe("what a call lets its caller do next", () => {
  test.each(ivsOperations.map(({ service, operation }) => ({ service, operation })))(
    "is said of $service $operation, or why it is not",
    ({ service, operation }) => {
      const consequence = consequenceFor(service, operation);
      const text = consequence && ("line" in consequence ? consequence.line : consequence.none);
      expect(text).toMatch(/^[A-Z].{20,140}\.$/);
    },
  );

  test("is said of no operation that the catalog does not know", () => {
    const said = [lowLatencyConsequences, realTimeConsequences, chatConsequences].flatMap((table) =>
      Object.keys(table),
    );
    expect(said).toHaveLength(ivsOperations.length);
    expect(consequenceOf(record({ eventName: "constructor" }))).toBeUndefined();
    expect(consequenceOf(record({ eventName: "CreateHologram" }))).toBeUndefined();
  });

  test.each([
    ["a read of a stream key", { eventName: "GetStreamKey" }, "can broadcast as its channel"],
    ["a failed call", { eventName: "GetStreamKey", errorCode: "AccessDenied" }, undefined],
    ["a call that shows nothing", { eventName: "GetPlaybackKeyPair" }, undefined],
    [
      "a channel that anybody may watch",
      { eventName: "UpdateChannel", responseElements: { channel: { authorized: false } } },
      "Anybody with its playback URL can watch.",
    ],
    [
      "tags of a stage",
      { eventName: "TagResource", requestParameters: { resourceArn: "arn:aws:ivs:x:1:stage/a" } },
      "Tags decide",
    ],
    [
      "another service's call of that name",
      { eventSource: "medialive.amazonaws.com", eventName: "DeleteChannel" },
      undefined,
    ],
  ])("of %s", (_name, parts, expected) => {
    const said = consequenceOf(record(parts));
    if (expected === undefined) expect(said).toBeUndefined();
    else expect(said).toContain(expected);
  });

  test("reads the documentation's CreateChannel record", () => {
    expect(consequenceOf(createChannelRecord())).toBe(
      "The caller holds the new channel's stream key and can broadcast through it at this account's cost. Anybody with its playback URL can watch.",
    );
  });
});

describe("credentialFactsOf", () => {
  test("gives what the record says of the credentials, and nothing else", () => {
    const userIdentity = {
      accessKeyId: "ASIAEXAMPLE",
      invokedBy: "",
      sessionContext: { sourceIdentity: "alice", attributes: { creationDate: "2026-01-02T03:00:00Z" } },
    };
    expect(credentialFactsOf(record({ userIdentity }))).toEqual({
      accessKeyId: "ASIAEXAMPLE",
      sessionStarted: "2026-01-02T03:00:00Z",
      sourceIdentity: "alice",
    });
    expect(credentialFactsOf(record({ userIdentity: null }))).toEqual({});
    expect(credentialFactsOf(record({ userIdentity: { accessKeyId: 1, sessionContext: [] } }))).toEqual({});
  });
});
