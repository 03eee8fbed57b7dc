import { derivedFields, type JsonObject } from "@streamwarden/cloudtrail";
import { type Config, placeholdersOf } from "@streamwarden/config";
import { link, parse, type RuleDocument, type Ruleset, type SourceFile } from "@streamwarden/sigma";
import { explainSelections } from "./explain-selections.ts";
import { isTestFile, readPolicyFiles } from "./policy-files.ts";
import type { PolicyProblem } from "./problem.ts";
import { type PolicyTest, type PolicyTestFile, readTestFile } from "./test-file.ts";

export interface PolicyTestResult {
  /** The policy's name, else its id, else its title. */
  readonly policy: string;
  readonly test: string;
  readonly expected: "match" | "no-match";
  readonly actual: "match" | "no-match";
  readonly passed: boolean;
  /** For a failed test: which selections were true, the condition, and what the record says, one line each. */
  readonly explanation: readonly string[];
  /** Where the test stands. */
  readonly path: string;
  readonly line: number;
}

export interface PolicyTestReport {
  readonly results: readonly PolicyTestResult[];
  /** Policies and tests that cannot be run, and policies without enough tests. */
  readonly problems: readonly PolicyProblem[];
  readonly passed: number;
  readonly failed: number;
  /** Whether every test passed and no problem is an error. */
  readonly ok: boolean;
}

export interface RunPolicyTestsOptions {
  readonly config: Config;
  /** Files instead of the pack and the paths that the configuration names: policies and tests together. */
  readonly files?: readonly SourceFile[];
}

/**
 * Runs the tests that stand beside the policies (`name.test.yml` beside `name.yml`). Each policy needs at least one
 * record that matches and one that does not. Exceptions play no part: they narrow policies for one environment.
 */
export const runPolicyTests = ({ config, files }: RunPolicyTestsOptions): PolicyTestReport => {
  const read = files === undefined ? readPolicyFiles(config) : split(files);
  const problems: PolicyProblem[] = [...read.problems];
  const results: PolicyTestResult[] = [];
  const testOf = new Map(read.tests.map((file) => [stemOf(file.path), file]));
  for (const file of read.policies) {
    const parsed = parse([file]);
    problems.push(...parsed.problems);
    const rules = parsed.documents.filter((document) => document.kind === "rule");
    const testSource = testOf.get(stemOf(file.path));
    testOf.delete(stemOf(file.path));
    const tests = testSource === undefined ? undefined : readTestFile(testSource, problems);
    if (tests !== undefined) results.push(...runFile(tests, file, rules, config, problems));
    for (const rule of rules) checkMinimum(rule, results, problems);
  }
  for (const { path } of testOf.values()) {
    problems.push({
      ...problem("test-without-policy", "There is no policy file of this name beside the tests."),
      path,
    });
  }
  const failed = results.filter((result) => !result.passed).length;
  const hasError = problems.some(({ severity }) => severity === "error");
  return { results, problems, passed: results.length - failed, failed, ok: failed === 0 && !hasError };
};

const split = (files: readonly SourceFile[]): ReturnType<typeof readPolicyFiles> => ({
  policies: files.filter(({ path }) => !isTestFile(path)),
  tests: files.filter(({ path }) => isTestFile(path)),
  problems: [],
});

const stemOf = (path: string): string => path.replace(/(?:\.test)?\.ya?ml$/, "");

const problem = (code: PolicyProblem["code"], message: string): Omit<PolicyProblem, "path"> => ({
  code,
  severity: "error",
  message,
  line: 1,
  column: 1,
});

const runFile = (
  file: PolicyTestFile,
  source: SourceFile,
  rules: readonly RuleDocument[],
  config: Config,
  problems: PolicyProblem[],
): PolicyTestResult[] => {
  const placeholders = { ...placeholdersOf(config), ...file.lists };
  const linked = link(rules, { placeholders, derived: derivedFields });
  problems.push(...linked.problems);
  const { ruleset } = linked;
  for (const { rule, placeholders: names } of ruleset.inactive) {
    const message = `"${rule.title}" cannot be tested, because these lists are empty: ${names.join(", ")}.`;
    problems.push({
      ...problem("invalid-test-file", message),
      path: file.path,
      hint: "Give them values under `lists:`.",
    });
  }
  const inactive = new Set(ruleset.inactive.map(({ rule }) => keyOf(rule)));
  return file.tests.flatMap((test) => {
    const document = rules.find(
      (rule) => test.policy === undefined || rule.name === test.policy || rule.id === test.policy,
    );
    if (document === undefined || (test.policy === undefined && rules.length > 1)) {
      const message =
        test.policy === undefined
          ? `The test "${test.name}" must say which of the ${rules.length} policies it is about.`
          : `The test "${test.name}" is about "${test.policy}", which is not in the policy file beside it.`;
      problems.push({ ...problem("invalid-test-file", message), path: file.path, line: test.line });
      return [];
    }
    if (inactive.has(keyOf(document))) return [];
    const result = runTest(test, file.path, keyOf(document), ruleset);
    if (result.passed) return [result];
    const selections = explainSelections(source, keyOf(document), test.record, placeholders);
    return [{ ...result, explanation: [...selections, ...result.explanation] }];
  });
};

/** What a policy is called in reports. */
const keyOf = (rule: { readonly name?: string; readonly id?: string; readonly title: string }): string =>
  rule.name ?? rule.id ?? rule.title;

const runTest = (test: PolicyTest, path: string, policy: string, ruleset: Ruleset): PolicyTestResult => {
  const actual = ruleset.match(test.record).some((rule) => keyOf(rule) === policy) ? "match" : "no-match";
  const passed = actual === test.expect;
  return {
    policy,
    test: test.name,
    expected: test.expect,
    actual,
    passed,
    explanation: passed ? [] : explain(ruleset, test.record),
    path,
    line: test.line,
  };
};

/** The facts that policies ask most, whether or not this one does. */
const facts = [
  "eventSource",
  "eventName",
  "errorCode",
  "actor.id",
  "actor.kind",
  "actor.mfa",
  "actor.credential",
];

const explain = (ruleset: Ruleset, record: JsonObject): string[] => {
  const seen = facts.map(
    (field) => `${field}: ${ruleset.read(record, field).map(String).join(", ") || "absent"}`,
  );
  return [
    `The record: ${seen.join("; ")}`,
    `requestParameters: ${JSON.stringify(record.requestParameters ?? null).slice(0, 500)}`,
  ];
};

const checkMinimum = (
  rule: RuleDocument,
  results: readonly PolicyTestResult[],
  problems: PolicyProblem[],
): void => {
  const own = results.filter((result) => result.policy === keyOf(rule));
  const missing = (["match", "no-match"] as const).filter(
    (kind) => !own.some((result) => result.expected === kind),
  );
  if (missing.length === 0) return;
  const message = `"${rule.title}" has no test that expects ${missing.join(", and none that expects ")}.`;
  const hint = `Add it to ${stemOf(rule.path)}.test.yml.`;
  problems.push({ ...problem("too-few-tests", message), hint, path: rule.path, line: rule.line });
};
