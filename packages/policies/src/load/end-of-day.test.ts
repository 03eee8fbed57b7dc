import { parseConfig } from "@streamwarden/config";
import { afterEach, describe, expect, test } from "vitest";
import { endOfDay } from "./end-of-day.ts";
import { loadPolicies } from "./load-policies.ts";

const rule =
  "title: R\nname: r\nlevel: low\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  a: {eventName: CreateChannel}\n  condition: a\n";
function exception(day: string): string {
  return `title: X\nname: x\nlogsource: {product: aws, service: cloudtrail}\nfilter:\n  rules: [r]\n  a: {awsRegion: us-east-1}\n  condition: not a\ncustom_attributes: {streamwarden.owner: o, streamwarden.reason: r, streamwarden.expires: ${day}}\n`;
}
function load(day: string) {
  return loadPolicies(
    { files: [{ path: "p.yml", text: `${rule}---\n${exception(day)}` }] },
    parseConfig("", "x.yml"),
  );
}
function isExcepted(day: string, eventTime: string): boolean {
  return (
    load(day).ruleset.match({ eventName: "CreateChannel", awsRegion: "us-east-1", eventTime }).length === 0
  );
}

const zone = process.env.TZ;
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

describe.each([
  "UTC",
  "America/Los_Angeles",
  "Europe/Berlin",
  "Asia/Kolkata",
  "Pacific/Kiritimati",
  "Pacific/Niue",
])("a last day, read in %s", (name) => {
  test.each([
    ["2026-12-31", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"],
    ["2026-01-01", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"],
    ["2028-02-29", "2028-02-29T12:00:00Z", "2028-03-01T00:00:00Z"],
    // Clocks are put forward and back on these.
    ["2026-03-29", "2026-03-29T23:59:59Z", "2026-03-30T00:00:00Z"],
    ["2026-10-25", "2026-10-25T23:59:59Z", "2026-10-26T00:00:00Z"],
  ])("%s ends at midnight UTC and is shown as it is written", (day, last, after) => {
    process.env.TZ = name;
    expect(endOfDay(day)).toBe(Date.parse(after));
    expect([isExcepted(day, last), isExcepted(day, after)]).toEqual([true, false]);
    expect(load(day).exceptions).toMatchObject([{ lastDay: day }]);
  });
});

test.each(["2027-01-01T08:59:59+09:00", "soon", ""])(
  "a call at %j, which CloudTrail never writes, is not excepted",
  (time) => expect(isExcepted("2026-12-31", time)).toBe(false),
);

test.each([
  "2026-02-30",
  "2026-13-01",
  "2026-1-1",
  "2026-12-31T00:00:00Z",
  "31.12.2026",
  " 2026-12-31",
  "2026-12-31\n",
  20261231,
  null,
  undefined,
  new Date(0),
  ["2026-12-31"],
])("%j is no day", (value) => expect(endOfDay(value)).toBeUndefined());
