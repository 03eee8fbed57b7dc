import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { captureRules, compilePattern } from "@streamwarden/capture";
import { decode, ivsOperations } from "@streamwarden/cloudtrail";
import { listNames, parseConfig } from "@streamwarden/config";
import { describe, expect, test } from "vitest";
import { policiesPage } from "../docs/documentation.ts";
import { fixtureRecords } from "../policy-tests/fixture-records.ts";
import { runPolicyTests } from "../policy-tests/run-policy-tests.ts";
import { readTestFile, testFileJsonSchema } from "../policy-tests/test-file.ts";
import { loadPolicies } from "./load-policies.ts";
import { readPolicyFiles } from "./policy-files.ts";

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), "utf8");
}
const everyList = listNames.map((name) => `${name}: [example]`).join(", ");
const config = parseConfig("", "streamwarden.yml");
const loaded = loadPolicies("configured", parseConfig(`lists: { ${everyList} }`, "streamwarden.yml"));
const { policies, ruleset } = loaded;

describe("the shipped policies", () => {
  test("load without a problem, with and without the lists", () => {
    expect(loaded.problems).toEqual([]);
    expect(loaded.inactive).toEqual([]);
    expect(loadPolicies("configured", config).problems).toEqual([]);
  });

  test("pass their tests", () => {
    const report = runPolicyTests("configured", config);
    expect(report.results.filter(({ passed }) => !passed)).toEqual([]);
    expect(report.problems).toEqual([]);
    expect(report.ok).toBe(true);
  });

  test("have at least two matching and three near-missing tests each", () => {
    const results = Map.groupBy(runPolicyTests("configured", config).results, ({ policy }) => policy);
    for (const { name } of policies) {
      const expected = (results.get(name) ?? []).map((result) => result.expected);
      expect(expected.filter((one) => one === "match").length, name).toBeGreaterThanOrEqual(2);
      expect(expected.filter((one) => one === "no-match").length, name).toBeGreaterThanOrEqual(3);
    }
  });

  test.each(policies.map((policy) => [policy.name, policy] as const))("%s is complete", (name, policy) => {
    expect(basename(policy.path)).toBe(`${name}.yml`);
    expect(policy.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(policy.description?.length).toBeGreaterThan(60);
    expect(policy.references.length).toBeGreaterThan(0);
    for (const reference of policy.references) expect(reference).toMatch(/^https:\/\//);
    expect(policy.falsePositives.length).toBeGreaterThan(0);
    expect(policy.tags.filter((tag) => /^attack\.t\d{4}(?:\.\d{3})?$/.test(tag)).length).toBeGreaterThan(0);
    const steps = policy.runbook?.split("\n") ?? [];
    expect(steps.length).toBeGreaterThanOrEqual(3);
    expect(steps.length).toBeLessThanOrEqual(6);
  });

  test("never add up what several actors or accounts did", () => {
    for (const { name, groupBy } of policies)
      expect(groupBy, name).toEqual(expect.arrayContaining(["recipientAccountId", "actor.id"]));
  });

  test("name operations that the IVS catalog knows", () => {
    for (const rule of ruleset.rules) {
      const sources = [...(ruleset.requiredValues(rule, "eventSource") ?? [])];
      if (!sources.some((source) => source.startsWith("ivs"))) continue;
      for (const operation of ruleset.requiredValues(rule, "eventName") ?? []) {
        const known = ivsOperations.some((one) => one.operation.toLowerCase() === operation);
        expect(known, `${rule.name}: ${operation}`).toBe(true);
      }
    }
  });

  test("never trust the record's readOnly", () => {
    for (const { path } of policies)
      expect(read(`../../rules/${path.split("rules/")[1]}`)).not.toMatch(/^\s*readOnly:/m);
  });

  test("are about calls that the capture rules let through, so none of them is dead in production", () => {
    const patterns = captureRules.map(({ pattern }) => compilePattern(pattern));
    const files = readPolicyFiles("configured", config);
    expect(files.tests.length).toBeGreaterThanOrEqual(policies.length);
    for (const file of files.tests) {
      const matching =
        readTestFile(file, [])?.tests.filter(({ expect: verdict }) => verdict === "match") ?? [];
      for (const { record, name } of matching.flatMap(({ name, records }) =>
        records.map((record) => ({ record, name })),
      )) {
        const source = `aws.${String(record.eventSource).replace(".amazonaws.com", "")}`;
        const event = { source, "detail-type": "AWS API Call via CloudTrail", detail: record };
        expect(
          patterns.some((isCaptured) => isCaptured(event)),
          `${file.path}: ${name}`,
        ).toBe(true);
      }
    }
  });

  test("raise the first policy at once for the AWS documentation's CreateChannel record, and no other", () => {
    const text = read("../../../../samples/cloudtrail-CreateChannel.aws-doc.json");
    const decoded = decode(text);
    expect(fixtureRecords["documentation-create-channel"]).toEqual(JSON.parse(text));
    const [record] = decoded.outcome === "records" ? decoded.records : [];
    const shipped = loadPolicies("configured", config);
    const matched = record === undefined ? [] : shipped.ruleset.match(record);
    const alerting = matched.flatMap((rule) => shipped.policyOf(rule) ?? []);
    const names = alerting.filter(({ firstSeen }) => firstSeen === undefined).map(({ name }) => name);
    expect(names).toEqual(["ivs-channel-created-without-mfa"]);
  });
});

describe("what is generated (else run bin/generate-docs.ts)", () => {
  test("docs/policies.md is current", () => {
    expect(read("../../../../docs/policies.md")).toBe(policiesPage(loadPolicies("configured", config)));
  });

  test("the JSON Schema of test files is current", () => {
    expect(JSON.parse(read("../../schemas/policy-test.schema.json"))).toEqual(
      JSON.parse(JSON.stringify(testFileJsonSchema())),
    );
  });
});
