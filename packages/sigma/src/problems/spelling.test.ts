import { describe, expect, test } from "vitest";
import { misspelled, nearest } from "./spelling.ts";

describe("the word that was probably meant", () => {
  test.each([
    ["detction", ["detection", "description"], "detection"],
    ["LEVEL", ["level", "title"], "level"],
    ["lvele", ["level"], undefined],
    ["leevl", ["level"], "level"],
    ["telgeram", ["networks", "telegram"], "telegram"],
    ["xi", ["m", "lt"], undefined],
    ["x", ["m"], undefined],
    ["ids", ["id", "kind"], "id"],
    ["anything", ["level", "title"], undefined],
    ["destinatoins", ["destinations"], "destinations"],
    // By parts, where no spelling is near.
    ["userName", ["userIdentity.userName", "userIdentity.arn"], "userIdentity.userName"],
    ["create", ["create_channel", "delete_channel"], "create_channel"],
    ["channel", ["create_channel", "delete_channel"], undefined],
    [
      "channel-created",
      ["ivs-channel-created-without-mfa", "ivs-stage-created"],
      "ivs-channel-created-without-mfa",
    ],
    ["created-channel-ivs", ["ivs-channel-created"], "ivs-channel-created"],
    ["selection_create_channel", ["create_channel", "other"], "create_channel"],
    ["sourceIp", ["sourceIPAddress"], undefined],
    ["a.b", ["a.b.c"], undefined],
    ["", ["level"], undefined],
    ["ivs", ["ivs-a", "ivs-b", "ivs-a-b"], undefined],
  ])("%j among %j is %j", (word, words, meant) => expect(nearest(word, words)).toBe(meant));

  test("is looked for in spelling alone where a part of a name is no sign of an error", () => {
    expect(misspelled("own_title", ["title"])).toBeUndefined();
    expect(nearest("own_title", ["title"])).toBe("title");
  });
});

describe("a configuration's or policy's name that was probably meant", () => {
  const names = [
    "group_by",
    "window",
    "runbook",
    "minimumSeverity",
    "ApprovedRegions",
    "ApprovedBuckets",
    "ApprovedRecordingConfigurations",
    "routes",
    "userName",
    "digestAbovePerMinute",
  ];
  test.each([
    ["group_bye", "group_by"],
    ["groupBy", "group_by"],
    ["group-by", "group_by"],
    ["Window", "window"],
    ["windwo", "window"],
    ["severty", "minimumSeverity"],
    ["minSeverity", "minimumSeverity"],
    ["severity_minimum", "minimumSeverity"],
    ["approvedRegions", "ApprovedRegions"],
    ["ApprovedRegion", "ApprovedRegions"],
    ["approved_region", "ApprovedRegions"],
    ["regions", "ApprovedRegions"],
    ["AllowedBuckets", "ApprovedBuckets"],
    ["recordingConfiguration", "ApprovedRecordingConfigurations"],
    ["route", "routes"],
    ["user", "userName"],
    ["digestPerMinute", "digestAbovePerMinute"],
    ["approved", undefined],
    ["by", undefined],
    ["colour", undefined],
    ["", undefined],
  ])("%j is %j", (word, expected) => expect(nearest(word, names)).toBe(expected));

  test("a known name is its own, however it is written", () => {
    for (const name of names) {
      expect(nearest(name, names)).toBe(name);
      expect(nearest(name.toUpperCase(), names)).toBe(name);
    }
  });
});
