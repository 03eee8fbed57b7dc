import type { Dependency as PipelineDependency } from "@streamwarden/detection";

/** One thing the consumer depends on. */
export type Dependency = PipelineDependency | "queue" | "dead-letter-queue";

export interface HealthReport {
  readonly ready: boolean;
  /** One sentence: why not ready, or that all is well. */
  readonly reason: string;
}

/**
 * A message that failed comes again within five minutes, but maybe to another consumer. A failure that did not
 * happen again here for twice that long is over, or is reported by the consumer that meets it now.
 */
const failureLastsMilliseconds = 10 * 60 * 1000;

/**
 * Ready means: alerts flow. Each dependency is red from its first failure until its next success; while one is
 * red messages wait in the queue.
 */
export class Health {
  readonly #failures = new Map<Dependency, { readonly reason: string; readonly at: number }>();
  readonly #now: () => number;
  #phase: "starting" | "running" | "stopping" = "starting";

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  running(): void {
    this.#phase = "running";
  }

  stopping(): void {
    this.#phase = "stopping";
  }

  failed(dependency: Dependency, reason: string): void {
    this.#failures.set(dependency, { reason, at: this.#now() });
  }

  succeeded(dependency: Dependency): void {
    this.#failures.delete(dependency);
  }

  report(): HealthReport {
    if (this.#phase === "starting") return { ready: false, reason: "The consumer is starting." };
    if (this.#phase === "stopping")
      return { ready: false, reason: "The consumer is stopping: it finishes what it holds." };
    const since = this.#now() - failureLastsMilliseconds;
    const failure = [...this.#failures.values()].find(({ at }) => at > since);
    if (failure !== undefined) return { ready: false, reason: failure.reason };
    return { ready: true, reason: "The consumer receives messages and all its dependencies answer." };
  }
}
