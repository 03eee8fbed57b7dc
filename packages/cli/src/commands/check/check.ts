import { ConfigError, loadConfig, parseConfig } from "@streamwarden/config";
import { type LoadedPolicies, loadPolicies, type PolicyProblem } from "@streamwarden/policies";
import { readPolicyPaths } from "@streamwarden/replay";
import { defaultConfig } from "../../defaults.ts";
import { exitCodes } from "../../errors.ts";
import { counted, paint, print, type Terminal } from "../../ui/terminal.ts";

export interface CheckOptions {
  /** Policy files and folders instead of the configuration's. */
  readonly policies?: readonly string[];
  readonly config?: string;
  readonly format: string;
}

/** One thing to mend, with its place. */
type Finding = Pick<PolicyProblem, "severity" | "message" | "path" | "line" | "column" | "hint"> & {
  readonly code: string;
};

/** Validates the configuration and all policies. Every problem of every file is shown, not only the first. */
export function check(options: CheckOptions, terminal: Terminal): number {
  const { findings, policies } = findAll(options);
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const warnings = findings.length - errors;
  if (options.format === "json") {
    const summary = {
      ok: errors === 0,
      errors,
      warnings,
      policies: policies?.policies.length ?? 0,
      inactive: (policies?.inactive ?? []).map(({ name, placeholders }) => ({ name, lists: placeholders })),
      disabled: (policies?.disabled ?? []).map(({ policy, owner, reason }) => ({ policy, owner, reason })),
      exceptions: (policies?.exceptions ?? []).map(({ name, owner, reason, expiresAt }) => ({
        name,
        owner,
        reason,
        expires: new Date(expiresAt).toISOString(),
      })),
      problems: findings,
    };
    print(terminal, JSON.stringify(summary, null, 2));
  } else {
    for (const finding of findings) print(terminal, describe(finding, terminal));
    if (findings.length > 0) print(terminal, "");
    if (policies !== undefined) print(terminal, ...overview(policies, terminal));
    const verdict =
      errors > 0
        ? paint(terminal, "red", `${counted(errors, "error")}, ${counted(warnings, "warning")}.`)
        : paint(terminal, "green", `No errors${warnings > 0 ? `, ${counted(warnings, "warning")}` : ""}.`);
    print(terminal, verdict);
  }
  return errors > 0 ? exitCodes.failed : exitCodes.ok;
}

function findAll({ policies: paths, config: configPath }: CheckOptions): {
  readonly findings: readonly Finding[];
  readonly policies?: LoadedPolicies;
} {
  try {
    if (paths !== undefined) {
      const { files, refused } = readPolicyPaths(paths);
      const config = configPath === undefined ? parseConfig("", defaultConfig) : loadConfig(configPath);
      const policies = loadPolicies({ config, files });
      const unread = refused.map((finding) => ({ ...finding, severity: "error" as const }));
      return { findings: [...unread, ...policies.problems], policies };
    }
    const config = loadConfig(configPath ?? defaultConfig);
    const policies = loadPolicies({ config });
    const path = configPath ?? defaultConfig;
    return { findings: [...policies.problems, ...emptiness(policies, path)], policies };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { code, path } = error;
    return { findings: error.problems.map((problem) => ({ ...problem, severity: "error", code, path })) };
  }
}

/** A deployment without a policy watches nothing, and says that all is well. */
function emptiness({ policies, problems }: LoadedPolicies, path: string): Finding[] {
  if (policies.length > 0 || problems.some(({ severity }) => severity === "error")) return [];
  return [
    {
      code: "no-policies",
      severity: "warning",
      message: "No policy is active, so that nothing will raise an alert.",
      hint: "Switch the pack on (`policies.pack`), or name your own files in `policies.paths`.",
      path,
      line: 1,
      column: 1,
    },
  ];
}

export function describe(finding: Finding, terminal: Terminal): string {
  const { path, line, column, severity, code, message, hint } = finding;
  const place = paint(terminal, "bold", `${path}:${line}:${column}`);
  const kind = paint(terminal, severity === "error" ? "red" : "yellow", severity);
  const head = `${place} ${kind} ${message} [${code}]`;
  return hint === undefined ? head : `${head}\n    ${paint(terminal, "dim", hint)}`;
}

function overview(policies: LoadedPolicies, terminal: Terminal): string[] {
  const dryRun = policies.policies.filter(({ stage }) => stage === "dry-run");
  return [
    `${counted(policies.policies.length, "policy", "policies")} active${dryRun.length > 0 ? `, ${dryRun.length} of them in dry-run` : ""}.`,
    ...policies.inactive.map(
      ({ name, placeholders }) =>
        `${paint(terminal, "yellow", "inactive")} ${name} needs configuration: fill ${placeholders.map((list) => `lists.${list}`).join(", ")} in streamwarden.yml.`,
    ),
    ...policies.disabled.map(
      ({ title, owner, reason }) => `${paint(terminal, "dim", "disabled")} ${title} by ${owner}: ${reason}`,
    ),
    ...policies.exceptions.map(
      ({ name, owner, reason, expiresAt }) =>
        `${paint(terminal, "dim", "exception")} ${name} by ${owner} until ${new Date(expiresAt).toISOString().slice(0, 10)}: ${reason}`,
    ),
  ];
}
