export type PublishErrorCode =
  /** The topic, webhook or channel is gone. */
  | "publish-target-not-found"
  /** We may not send there, or our credentials are rejected. */
  | "publish-not-authorized"
  /** The topic's encryption key may not be used by us. */
  | "publish-encryption-key"
  /** The receiver rejects the message itself: a defect of ours, since renderings keep every limit. */
  | "publish-message-refused"
  /** The receiver asks to slow down. */
  | "publish-throttled"
  /** The receiver answered with a server error. */
  | "publish-unavailable"
  /** No answer in time: the message may or may not have been taken. */
  | "publish-timeout"
  /** The receiver could not be reached. */
  | "publish-unreachable"
  /** The address is not one that we send to. */
  | "publish-target-refused";

const retryableCodes: ReadonlySet<PublishErrorCode> = new Set([
  "publish-throttled",
  "publish-unavailable",
  "publish-timeout",
  "publish-unreachable",
]);

/**
 * An alert could not be handed over. `retryable` says whether waiting alone can help; otherwise somebody must act
 * first, as the message says, and the alert waits meanwhile. Messages never hold a webhook's URL: it is a secret.
 */
export class PublishError extends Error {
  override readonly name = "PublishError";
  readonly code: PublishErrorCode;
  readonly retryable: boolean;
  /** How long the receiver asked us to wait, where it did. */
  readonly retryAfterSeconds?: number;
  /** What was seen, without what it means or what to do: `HTTP 404: no_service`. */
  readonly detail?: string;

  constructor(
    code: PublishErrorCode,
    message: string,
    options: {
      readonly cause?: unknown;
      readonly retryAfterSeconds?: number;
      readonly detail?: string;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = retryableCodes.has(code);
    if (options.retryAfterSeconds !== undefined) this.retryAfterSeconds = options.retryAfterSeconds;
    if (options.detail !== undefined) this.detail = options.detail;
  }
}

export type FindingErrorCode =
  /** Not a finding of ours, or one whose fields are not as they must be. */
  | "finding-invalid"
  /** A later release wrote it: it can be read when this one is replaced. */
  | "finding-format-newer";

/** A message that carries no alert or digest that this release can read. */
export class FindingError extends Error {
  override readonly name = "FindingError";
  readonly code: FindingErrorCode;

  constructor(code: FindingErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** A webhook whose signature, time or headers do not prove that we sent it just now. */
export class WebhookSignatureError extends Error {
  override readonly name = "WebhookSignatureError";
  readonly code = "webhook-signature-invalid";
}
