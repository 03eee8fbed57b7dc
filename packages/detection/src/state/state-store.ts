/**
 * Why there is one primitive: everything stateful (incidents, correlation windows, first-seen terms, delivery rate) is
 * a pure reducer over a small JSON document under a key, and an atomic change of one document is all that any store
 * must offer. What the documents mean is the matter of their `DocumentKind`.
 */
export interface StateStore {
  /**
   * The document under `key`, as it was last written; undefined when there is none or it expired.
   *
   * @throws StateStoreError when the store cannot be reached or rejects us.
   */
  read<T>(key: string, call?: StoreCall): Promise<T | undefined>;

  /**
   * Atomically replaces the document under `key` by `change(current)` and returns the new document.
   * `change` must be pure: it runs again when another writer was first. Returning `current` itself (same
   * reference) writes nothing. The document expires `ttlSeconds` after its last write.
   *
   * @throws StateStoreError when the store cannot be reached, rejects us, or stays contended.
   */
  update<T>(
    key: string,
    ttlSeconds: number,
    change: (current: T | undefined) => T,
    call?: StoreCall,
  ): Promise<T>;
}

/** About one call of a store. */
export interface StoreCall {
  /** Ends the call: what was not sent yet is not sent any more. */
  readonly signal?: AbortSignal;
}
