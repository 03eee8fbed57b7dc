import { StateStoreError } from "../errors.ts";
import type { StateStore } from "../state/state-store.ts";

/** A store that is away for the keys of which `fails` says so. */
export function failingStore(store: StateStore, fails: (key: string) => boolean): StateStore {
  const away = () => Promise.reject(new StateStoreError("state-store-unavailable", "The table is away."));
  return {
    read: (key) => (fails(key) ? away() : store.read(key)),
    update: (key, ttlSeconds, change) => (fails(key) ? away() : store.update(key, ttlSeconds, change)),
  };
}
