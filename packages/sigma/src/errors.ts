import { formatProblem, type Problem } from "./problems/problem.ts";

/**
 * Why the engine threw: `rejected` (documents with errors), `foreign-rule` (a rule of another ruleset or correlation),
 * `invalid-time` (an event's time is no whole number of milliseconds).
 */
export type SigmaErrorCode = "rejected" | "foreign-rule" | "invalid-time";

/** Thrown where a result would be wrong; everything that can be reported as a `Problem` is reported instead. */
export class SigmaError extends Error {
  override readonly name = "SigmaError";
  readonly code: SigmaErrorCode;
  /** The problems behind a `rejected`, else empty. */
  readonly problems: readonly Problem[];

  constructor(code: SigmaErrorCode, message: string, problems: readonly Problem[] = []) {
    super(problems.length === 0 ? message : `${message}\n${problems.map(formatProblem).join("\n")}`);
    this.code = code;
    this.problems = problems;
  }
}
