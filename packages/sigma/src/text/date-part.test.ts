import { describe, expect, test } from "vitest";
import { datePart, datePartNames, parseMoment } from "./date-part.ts";

describe("the moment a value names", () => {
  const moment = Date.UTC(2026, 0, 2, 3, 4, 5);
  test.each<[unknown, number | undefined]>([
    ["2026-01-02T03:04:05Z", moment],
    ["2026-01-02T03:04:05.678Z", moment],
    ["2026-01-02 03:04:05", moment],
    ["2026-01-02T04:04:05+01:00", moment],
    ["2026-01-02T04:04:05+0100", moment],
    ["2026-01-02", Date.UTC(2026, 0, 2)],
    [moment / 1000, moment],
    [moment, moment],
    ["2026-13-02", undefined],
    ["yesterday", undefined],
    ["", undefined],
    [null, undefined],
    [-1, undefined],
    [true, undefined],
  ])("%j", (value, expected) => {
    expect(parseMoment(value)).toBe(expected);
  });
});

describe("parts of a moment, in UTC", () => {
  test.each<[string, readonly number[]]>([
    ["2026-01-02T03:04:05Z", [4, 3, 2, 1, 1, 2026]],
    ["2027-01-01T00:00:00Z", [0, 0, 1, 53, 1, 2027]],
    ["2024-12-30T23:59:00Z", [59, 23, 30, 1, 12, 2024]],
    ["2023-01-01T12:30:00Z", [30, 12, 1, 52, 1, 2023]],
  ])("%s", (text, expected) => {
    const moment = parseMoment(text) ?? Number.NaN;
    expect(datePartNames.map((part) => datePart(part, moment))).toEqual(expected);
  });
});
