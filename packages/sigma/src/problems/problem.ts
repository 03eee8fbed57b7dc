import { visible } from "../text/show-text.ts";
import { type ProblemCode, problemCodes } from "./problem-codes.ts";

/** One thing wrong with a file, at the place where it must be changed. Lines and columns count from 1. */
export interface Problem {
  readonly code: ProblemCode;
  /** An error rejects its document; a warning does not. */
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly path: string;
  readonly line: number;
  readonly column: number;
  /** What to write instead, where that is known. */
  readonly hint?: string;
}

/** A place in a file. Lines and columns count from 1. */
export interface Position {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Collects the problems of one document. Readers add to it and go on instead of throwing, so that whoever wrote the document
 * gets all of its problems at once.
 */
export class ProblemList {
  readonly problems: Problem[] = [];
  #errors = 0;

  add(code: ProblemCode, at: Position, message: string, hint?: string): void {
    const { path, line, column } = at;
    // Messages quote the document and end up in terminals and logs.
    const shown = { message: visible(message), ...(hint === undefined ? {} : { hint: visible(hint) }) };
    this.#errors += problemCodes[code] === "error" ? 1 : 0;
    this.problems.push({
      code,
      severity: problemCodes[code],
      path,
      line,
      column,
      ...shown,
    });
  }

  has(code: ProblemCode): boolean {
    return this.problems.some((problem) => problem.code === code);
  }

  /** How many of the problems are errors. */
  get errors(): number {
    return this.#errors;
  }

  get hasErrors(): boolean {
    return this.#errors > 0;
  }
}

/** The problem as one line for a terminal: `path:line:column: severity code: message Hint`. */
export function formatProblem(problem: Problem): string {
  const { path, line, column, severity, code, message, hint } = problem;
  return `${visible(path)}:${line}:${column}: ${severity} ${code}: ${message}${hint === undefined ? "" : ` ${hint}`}`;
}
