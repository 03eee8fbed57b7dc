import { loadConfig } from "@streamwarden/config";
import { type PolicyTestResult, runPolicyTests } from "@streamwarden/policies";
import { exitCodes } from "../../errors.ts";
import { counted, paint, print, type Terminal } from "../../ui/terminal.ts";
import { describe } from "../check/check.ts";

export interface TestOptions {
  readonly config: string;
  readonly format: string;
  readonly verbose?: boolean;
}

/** Runs the tests that stand beside the policies. */
export function test(options: TestOptions, terminal: Terminal): number {
  const report = runPolicyTests("configured", loadConfig(options.config));
  if (options.format === "json") {
    const { ok, passed, failed, results, problems } = report;
    print(terminal, JSON.stringify({ ok, passed, failed, results, problems }, null, 2));
    return ok ? exitCodes.ok : exitCodes.failed;
  }
  const byPolicy = Map.groupBy(report.results, ({ policy }) => policy);
  for (const [policy, results] of byPolicy) {
    const failed = results.filter(({ passed }) => !passed);
    const mark = failed.length === 0 ? paint(terminal, "green", "pass") : paint(terminal, "red", "FAIL");
    print(terminal, `${mark} ${policy} (${counted(results.length, "test")})`);
    for (const result of options.verbose === true ? results : failed)
      print(terminal, ...lines(result, terminal));
  }
  for (const problem of report.problems) print(terminal, describe(problem, terminal));
  const problems = report.problems.filter(({ severity }) => severity === "error").length;
  print(
    terminal,
    "",
    `${counted(byPolicy.size, "policy", "policies")}: ${report.passed} passed, ${report.failed} failed${problems > 0 ? `, ${counted(problems, "problem")}` : ""}.`,
  );
  return report.ok ? exitCodes.ok : exitCodes.failed;
}

function lines(result: PolicyTestResult, terminal: Terminal): string[] {
  if (result.passed) return [`     ${paint(terminal, "green", "pass")} ${result.test}`];
  const { test: name, path, line, expected, actual, explanation } = result;
  return [
    `     ${paint(terminal, "red", "FAIL")} ${name} (${path}:${line}): expected ${expected}, but it is ${actual === "match" ? "a match" : "no match"}`,
    ...explanation.map((text) => `          ${text}`),
  ];
}
