/**
 * The one primitive that touches state. Everything stateful (incidents, correlation windows, first-seen terms,
 * delivery rate) is a pure reducer over a small JSON document under a key.
 */
export interface StateStore {
  /**
   * Atomically replaces the document under `key` by `change(current)` and returns the new document.
   * `change` must be pure: it runs again when another writer was first. Returning `current` itself (same
   * reference) writes nothing. The document expires `ttlSeconds` after its last write.
   *
   * @throws StateStoreError when the store cannot be reached, refuses, or stays contended.
   */
  update<T>(key: string, ttlSeconds: number, change: (current: T | undefined) => T): Promise<T>;
}
