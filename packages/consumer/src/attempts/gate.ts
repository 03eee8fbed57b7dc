/**
 * Lets work of one process go on side by side, but for work that must be alone in it. What waits to be alone goes first,
 * so that others cannot keep it waiting for ever.
 */
export class Gate {
  readonly #together = new Set<Promise<unknown>>();
  #alone: Promise<void> = Promise.resolve();
  #waiting = 0;

  async together<T>(work: () => Promise<T>): Promise<T> {
    while (this.#waiting > 0) await this.#alone;
    const working = work();
    this.#together.add(working);
    try {
      return await working;
    } finally {
      this.#together.delete(working);
    }
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#alone;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#alone = promise;
    this.#waiting += 1;
    try {
      await before;
      await Promise.allSettled(this.#together);
      return await work();
    } finally {
      this.#waiting -= 1;
      resolve();
    }
  }
}
