/** One thing the consumer depends on. */
export type Dependency = "queue" | "state" | "topic" | "dead-letter-queue";

export interface HealthReport {
  readonly ready: boolean;
  /** One sentence: why not ready, or that all is well. */
  readonly reason: string;
}

/**
 * Ready means: alerts flow. Each dependency is red from its first failure until its next success; while one is
 * red messages wait in the queue.
 */
export class Health {
  readonly #failures = new Map<Dependency, string>();
  #phase: "starting" | "running" | "stopping" = "starting";

  running(): void {
    this.#phase = "running";
  }

  stopping(): void {
    this.#phase = "stopping";
  }

  failed(dependency: Dependency, reason: string): void {
    this.#failures.set(dependency, reason);
  }

  succeeded(dependency: Dependency): void {
    this.#failures.delete(dependency);
  }

  report(): HealthReport {
    if (this.#phase === "starting") return { ready: false, reason: "The consumer is starting." };
    if (this.#phase === "stopping")
      return { ready: false, reason: "The consumer is stopping: it finishes what it holds." };
    const [failure] = this.#failures.values();
    if (failure !== undefined) return { ready: false, reason: failure };
    return { ready: true, reason: "The consumer receives messages and all its dependencies answer." };
  }
}
