import { describe, expect, test } from "vitest";
import { AwsServiceError } from "../errors.ts";
import { compileFilterPolicy, type FilterPolicyScope } from "./filter-policy.ts";

const attributes = new Map([
  ["severity", { type: "String", value: "high" }],
  ["policy", { type: "String", value: "ivs-stream-key-read" }],
  ["score", { type: "Number", value: "7.50" }],
  ["tactics", { type: "String.Array", value: '["impact","exfiltration",3,true,null]' }],
  ["address", { type: "String", value: "10.1.2.3" }],
  ["blob", { type: "Binary", value: "AAAA" }],
]);
function passes(policy: unknown): boolean {
  return compileFilterPolicy(JSON.stringify(policy), "MessageAttributes")({ body: "", attributes });
}

describe("on attributes", () => {
  test.each<[policy: unknown, expected: boolean]>([
    [{}, true],
    [{ severity: ["high", "critical"] }, true],
    [{ severity: ["High"] }, false],
    [{ severity: ["high"], policy: ["other"] }, false],
    [{ absent: ["x"] }, false],
    [{ policy: [{ prefix: "ivs-" }] }, true],
    [{ policy: [{ suffix: "-read" }] }, true],
    [{ severity: [{ "anything-but": ["low", "medium"] }] }, true],
    [{ severity: [{ "anything-but": ["high"] }] }, false],
    [{ policy: [{ "anything-but": { prefix: "ivs-" } }] }, false],
    [{ absent: [{ "anything-but": ["x"] }] }, false],
    [{ severity: [{ "equals-ignore-case": "HIGH" }] }, true],
    [{ score: [7.5] }, true],
    [{ score: ["7.50"] }, false],
    [{ score: [{ numeric: [">", 7, "<=", 7.5] }] }, true],
    [{ score: [{ "anything-but": [7.5] }] }, false],
    [{ address: [{ cidr: "10.0.0.0/8" }] }, true],
    [{ tactics: ["exfiltration"] }, true],
    [{ tactics: [3] }, true],
    [{ tactics: [null] }, true],
    [{ tactics: ["discovery"] }, false],
    [{ tactics: [{ prefix: "ex" }] }, true],
    [{ severity: [{ exists: true }] }, true],
    [{ severity: [{ exists: false }] }, false],
    [{ absent: [{ exists: false }] }, true],
    [{ blob: [{ exists: true }] }, false],
    [{ $or: [{ severity: ["low"] }, { score: [7.5] }] }, true],
    [{ $or: [{ severity: ["low"] }, { score: [1] }] }, false],
  ])("%j is %s", (policy, expected) => {
    expect(passes(policy)).toBe(expected);
  });
});

test("on the body, nested and in arrays", () => {
  const filter = compileFilterPolicy('{"a":{"b":["x"]}}', "MessageBody");
  const body = (value: unknown) => filter({ body: JSON.stringify(value), attributes });
  expect(body({ a: { b: "x" } })).toBe(true);
  expect(body({ a: [{ b: "y" }, { b: "x" }] })).toBe(true);
  expect(body({ a: "x" })).toBe(false);
  expect(filter({ body: "not JSON", attributes })).toBe(false);
});

describe("rejected", () => {
  const values = (count: number) => Array.from({ length: count }, (_, index) => `v${index}`);
  test.each<[why: string, policy: unknown, scope: FilterPolicyScope, reason: string]>([
    ["an array", [], "MessageAttributes", "must be a JSON object"],
    ["a plain value", { a: "x" }, "MessageAttributes", "object or an array"],
    ["nesting on attributes", { a: { b: ["x"] } }, "MessageAttributes", "FilterPolicyScope MessageBody"],
    ["wildcard", { a: [{ wildcard: "x*" }] }, "MessageAttributes", "Unrecognized match type wildcard"],
    ["anything-but wildcard", { a: [{ "anything-but": { wildcard: "x*" } }] }, "MessageBody", "wildcard"],
    [
      "prefix without case",
      { a: [{ prefix: { "equals-ignore-case": "x" } }] },
      "MessageBody",
      "must be a string",
    ],
    ["unknown operator", { a: [{ regex: "x" }] }, "MessageBody", "Unrecognized match type regex"],
    ["empty array", { a: [] }, "MessageBody", "at least one value"],
    [
      "six keys",
      { a: ["x"], b: ["x"], c: ["x"], d: ["x"], e: ["x"], f: ["x"] },
      "MessageAttributes",
      "5 keys",
    ],
    [
      "six keys in $or",
      {
        $or: [
          { a: ["x"], b: ["x"], c: ["x"] },
          { d: ["x"], e: ["x"], f: ["x"] },
        ],
      },
      "MessageBody",
      "5 keys",
    ],
    ["160 combinations", { a: values(16), b: values(10) }, "MessageAttributes", "160 combinations"],
    ["153 by nesting", { a: { b: { c: values(51) } } }, "MessageBody", "153 combinations"],
    ["beyond a billion", { a: [1_000_000_001] }, "MessageAttributes", "beyond a billion"],
  ])("%s", (_why, policy, scope, reason) => {
    const compile = () => compileFilterPolicy(JSON.stringify(policy), scope);
    expect(compile).toThrow(AwsServiceError);
    expect(compile).toThrow(reason);
  });

  test("five keys and 150 combinations are fine", () => {
    expect(passes({ a: values(15), b: values(10), c: ["x"], d: ["x"], e: ["x"] })).toBe(false);
  });

  test("not JSON", () => {
    expect(() => compileFilterPolicy("{", "MessageBody")).toThrow("failed to parse JSON");
  });
});
