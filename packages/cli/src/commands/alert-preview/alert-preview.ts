import { type Alert, amazonQ, email, ocsf, slack } from "@streamwarden/alerting";
import {
  type Config,
  type ListName,
  listNames,
  loadConfig,
  type PipelinePart,
  pipelineLists,
} from "@streamwarden/config";
import {
  loadPolicies,
  type PolicySet,
  type PolicyTestFile,
  readPolicyFiles,
  readTestFile,
} from "@streamwarden/policies";
import { misspelled, nearest } from "@streamwarden/sigma";
import { CliError, exitCodes } from "../../errors.ts";
import type { Output } from "../../ui/output.ts";
import type { Terminal } from "../../ui/terminal.ts";
import { linesOf } from "../../ui/text.ts";
import { runTestCase } from "./run-test-case.ts";

export interface AlertPreviewOptions {
  readonly config?: string;
  readonly as: string;
}

/**
 * Prints the alert of a policy's own first matching test, so that its wording can be judged before it is deployed.
 * Lists come from the test file; a policy that is disabled or in dry-run is shown all the same.
 *
 * @throws CliError when there is no such policy, or no test of it that raises an alert.
 */
export async function alertPreview(
  name: string,
  options: AlertPreviewOptions,
  terminal: Terminal,
): Promise<number> {
  const written = loadConfig(options.config ?? terminal.defaultConfig);
  const config = { ...written, policies: { ...written.policies, disabled: [] } };
  const { path } = findPolicy(name, loadAll(config));
  const tests = testsBeside(path, config);
  const loaded = loadAll(withLists(config, tests.lists));
  const { id, ...policy } = findPolicy(name, loaded);
  const isOwn = (subject: string | undefined) =>
    subject === undefined || subject === id || subject === policy.name;
  const cases = tests.tests.filter((test) => test.expect === "match" && isOwn(test.policy));
  for (const { records } of cases) {
    const alert = await runTestCase(loaded, id, records);
    if (alert === undefined) continue;
    show(alert, options.as, terminal.out);
    return exitCodes.ok;
  }
  throw new CliError(
    "cli-input",
    `No test of ${policy.name} in ${tests.path} raises an alert: it needs one that expects a match, and no exception may cover its record.`,
  );
}

function show(alert: Alert, medium: string, out: Output): void {
  switch (medium) {
    case "slack":
      out.json(slack(alert));
      break;
    case "ocsf":
      out.json(ocsf(alert));
      break;
    case "amazon-q":
      out.json(amazonQ(alert));
      break;
    default: {
      const { subject, body } = email(alert);
      out.print(`Subject: ${subject}`, "", ...linesOf(body.trimEnd()));
      break;
    }
  }
}

/** @throws CliError `cli-rejected` when a policy cannot work. */
function loadAll(config: Config): PolicySet {
  const loaded = loadPolicies("configured", config);
  const [first, ...others] = loaded.problems.filter(({ severity }) => severity === "error");
  if (first === undefined) return loaded;
  const more = others.length === 0 ? "" : ` (and ${others.length} more: see \`streamwarden check\`)`;
  throw new CliError("cli-rejected", `${first.path}:${first.line}:${first.column}: ${first.message}${more}`, {
    exitCode: exitCodes.rejected,
  });
}

function findPolicy(name: string, { policies, inactive }: PolicySet) {
  const all = [...policies, ...inactive];
  const found = all.find((policy) => policy.name === name || policy.id === name);
  if (found !== undefined) return found;
  const near = nearestNames(
    name,
    all.map((policy) => policy.name),
  );
  const hint =
    near.length === 0
      ? "docs/policies.md lists the shipped ones."
      : `Did you mean ${new Intl.ListFormat("en", { type: "disjunction" }).format(near)}?`;
  throw new CliError("cli-input", `There is no policy with the name or id ${JSON.stringify(name)}. ${hint}`);
}

const maximumNear = 3;

/** Names that were probably meant, and names that hold the word. */
function nearestNames(word: string, names: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (let left = maximumNear; left > 0; left -= 1) {
    const next = misspelled(
      word,
      names.filter((name) => !found.has(name)),
    );
    if (next !== undefined) found.add(next);
  }
  const worded = found.size === 0 ? nearest(word, names) : undefined;
  if (worded !== undefined) found.add(worded);
  const holding = names.filter((name) => word.length > 2 && name.includes(word.toLowerCase()));
  return [...new Set([...found, ...holding])].slice(0, maximumNear);
}

function testsBeside(path: string, config: Config): PolicyTestFile {
  const stem = path.replace(/\.ya?ml$/, "");
  const source = readPolicyFiles("configured", config).tests.find(
    (file) => file.path.replace(/\.test\.ya?ml$/, "") === stem,
  );
  if (source === undefined)
    throw new CliError(
      "cli-input",
      `The policy has no tests: write ${stem}.test.yml, whose first match is shown.`,
    );
  const problems: Parameters<typeof readTestFile>[1] = [];
  const tests = readTestFile(source, problems);
  if (tests !== undefined) return tests;
  const [first] = problems;
  throw new CliError(
    "cli-input",
    `${source.path}:${first?.line ?? 1}: ${first?.message ?? "It cannot be read."}`,
  );
}

/** The configuration with the lists that a test file brings. */
function withLists(config: Config, lists: PolicyTestFile["lists"]): Config {
  const result = {
    ...config,
    lists: { ...config.lists },
    customLists: { ...config.customLists },
    pipeline: { ...config.pipeline },
  };
  const parts = new Map(
    Object.entries(pipelineLists).map(([part, { placeholder }]): [string, PipelinePart] => [
      placeholder,
      part as PipelinePart,
    ]),
  );
  for (const [name, values] of Object.entries(lists)) {
    const part = parts.get(name);
    if (part !== undefined) result.pipeline[part] = values;
    else if ((listNames as readonly string[]).includes(name)) result.lists[name as ListName] = values;
    else result.customLists[name] = values;
  }
  return result;
}
