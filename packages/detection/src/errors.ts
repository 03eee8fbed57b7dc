export type StateStoreErrorCode =
  /** The store did not answer, or answered with a server error or throttling: trying again later can help. */
  | "state-store-unavailable"
  /** Other writers kept winning: trying again later can help. */
  | "state-store-contended"
  /** The document outgrew what the store can hold. */
  | "state-document-too-large"
  /** The store rejects us: a missing table or permission. Somebody must act. */
  | "state-store-refused"
  /** What is stored is not what its kind and format promise: it is damaged, or a stranger wrote it. Somebody must act. */
  | "state-document-unreadable"
  /** Another release wrote the document in a format that this one does not know. Somebody must act. */
  | "state-format-unknown";

/** The state store could not make a change durable. The message that needed it goes back to the queue. */
export class StateStoreError extends Error {
  override readonly name = "StateStoreError";
  readonly code: StateStoreErrorCode;

  constructor(code: StateStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
