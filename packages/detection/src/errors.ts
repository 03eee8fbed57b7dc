export type StateStoreErrorCode =
  /** The store did not answer, or answered with a server error or throttling: trying again later can help. */
  | "state-store-unavailable"
  /** Other writers kept winning: trying again later can help. */
  | "state-store-contended"
  /** The document outgrew what the store can hold. */
  | "state-document-too-large"
  /** The store refuses us: a missing table or permission. Somebody must act. */
  | "state-store-refused";

/** The state store could not make a change durable. The message that needed it goes back to the queue. */
export class StateStoreError extends Error {
  override readonly name = "StateStoreError";
  readonly code: StateStoreErrorCode;

  constructor(code: StateStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
