/** `config-not-found`, `config-unreadable`: the file; `config-syntax`: no YAML; `config-invalid`: wrong content. */
export type ConfigErrorCode = "config-not-found" | "config-unreadable" | "config-syntax" | "config-invalid";

/** One thing to change in the file. Line and column count from 1. */
export interface ConfigProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** `streamwarden.yml` cannot be used. The message names every problem with its place, one line each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code: ConfigErrorCode;
  readonly path: string;
  readonly problems: readonly ConfigProblem[];

  constructor(
    code: ConfigErrorCode,
    path: string,
    problems: readonly ConfigProblem[],
    options?: ErrorOptions,
  ) {
    super(
      problems.map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`).join("\n"),
      options,
    );
    this.code = code;
    this.path = path;
    this.problems = problems;
  }
}

export type RouteErrorCode =
  | "route-invalid-value"
  | "route-too-many-keys"
  | "route-too-many-combinations"
  | "route-too-large";

/** A route that SNS cannot express. Raised when the route is compiled, never when an alert is sent. */
export class RouteError extends Error {
  override readonly name = "RouteError";
  readonly code: RouteErrorCode;

  constructor(code: RouteErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
