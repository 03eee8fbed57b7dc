import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ivsOperations } from "./catalog/catalog-data.ts";
import { resourcesOf } from "./catalog/resources.ts";
import { decodeRecord } from "./decode/decode-record.ts";
import { derivedFields, ivsFactsOf } from "./derived.ts";
import type { CloudTrailRecord, JsonObject } from "./record.ts";
import { createChannelRecord, record } from "./testing/records.ts";

function decoded(value: JsonObject): CloudTrailRecord {
  const result = decodeRecord(value);
  if (result.outcome === "rejected") throw new Error(result.rejection.message);
  return result.record;
}
const channel = "arn:aws:ivs:us-west-2:123456789012:channel/1EXAMPLE";
const streamKey = "arn:aws:ivs:us-west-2:123456789012:stream-key/2EXAMPLE";

describe("ivsFactsOf", () => {
  test("reads the documentation's CreateChannel record", () => {
    expect(ivsFactsOf(decoded(createChannelRecord()))).toMatchObject({
      service: "low-latency",
      access: "write",
      mutating: true,
      plane: "control",
      known: true,
      unknownKeys: [],
      resources: [channel, streamKey],
    });
  });

  test("is undefined for every other service, also for an operation of the same name", () => {
    expect(ivsFactsOf(decoded(record({ eventSource: "medialive.amazonaws.com" })))).toBeUndefined();
  });

  test("surfaces an operation that is newer than the catalog, with the access its name says", () => {
    const facts = ivsFactsOf(decoded(record({ eventName: "CreateHologram", requestParameters: { x: 1 } })));
    expect(facts).toMatchObject({ known: false, access: "write", mutating: true, unknownKeys: [] });
    expect(facts?.plane).toBeUndefined();
  });

  test("surfaces request keys that are newer than the catalog", () => {
    const facts = ivsFactsOf(
      decoded(record({ requestParameters: { name: "x", rtmpDestination: "y", constructor: 1 } })),
    );
    expect(facts?.unknownKeys).toEqual(["rtmpDestination", "constructor"]);
  });
});

describe("resourcesOf", () => {
  test("decodes, removes repetitions and keeps the order", () => {
    const found = resourcesOf({
      requestParameters: {
        resourceArn: encodeURIComponent(channel),
        nested: [{ arn: streamKey }, { arn: channel }],
      },
      responseElements: null,
      resources: [{ ARN: "arn:aws:s3:::bucket", accountId: "1" }],
    });
    expect(found).toEqual([channel, streamKey, "arn:aws:s3:::bucket"]);
  });

  test("is bounded", () => {
    const many = Array.from({ length: 10_000 }, (_unused, index) => `${channel}${index}`);
    expect(resourcesOf({ requestParameters: many })).toHaveLength(50);
    expect(resourcesOf({ requestParameters: [`${channel}${"x".repeat(1_000_000)}`] })).toEqual([]);
  });
});

describe("derivedFields", () => {
  test("never throw, whatever the record holds", () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.jsonValue(),
        fc.jsonValue(),
        (requestParameters, userIdentity, tlsDetails) => {
          const one = decoded(
            record({ requestParameters, userIdentity, tlsDetails, eventName: "TagResource" }),
          );
          JSON.stringify([derivedFields.actor.compute(one), derivedFields.ivs.compute(one)]);
        },
      ),
    );
  });

  test("of a call that the names of service and operation decide are the same whatever else the record holds", () => {
    const { compute, dependsOn } = derivedFields.ivs;
    const names = ivsOperations.map(({ eventSource, operation }) => [eventSource, operation] as const);
    fc.assert(
      fc.property(
        fc.constantFrom(...names, ["ivs.amazonaws.com", "NewOperation"] as const),
        fc.constantFrom("ivs.us-east-1.amazonaws.com", "ivsrealtime.us-east-1.amazonaws.com", undefined),
        fc.constantFrom("channel", "stage", "room"),
        ([eventSource, eventName], clientProvidedHostHeader, type) => {
          const resourceArn = `arn:aws:ivs:us-east-1:123456789012:${type}/a`;
          const rest = { tlsDetails: { clientProvidedHostHeader }, requestParameters: { resourceArn } };
          const bare = compute({ eventSource, eventName });
          const full = compute({ eventSource, eventName, ...rest });
          for (const name of typedKeys(dependsOn)) expect(full?.[name]).toBe(bare?.[name]);
        },
      ),
    );
  });
});

function typedKeys<T extends object>(value: T): (keyof T)[] {
  return Object.keys(value) as (keyof T)[];
}
