import { ConfigError, listKey } from "@streamwarden/config";
import {
  type Exception,
  expiredExceptions,
  type LeftOut,
  type PolicyProblem,
  type PolicySet,
} from "@streamwarden/policies";
import { exitCodes } from "../../errors.ts";
import { type PolicyOptions, policiesOf } from "../../policies.ts";
import type { Terminal } from "../../ui/terminal.ts";
import { counted, styled, type Text, line as textLine } from "../../ui/text.ts";

export interface CheckOptions extends PolicyOptions {
  readonly format: string;
}

/** One thing to mend, with its place. */
type Finding = Pick<PolicyProblem, "severity" | "message" | "path" | "line" | "column" | "hint"> & {
  readonly code: string;
};

/** Validates the configuration and all policies. Every problem of every file is shown, not only the first. */
export function check(options: CheckOptions, terminal: Terminal, now = Date.now()): number {
  const { findings, policies } = findAll(options, terminal.defaultConfig, now);
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
    terminal.out.json(summary);
  } else {
    for (const finding of findings) terminal.out.print(...describe(finding));
    if (findings.length > 0) terminal.out.print("");
    if (policies !== undefined) terminal.out.print(...overview(policies));
    const verdict =
      errors > 0
        ? styled("red", `${counted(errors, "error")}, ${counted(warnings, "warning")}.`)
        : styled("green", `No errors${warnings > 0 ? `, ${counted(warnings, "warning")}` : ""}.`);
    terminal.out.print(verdict);
  }
  return errors > 0 ? exitCodes.failed : exitCodes.ok;
}

function findAll(
  options: CheckOptions,
  defaultConfig: string,
  now: number,
): { readonly findings: readonly Finding[]; readonly policies?: PolicySet } {
  try {
    const policies = policiesOf(options, defaultConfig);
    const isDeployed = options.policies === undefined;
    const empty = isDeployed ? emptiness(policies, options.config ?? defaultConfig) : [];
    const expired = expiredExceptions(policies.exceptions, now);
    return { findings: [...policies.problems, ...expired, ...empty], policies };
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

/** A finding as lines: what is wrong and where, and below it what to do. */
export function describe(finding: Finding): Text[] {
  const { path, line, column, severity, code, message, hint } = finding;
  const place = styled("bold", `${path}:${line}:${column}`);
  const kind = styled(severity === "error" ? "red" : "yellow", severity);
  const head = textLine`${place} ${kind} ${message} [${code}]`;
  return hint === undefined ? [head] : [head, textLine`    ${styled("dim", hint)}`];
}

function overview(policies: PolicySet): Text[] {
  const dryRun = policies.policies.filter(({ stage }) => stage === "dry-run");
  return [
    `${counted(policies.policies.length, "policy", "policies")} active${dryRun.length > 0 ? `, ${dryRun.length} of them in dry-run` : ""}.`,
    ...policies.inactive.map(
      ({ name, placeholders }) =>
        textLine`${styled("yellow", "inactive")} ${name} needs configuration: fill ${placeholders.map(listKey).join(", ")} in streamwarden.yml.`,
    ),
    ...policies.disabled.map(
      ({ title, owner, reason }) => textLine`${styled("dim", "disabled")} ${title} by ${owner}: ${reason}`,
    ),
    ...policies.exceptions.map(exceptionLine),
    ...leftOutLines(policies.leftOut),
  ];
}

function exceptionLine({ name, owner, reason, lastDay }: Exception): Text {
  const by = owner === undefined ? "" : ` by ${owner}`;
  const until = lastDay === undefined ? " for ever" : ` until the end of ${lastDay} UTC`;
  const why = reason === undefined ? "" : `: ${reason}`;
  return textLine`${styled("dim", "exception")} ${name}${by}${until}${why}`;
}

const mostLeftOut = 5;
const whyLeftOut = {
  hidden: "name begins with a dot",
  "not-sigma": "holds no Sigma document",
} satisfies Record<LeftOut["reason"], string>;

function leftOutLines(leftOut: readonly LeftOut[]): Text[] {
  return [...Map.groupBy(leftOut, ({ reason }) => reason)].map(([reason, those]) => {
    const shown = those.slice(0, mostLeftOut).map(({ path }) => path);
    const more = those.length > shown.length ? ` and ${those.length - shown.length} more` : "";
    return textLine`${styled("dim", "left out")} ${shown.join(", ")}${more} (${whyLeftOut[reason]})`;
  });
}
