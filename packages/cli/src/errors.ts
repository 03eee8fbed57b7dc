export type CliErrorCode =
  | "cli-usage"
  | "cli-interrupted"
  | "cli-input"
  | "cli-endpoint"
  | "cli-running"
  | "cli-rejected"
  | "cli-table";

/** Exit codes of every command; `streamwarden --help` lists them. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  rejected: 3,
  interrupted: 130,
  /** As if SIGPIPE had ended it: the reader of stdout went away (`| head`) before everything was written. */
  readerGone: 141,
} as const;

/** Something the person at the terminal must change. Shown as one sentence, without a stack trace. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: CliErrorCode;
  readonly exitCode: number;
  /** Lines below the sentence. */
  readonly details: readonly string[];

  constructor(
    code: CliErrorCode,
    message: string,
    options: ErrorOptions & { exitCode?: number; details?: readonly string[] } = {},
  ) {
    super(message, options);
    this.code = code;
    this.details = options.details ?? [];
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

/** An error whose message is one line, with more lines where it has places or details. */
export interface UserError extends Error {
  readonly code: string;
  readonly exitCode?: number;
  readonly details?: readonly string[];
  /** The file of `problems` that name none. */
  readonly path?: string;
  readonly problems?: readonly {
    readonly path?: string;
    readonly line: number;
    readonly column: number;
    readonly message: string;
  }[];
}

/** Whether the message says all that the user needs. By name, so that no package is loaded to ask. */
export function isUserError(error: unknown): error is UserError {
  return (
    error instanceof Error && userErrors.has(error.name) && "code" in error && typeof error.code === "string"
  );
}
