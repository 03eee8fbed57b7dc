/** Base of what this package throws. `code` is stable; the message says what to do. */
export class LocalAwsError extends Error {
  override readonly name: string = "LocalAwsError";
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A fixed port is taken, most likely by another local world. */
export class PortInUseError extends LocalAwsError {
  override readonly name = "PortInUseError";
  readonly port: number;

  constructor(port: number, what: string, options?: ErrorOptions) {
    super(
      "PORT_IN_USE",
      `Port ${port} on 127.0.0.1, wanted for ${what}, is in use. Stop the program that holds it (perhaps another ` +
        "streamwarden), or choose another port, or 0 for any free one.",
      options,
    );
    this.port = port;
  }
}

/** A fault that cannot be injected as described. */
export class FaultError extends LocalAwsError {
  override readonly name = "FaultError";

  constructor(message: string) {
    super("FAULT_INVALID", message);
  }
}

/** An answer of an AWS service that is an error: `awsCode` is the service's own name for it. */
export class AwsServiceError extends LocalAwsError {
  override readonly name = "AwsServiceError";
  readonly awsCode: string;
  readonly status: number;

  constructor(awsCode: string, message: string, status = 400) {
    super("AWS_SERVICE_ERROR", message);
    this.awsCode = awsCode;
    this.status = status;
  }
}
