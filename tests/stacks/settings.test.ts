import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readSettings } from "../../stacks/settings.ts";

const rule =
  "title: Mine\nname: mine\nlevel: low\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  a: {eventName: CreateChannel}\n  condition: a\n";
const filter =
  "---\ntitle: Plain\nlogsource: {product: aws, service: cloudtrail}\nfilter:\n  rules: [mine]\n  a: {awsRegion: us-east-1}\n  condition: not a\n";

describe("a deployment", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "settings-"));
    process.env.STREAMWARDEN_CONFIG = join(folder, "streamwarden.yml");
    writeFileSync(join(folder, "streamwarden.yml"), "policies: { paths: [mine.yml] }\n");
  });
  afterEach(() => {
    delete process.env.STREAMWARDEN_CONFIG;
    rmSync(folder, { recursive: true });
  });

  test.each([
    ["a rule", rule],
    ["a plain Sigma filter, which is a warning", rule + filter],
  ])("goes on with %s", (_, text) => {
    writeFileSync(join(folder, "mine.yml"), text);
    expect(readSettings().homeRegion).toBe("us-east-1");
  });

  test.each([
    ["an unknown modifier", rule.replace("eventName", "eventName|nosuch"), "mine.yml:6:7: "],
    ["a misspelled attribute", `${rule}custom_attributes: {streamwarden.windw: 1h}\n`, "mine.yml:8:21: "],
    [
      "an exception without owner",
      `${rule}${filter}custom_attributes: {streamwarden.reason: r}\n`,
      "mine.yml:",
    ],
  ])("stops at %s", (_, text, place) => {
    writeFileSync(join(folder, "mine.yml"), text);
    expect(readSettings).toThrow("These policies have errors, so nothing is deployed");
    expect(readSettings).toThrow(place);
  });
});
