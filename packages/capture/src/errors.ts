/** Why a pattern was rejected, or an event could not be looked at. Stable: callers and tests may depend on it. */
export type PatternErrorCode =
  | "not-json"
  | "not-an-object"
  | "duplicate-name"
  | "inexact-number"
  | "empty"
  | "leaf-not-an-array"
  | "bad-value"
  | "unknown-operator"
  | "several-operators"
  | "bad-operand"
  | "too-long"
  | "too-deep"
  | "too-many-alternatives"
  | "too-complex"
  | "event-too-deep";

/**
 * An event pattern that EventBridge would reject (or, with `event-too-deep`, an event nested deeper than AWS's own
 * parser reads). `path` is the dotted place in the pattern, empty for the pattern as a whole.
 */
export class PatternError extends Error {
  override readonly name = "PatternError";
  readonly code: PatternErrorCode;
  readonly path: string;
  readonly reason: string;

  constructor(code: PatternErrorCode, path: string, reason: string) {
    super(path === "" ? `Event pattern: ${reason}` : `Event pattern, at ${path}: ${reason}`);
    this.code = code;
    this.path = path;
    this.reason = reason;
  }
}
