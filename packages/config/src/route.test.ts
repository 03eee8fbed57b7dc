import { describe, expect, test } from "vitest";
import { RouteError } from "./errors.ts";
import { compileRoute, type Route } from "./route.ts";

function numbered(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => String(100_000_000_000 + index));
}

describe("compileRoute", () => {
  test.each([
    ["people by default, without what a storm holds back", { name: "on-call" }, { delivery: ["direct"] }],
    ["everything", { name: "siem", audience: "all" }, undefined],
    [
      "a severity and above",
      { name: "pager", minimumSeverity: "high" },
      { delivery: ["direct"], severity: ["high", "critical"] },
    ],
    [
      "the lowest severity and above, which is all",
      { name: "x", audience: "all", minimumSeverity: "informational" },
      undefined,
    ],
    [
      "policies by name and by prefix",
      { name: "video", audience: "all", policies: ["ivs-*", "cloudtrail-stopped", "cloudtrail-stopped"] },
      { policy: [{ prefix: "ivs-" }, "cloudtrail-stopped"] },
    ],
    [
      "five things at once",
      {
        name: "prod",
        minimumSeverity: "medium",
        accounts: ["123456789012"],
        regions: ["us-west-2", "us-gov-west-1"],
        tactics: ["initial-access"],
      },
      {
        delivery: ["direct"],
        severity: ["medium", "high", "critical"],
        account: ["123456789012"],
        region: ["us-west-2", "us-gov-west-1"],
        tactic: ["initial-access"],
      },
    ],
  ] as const satisfies readonly (readonly [string, Route, unknown])[])("takes %s", (_, route, policy) => {
    expect(compileRoute(route)).toEqual({ filterPolicyScope: "MessageAttributes", filterPolicy: policy });
  });

  test("takes exactly 150 combinations and not one more", () => {
    expect(() =>
      compileRoute({ name: "x", accounts: numbered(50), minimumSeverity: "medium" }),
    ).not.toThrow();
    expect(() => compileRoute({ name: "x", accounts: numbered(51), minimumSeverity: "medium" })).toThrow(
      'Route "x" has 153 combinations (1 delivery x 3 severity x 51 account), but SNS takes 150',
    );
  });

  test.each([
    [
      "route-too-many-keys",
      {
        name: "six",
        minimumSeverity: "high",
        policies: ["a"],
        accounts: ["123456789012"],
        regions: ["us-west-2"],
        tactics: ["impact"],
      },
      "filters on 6 things",
    ],
    ["route-invalid-value", { name: "x", accounts: ["1234"] }, 'the account "1234", which cannot occur'],
    ["route-invalid-value", { name: "x", policies: ['a"b'] }, "cannot occur"],
    ["route-invalid-value", { name: "x", policies: ["*"] }, "cannot occur"],
    ["route-invalid-value", { name: "x", tactics: ["Initial Access"] }, "cannot occur"],
    ["route-invalid-value", { name: "x", regions: [] }, "empty list of region values"],
  ] as const satisfies readonly (readonly [string, Route, string])[])("rejects %s", (code, route, reason) => {
    const rejected = (): unknown => compileRoute(route);
    expect(rejected).toThrow(RouteError);
    expect(rejected).toThrow(expect.objectContaining({ code }));
    expect(rejected).toThrow(reason);
  });
});
