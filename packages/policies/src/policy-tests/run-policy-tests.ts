import type { JsonObject } from "@streamwarden/cloudtrail";
import type { Config } from "@streamwarden/config";
import {
  type Correlation,
  explain as explainRule,
  type Rule,
  type Ruleset,
  renderExplanation,
} from "@streamwarden/sigma";
import { loadSource } from "../load/load-policies.ts";
import { siteFactsOf } from "../load/policy-plan.ts";
import type { PolicySource } from "../load/policy-source.ts";
import { type Policy, readPolicy } from "../policy.ts";
import type { PolicyProblem } from "../problem.ts";
import { explainSequence, explainSightings, rulesUnder } from "./explain-sequence.ts";
import { runSequence, type SequenceRun } from "./run-sequence.ts";
import { type PolicyTest, type PolicyTestFile, readTestFile } from "./test-file.ts";
import { keyOf, type PolicyDocument, TestablePolicies } from "./testable-policies.ts";

export interface PolicyTestResult {
  /** The policy's name, else its id, else its title. */
  readonly policy: string;
  readonly test: string;
  readonly expected: "match" | "no-match";
  readonly actual: "match" | "no-match";
  readonly passed: boolean;
  /** For a failed test: the condition as a tree with what each test saw, and what the record says, one line each. */
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

/**
 * Runs the tests that stand beside the policies (`name.test.yml` beside `name.yml`). Each policy needs at least one
 * record, or sequence of records, that matches and one that does not; rules that a correlation silences, or that are about
 * other logs, need none.
 * Exceptions play no part: they narrow policies for one environment.
 */
export function runPolicyTests(source: PolicySource, config: Config): PolicyTestReport {
  const { set, documents: accepted, files: read } = loadSource(source, config);
  const policies = new TestablePolicies(accepted, set.ruleset);
  const problems: PolicyProblem[] = [...set.problems];
  const broken = new Set(problems.filter(({ severity }) => severity === "error").map(({ path }) => path));
  const results: PolicyTestResult[] = [];
  const testOf = new Map(read.tests.map((file) => [stemOf(file.path), file]));
  for (const file of read.policies) {
    const documents = policies.in(file);
    const testSource = testOf.get(stemOf(file.path));
    testOf.delete(stemOf(file.path));
    const tests = testSource === undefined ? undefined : readTestFile(testSource, problems);
    if (tests !== undefined) {
      const isBroken = broken.has(file.path);
      results.push(...runFile({ tests, documents, policies, config, isBroken, problems }));
    }
    for (const document of documents) {
      const needsNone = policies.isSilenced(document) || policies.isElsewhere(document);
      if (!needsNone) checkMinimum(document, results, problems);
    }
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
}

function stemOf(path: string): string {
  return path.replace(/(?:\.test)?\.ya?ml$/, "");
}

function problem(code: PolicyProblem["code"], message: string): Omit<PolicyProblem, "path"> {
  return {
    code,
    severity: "error",
    message,
    line: 1,
    column: 1,
  };
}

interface FileRun {
  readonly tests: PolicyTestFile;
  readonly documents: readonly PolicyDocument[];
  readonly policies: TestablePolicies;
  readonly config: Config;
  /** Whether the policy file has an error, so that a policy may be missing. */
  readonly isBroken: boolean;
  readonly problems: PolicyProblem[];
}

function runFile({
  tests: file,
  documents,
  policies,
  config,
  isBroken,
  problems,
}: FileRun): PolicyTestResult[] {
  const site = siteFactsOf(config);
  const { ruleset, problems: linkProblems } = policies.link(documents, {
    ...site,
    placeholders: { ...site.placeholders, ...file.lists },
  });
  // Only what comes from the lists of this file; all else was said of the whole set.
  const isNew = ({ path, line, message }: PolicyProblem): boolean =>
    !problems.some((known) => known.path === path && known.line === line && known.message === message);
  problems.push(...linkProblems.filter(isNew));
  const waiting = [
    ...ruleset.inactive.map(({ rule, placeholders: lists }) => ({ policy: rule, lists })),
    ...ruleset.inactiveCorrelations.map(({ correlation, placeholders: lists }) => ({
      policy: correlation,
      lists,
    })),
  ];
  for (const { policy, lists } of waiting) {
    const message = `"${policy.title}" cannot be tested, because these lists are empty: ${lists.join(", ")}.`;
    problems.push({
      ...problem("invalid-test-file", message),
      path: file.path,
      hint: "Give them values under `lists:`.",
    });
  }
  const active = new Map<string, Rule | Correlation>(
    [...ruleset.rules, ...ruleset.correlations].map((policy) => [keyOf(policy), policy]),
  );
  const alerting = documents.filter((document) => !policies.isSilenced(document));
  return file.tests.flatMap((test) => {
    const document = subjectOf(test, documents, alerting);
    if (typeof document === "string") {
      if (!isBroken)
        problems.push({ ...problem("invalid-test-file", document), path: file.path, line: test.line });
      return [];
    }
    const rule = active.get(keyOf(document));
    if (rule === undefined || policies.isElsewhere(document)) return [];
    return [runTest({ test, path: file.path, policy: readPolicy(rule, config, []), ruleset })];
  });
}

/** The policy that a test is about, or why it is unclear which. */
function subjectOf(
  { name, policy }: PolicyTest,
  documents: readonly PolicyDocument[],
  alerting: readonly PolicyDocument[],
): PolicyDocument | string {
  if (policy === undefined) {
    const [only] = alerting;
    return only !== undefined && alerting.length === 1
      ? only
      : `The test "${name}" must say which of the ${alerting.length} policies it is about.`;
  }
  const found = documents.find((document) => document.name === policy || document.id === policy);
  return found ?? `The test "${name}" is about "${policy}", which is not in the policy file beside it.`;
}

interface TestRun {
  readonly test: PolicyTest;
  readonly path: string;
  readonly policy: Policy;
  readonly ruleset: Ruleset;
}

/** CloudTrail delivers in any order and more than once, which must never change what a policy says. */
const deliveries: readonly (readonly [name: string, order: <T>(records: readonly T[]) => readonly T[]])[] = [
  ["in order", (records) => records],
  ["in reverse order", (records) => records.toReversed()],
  ["twice each", (records) => records.flatMap((record) => [record, record])],
];

function runTest(run: TestRun): PolicyTestResult {
  const { test, path, policy, ruleset } = run;
  const runs = deliveries.map(([name, order]) => ({
    name,
    ...runSequence(ruleset, policy, order(test.records)),
  }));
  const [inOrder] = runs;
  const unexpected = runs.find(({ fired }) => fired !== (test.expect === "match"));
  const actual = (unexpected ?? inOrder)?.fired === true ? "match" : "no-match";
  const isUnstable = unexpected !== undefined && runs.some(({ fired }) => fired !== unexpected.fired);
  return {
    policy: keyOf(policy.rule),
    test: test.name,
    expected: test.expect,
    actual,
    passed: unexpected === undefined,
    explanation: [
      ...(isUnstable
        ? runs.map(({ name, fired }) => `Delivered ${name}: ${fired ? "match" : "no match"}.`)
        : []),
      ...(unexpected === undefined ? [] : explain(run, unexpected)),
    ],
    path,
    line: test.line,
  };
}

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

function explain(
  { test, policy: { rule: policy, firstSeen }, ruleset }: TestRun,
  { windows }: SequenceRun,
): string[] {
  const { records } = test;
  const selections = (rule: Rule, record: JsonObject): string[] =>
    renderExplanation(explainRule(ruleset, rule, record)).split("\n");
  if (policy.kind === "rule") {
    const seen = firstSeen === undefined ? [] : explainSightings(ruleset, policy, firstSeen, records);
    const isMatched = seen.length > 0 && records.some((record) => ruleset.match(record).includes(policy));
    if (isMatched) return seen;
    return records
      .slice(0, 3)
      .flatMap((record) => [...selections(policy, record), ...describeRecord(ruleset, record)]);
  }
  const rules = [...rulesUnder(policy)];
  const isWanted = (record: JsonObject): boolean =>
    ruleset.match(record).some((rule) => rules.includes(rule));
  const unmatched = test.expect === "match" ? records.find((record) => !isWanted(record)) : undefined;
  const details =
    unmatched === undefined
      ? []
      : [
          "The first record that matched nothing:",
          ...rules.flatMap((rule) => selections(rule, unmatched)),
          ...describeRecord(ruleset, unmatched),
        ];
  return [...explainSequence(ruleset, policy, records, windows), ...details];
}

function describeRecord(ruleset: Ruleset, record: JsonObject): string[] {
  const seen = facts.map(
    (field) => `${field}: ${ruleset.read(record, field).map(String).join(", ") || "absent"}`,
  );
  return [
    `The record: ${seen.join("; ")}`,
    `requestParameters: ${JSON.stringify(record.requestParameters ?? null).slice(0, 500)}`,
  ];
}

function checkMinimum(
  policy: PolicyDocument,
  results: readonly PolicyTestResult[],
  problems: PolicyProblem[],
): void {
  const own = results.filter((result) => result.policy === keyOf(policy));
  const missing = (["match", "no-match"] as const).filter(
    (kind) => !own.some((result) => result.expected === kind),
  );
  if (missing.length === 0) return;
  const message = `"${policy.title}" has no test that expects ${missing.join(", and none that expects ")}.`;
  const hint = `Add it to ${stemOf(policy.path)}.test.yml.`;
  problems.push({ ...problem("too-few-tests", message), hint, path: policy.path, line: policy.line });
}
