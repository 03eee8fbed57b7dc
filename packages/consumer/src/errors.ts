export type ConsumerErrorCode =
  /** An environment variable is missing or malformed. */
  | "consumer-environment"
  /** Policies or configuration have errors. */
  | "consumer-policies"
  /** The queue, topic or table cannot be used at start. */
  | "consumer-dependency"
  /** The port of the health and metrics server is taken. */
  | "consumer-port";

/** The consumer cannot start. The message is one sentence for the person who deploys it. */
export class ConsumerError extends Error {
  override readonly name = "ConsumerError";
  readonly code: ConsumerErrorCode;
  /** The lines that the message ends with, one for each problem, for who shows it and must not trust its line feeds. */
  readonly details: readonly string[];

  constructor(
    code: ConsumerErrorCode,
    message: string,
    options: ErrorOptions & { readonly details?: readonly string[] } = {},
  ) {
    const { details = [] } = options;
    super([message, ...details].join("\n"), options);
    this.code = code;
    this.details = details;
  }
}
