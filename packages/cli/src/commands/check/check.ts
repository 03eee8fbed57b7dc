import { ConfigError, listKey } from "@streamwarden/config";
import type { Exception, LeftOut, PolicyProblem, PolicySet } from "@streamwarden/policies";
import { defaultConfig } from "../../defaults.ts";
import { exitCodes } from "../../errors.ts";
import { type PolicyOptions, policiesOf } from "../../policies.ts";
import { counted, paint, print, type Terminal } from "../../ui/terminal.ts";

export interface CheckOptions extends PolicyOptions {
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
      exceptions: (policies?.exceptions ?? []).map(({ name, owner, reason, lastDay }) => ({
        name,
        owner,
        reason,
        expires: lastDay,
      })),
      leftOut: policies?.leftOut ?? [],
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

function findAll(options: CheckOptions): {
  readonly findings: readonly Finding[];
  readonly policies?: PolicySet;
} {
  try {
    const policies = policiesOf(options);
    const isDeployed = options.policies === undefined;
    const empty = isDeployed ? emptiness(policies, options.config ?? defaultConfig) : [];
    return { findings: [...policies.problems, ...empty], policies };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { code, path } = error;
    return { findings: error.problems.map((problem) => ({ ...problem, severity: "error", code, path })) };
  }
}

/** A deployment without a policy watches nothing, and says that all is well. */
function emptiness({ policies, problems }: PolicySet, path: string): Finding[] {
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

function overview(policies: PolicySet, terminal: Terminal): string[] {
  const dryRun = policies.policies.filter(({ stage }) => stage === "dry-run");
  return [
    `${counted(policies.policies.length, "policy", "policies")} active${dryRun.length > 0 ? `, ${dryRun.length} of them in dry-run` : ""}.`,
    ...policies.inactive.map(
      ({ name, placeholders }) =>
        `${paint(terminal, "yellow", "inactive")} ${name} needs configuration: fill ${placeholders.map(listKey).join(", ")} in streamwarden.yml.`,
    ),
    ...policies.disabled.map(
      ({ title, owner, reason }) => `${paint(terminal, "dim", "disabled")} ${title} by ${owner}: ${reason}`,
    ),
    ...policies.exceptions.map((exception) => exceptionLine(exception, terminal)),
    ...leftOutLines(policies.leftOut, terminal),
  ];
}

function exceptionLine({ name, owner, reason, lastDay }: Exception, terminal: Terminal): string {
  const by = owner === undefined ? "" : ` by ${owner}`;
  const until = lastDay === undefined ? " for ever" : ` until the end of ${lastDay} UTC`;
  const why = reason === undefined ? "" : `: ${reason}`;
  return `${paint(terminal, "dim", "exception")} ${name}${by}${until}${why}`;
}

const mostLeftOut = 5;
const whyLeftOut = {
  hidden: "name begins with a dot",
  "not-sigma": "holds no Sigma document",
} satisfies Record<LeftOut["reason"], string>;

function leftOutLines(leftOut: readonly LeftOut[], terminal: Terminal): string[] {
  return [...Map.groupBy(leftOut, ({ reason }) => reason)].map(([reason, those]) => {
    const shown = those.slice(0, mostLeftOut).map(({ path }) => path);
    const more = those.length > shown.length ? ` and ${those.length - shown.length} more` : "";
    return `${paint(terminal, "dim", "left out")} ${shown.join(", ")}${more} (${whyLeftOut[reason]})`;
  });
}
