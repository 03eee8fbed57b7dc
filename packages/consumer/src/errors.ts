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

  constructor(code: ConsumerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
