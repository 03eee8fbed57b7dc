export type CliErrorCode =
  | "cli-usage"
  | "cli-input"
  | "cli-endpoint"
  | "cli-running"
  | "cli-refused"
  | "cli-table";

/** Exit codes of every command; `streamwarden --help` lists them. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, refused: 3, interrupted: 130 } as const;

/** Something the person at the terminal must change. Shown as one sentence, without a stack trace. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: CliErrorCode;
  readonly exitCode: number;

  constructor(code: CliErrorCode, message: string, options: ErrorOptions & { exitCode?: number } = {}) {
    super(message, options);
    this.code = code;
    this.exitCode = options.exitCode ?? exitCodes.failed;
  }
}

/** Errors of the packages below whose message is a sentence for the person at the terminal. */
const userErrors = new Set([
  "CliError",
  "ConfigError",
  "ConsumerError",
  "LocalAwsError",
  "PortInUseError",
  "SigmaError",
]);

/** Whether the message says all that the user needs. By name, so that no package is loaded to ask. */
export function isUserError(
  error: unknown,
): error is Error & { readonly code: string; readonly exitCode?: number } {
  return (
    error instanceof Error && userErrors.has(error.name) && "code" in error && typeof error.code === "string"
  );
}
