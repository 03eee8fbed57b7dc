import type { Ruleset } from "@streamwarden/sigma";
import type { PolicyProblem } from "../problem.ts";

/** What CloudTrail records are to Sigma. Rules about other logs can never be true of one. */
export const cloudTrailLogs = { product: "aws", service: "cloudtrail" } as const;

export function problemsOfOtherLogs(
  ruleset: Pick<Ruleset, "elsewhere" | "elsewhereCorrelations">,
): PolicyProblem[] {
  return [...ruleset.elsewhere, ...ruleset.elsewhereCorrelations].map(({ title, path, line }) => ({
    code: "other-logsource",
    severity: "warning",
    message: `"${title}" is about other logs than CloudTrail's, so it is never evaluated.`,
    hint: "If it is meant for CloudTrail, write `logsource: { product: aws, service: cloudtrail }`.",
    path,
    line,
    column: 1,
  }));
}
