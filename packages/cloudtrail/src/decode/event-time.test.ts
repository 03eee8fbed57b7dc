import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseEventTime, timeOfExport } from "./event-time.ts";

describe("parseEventTime", () => {
  test.each([
    ["2020-04-02T20:57:46Z", Date.UTC(2020, 3, 2, 20, 57, 46)],
    ["20131102T010628Z", Date.UTC(2013, 10, 2, 1, 6, 28)],
    ["2020-04-02T20:57:46.250Z", Date.UTC(2020, 3, 2, 20, 57, 46, 250)],
    ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29)],
  ])("reads %s", (text, expected) => expect(parseEventTime(text)).toBe(expected));

  test.each([
    ["2023-02-29T00:00:00Z", "a day that does not exist"],
    ["1900-02-29T00:00:00Z", "a leap day of a century"],
    ["2020-13-01T00:00:00Z", "a month that does not exist"],
    ["2020-04-0:T20:57:46Z", "a character beside the digits"],
    ["0020-04-02T20:57:46Z", "a year that Date would shift"],
    ["2020-04-02T24:00:00Z", "an hour that does not exist"],
    ["2020-04-02T20:57:60Z", "a leap second, which CloudTrail never writes"],
    ["2020-04-02T20:57:46+02:00", "a time that is not UTC"],
    ["2020-04-02", "a date without a time"],
    ["", "nothing"],
    [1585861066, "a number"],
    [null, "null"],
    [`2020-04-02T20:57:46Z${" ".repeat(1_000_000)}`, "a very long text"],
  ])("rejects %s: %s", (text, _why) => expect(parseEventTime(text)).toBeNaN());

  test("reads back every time that Date writes", () => {
    const range = {
      min: new Date("0100-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:59Z"),
      noInvalidDate: true,
    };
    fc.assert(
      fc.property(fc.date(range), (date) => {
        const text = date.toISOString();
        expect(parseEventTime(text)).toBe(date.getTime());
        const seconds = Math.floor(date.getTime() / 1000) * 1000;
        expect(parseEventTime(`${text.slice(0, 19)}Z`)).toBe(seconds);
        expect(parseEventTime(`${text.slice(0, 19).replaceAll(/[-:]/g, "")}Z`)).toBe(seconds);
      }),
    );
  });
});

describe("timeOfExport", () => {
  test.each([
    ["2025-01-21 17:49:47.000000000", "2025-01-21T17:49:47Z"],
    ["2025-01-21 17:49:47", "2025-01-21T17:49:47Z"],
    ["2025-01-21 17:49:47.000", "2025-01-21T17:49:47Z"],
    ["2025-01-21 17:49:47.120 UTC", "2025-01-21T17:49:47.12Z"],
    ["2025-01-21 17:49:47 UTC", "2025-01-21T17:49:47Z"],
    ["2025-01-21 17:49:47Z", "2025-01-21T17:49:47Z"],
    ["2025-01-21T17:49:47+00:00", "2025-01-21T17:49:47Z"],
    ["2025-01-21T17:49:47.000000", "2025-01-21T17:49:47Z"],
    ["2025-01-21T17:49:47Z", "2025-01-21T17:49:47Z"],
  ])("reads %s as %s", (text, expected) => {
    expect(timeOfExport(text)).toBe(expected);
    expect(parseEventTime(expected)).toBe(Date.parse(expected));
  });

  test.each([
    "2025-02-30 17:49:47",
    "2025-01-21 24:00:00",
    "2025-01-21 17:49:60.000",
    "2025-01-21 17:49",
    "2025-01-21",
    "2025-01-21 17:49:47.",
    "2025-01-21 17:49:47.0000000001",
    "2025-01-21 17:49:47 CET",
    "2025-01-21 17:49:47+01:00",
    "2025-01-21 17:49:47-00:00",
    " 2025-01-21 17:49:47",
    "2025-01-21  17:49:47",
    "21/01/2025 17:49:47",
    "1737481787",
    "",
    1737481787000,
    null,
  ])("takes %j for no time", (text) => expect(timeOfExport(text)).toBeUndefined());
});
