import { loadConfig } from "@streamwarden/config";
import { type PolicyTestResult, runPolicyTests } from "@streamwarden/policies";
import { exitCodes } from "../../errors.ts";
import type { Terminal } from "../../ui/terminal.ts";
import { counted, line, styled, type Text } from "../../ui/text.ts";
import { describe } from "../check/check.ts";

export interface TestOptions {
  readonly config?: string;
  readonly format: string;
  readonly verbose?: boolean;
}

/** Runs the tests that stand beside the policies. */
export function test(options: TestOptions, { out, defaultConfig }: Terminal): number {
  const report = runPolicyTests("configured", loadConfig(options.config ?? defaultConfig));
  if (options.format === "json") {
    const { ok, passed, failed, results, problems } = report;
    out.json({ ok, passed, failed, results, problems });
    return ok ? exitCodes.ok : exitCodes.failed;
  }
  if (report.results.length === 0 && report.problems.length === 0) {
    out.print("There is no policy, so there is nothing to test. `streamwarden check` says what is loaded.");
    return exitCodes.ok;
  }
  const byPolicy = Map.groupBy(report.results, ({ policy }) => policy);
  for (const [policy, results] of byPolicy) {
    const failed = results.filter(({ passed }) => !passed);
    out.print(line`${markOf(failed.length === 0)} ${policy} (${counted(results.length, "test")})`);
    for (const result of options.verbose === true ? results : failed) out.print(...resultLines(result));
  }
  for (const problem of report.problems) out.print(...describe(problem));
  const problems = report.problems.filter(({ severity }) => severity === "error").length;
  out.print(
    "",
    `${counted(byPolicy.size, "policy", "policies")}: ${report.passed} passed, ${report.failed} failed${problems > 0 ? `, ${counted(problems, "problem")}` : ""}.`,
  );
  return report.ok ? exitCodes.ok : exitCodes.failed;
}

function markOf(passed: boolean): Text {
  return passed ? styled("green", "pass") : styled("red", "FAIL");
}

function resultLines(result: PolicyTestResult): Text[] {
  const { test: name, passed, path, line: number, expected, actual, explanation } = result;
  if (passed) return [line`     ${markOf(true)} ${name}`];
  const found = actual === "match" ? "a match" : "no match";
  return [
    line`     ${markOf(false)} ${name} (${path}:${number}): expected ${expected}, but it is ${found}`,
    ...explanation.map((text) => `          ${text}`),
  ];
}
