import { type Clock, systemClock } from "@streamwarden/base";
import type { StateStore } from "./state-store.ts";

interface Entry {
  readonly document: unknown;
  readonly expiresAt: number;
}

/** How many writes pass between two sweeps of expired documents. */
const writesPerSweep = 10_000;

/**
 * State in this process's memory, for replay and unit tests. Documents are kept by reference: reducers are pure,
 * so nobody changes one in place.
 */
export class MemoryStateStore implements StateStore {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  #writes = 0;

  constructor(options: { readonly clock?: Clock } = {}) {
    this.#clock = options.clock ?? systemClock;
  }

  async read<T>(key: string): Promise<T | undefined> {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.expiresAt > this.#clock.now() ? (entry.document as T) : undefined;
  }

  async update<T>(key: string, ttlSeconds: number, change: (current: T | undefined) => T): Promise<T> {
    const now = this.#clock.now();
    const entry = this.#entries.get(key);
    const current = entry !== undefined && entry.expiresAt > now ? (entry.document as T) : undefined;
    const next = change(current);
    if (next === current) return next;
    this.#entries.set(key, { document: next, expiresAt: now + ttlSeconds * 1000 });
    this.#writes += 1;
    if (this.#writes % writesPerSweep === 0) this.#sweep(now);
    return next;
  }

  /** The living documents whose key starts with `prefix`, sorted by key: for tests, replay and audits. */
  list(prefix = ""): { readonly key: string; readonly document: unknown }[] {
    const now = this.#clock.now();
    return [...this.#entries]
      .filter(([key, entry]) => key.startsWith(prefix) && entry.expiresAt > now)
      .map(([key, entry]) => ({ key, document: entry.document }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  #sweep(now: number): void {
    for (const [key, entry] of this.#entries) if (entry.expiresAt <= now) this.#entries.delete(key);
  }
}
