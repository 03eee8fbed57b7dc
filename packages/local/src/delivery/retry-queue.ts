import type { Random } from "../random.ts";

/** How one attempt ended: it worked, it may work later, or it never will. */
export type Attempt =
  | { readonly outcome: "delivered" }
  | { readonly outcome: "failed"; readonly retry: boolean; readonly code: string; readonly message: string };

export interface FailedDelivery {
  readonly code: string;
  readonly message: string;
  /** Retries after the first attempt. */
  readonly retries: number;
  readonly exhausted: "MaximumRetryAttempts" | "MaximumEventAgeInSeconds" | "NotRetriable";
}

export interface Delivery {
  readonly maximumRetries: number;
  readonly maximumAgeSeconds: number;
  attempt(): Promise<Attempt>;
  /** Called once when the delivery is given up. */
  giveUp(failure: FailedDelivery): Promise<void>;
}

export interface DeliveryCounts {
  readonly pending: number;
  readonly delivered: number;
  readonly failed: number;
}

const firstPauseMilliseconds = 20;
const longestPauseMilliseconds = 1_000;

/**
 * Delivers in the background with retries. AWS spreads retries over hours; here the pauses grow from 20 ms to 1 s with
 * jitter, so that a laptop sees the same outcome within seconds.
 */
export class RetryQueue {
  readonly #maximumPending: number;
  readonly #random: Random;
  readonly #running = new Set<Promise<void>>();
  readonly #timers = new Map<NodeJS.Timeout, () => void>();
  #waiting: (() => void)[] = [];
  #delivered = 0;
  #failed = 0;
  #closed = false;

  constructor(random: Random, maximumPending = 2_000) {
    this.#random = random;
    this.#maximumPending = maximumPending;
  }

  get counts(): DeliveryCounts {
    return { pending: this.#running.size, delivered: this.#delivered, failed: this.#failed };
  }

  /** Resolves when there is room for more, which is how senders are slowed down to what receivers take. */
  async room(): Promise<void> {
    while (this.#running.size >= this.#maximumPending && !this.#closed) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  start(delivery: Delivery): void {
    const run = this.#run(delivery)
      .catch(() => {
        this.#failed += 1;
      })
      .finally(() => {
        this.#running.delete(run);
        const waiting = this.#waiting;
        this.#waiting = [];
        for (const resolve of waiting) resolve();
      });
    this.#running.add(run);
  }

  /** Resolves when nothing is pending. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  /** Gives up what is pending, without dead-letter queues: the world ends. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const [timer, wake] of this.#timers) {
      clearTimeout(timer);
      wake();
    }
    await this.idle();
  }

  async #run(delivery: Delivery): Promise<void> {
    const started = Date.now();
    for (let retries = 0; ; retries += 1) {
      const attempt = await delivery.attempt();
      if (attempt.outcome === "delivered") {
        this.#delivered += 1;
        return;
      }
      if (this.#closed) return;
      const exhausted = !attempt.retry
        ? "NotRetriable"
        : retries >= delivery.maximumRetries
          ? "MaximumRetryAttempts"
          : Date.now() - started >= delivery.maximumAgeSeconds * 1_000
            ? "MaximumEventAgeInSeconds"
            : undefined;
      if (exhausted !== undefined) {
        this.#failed += 1;
        await delivery.giveUp({ code: attempt.code, message: attempt.message, retries, exhausted });
        return;
      }
      await this.#pause(retries);
      if (this.#closed) return;
    }
  }

  #pause(retries: number): Promise<void> {
    const longest = Math.min(longestPauseMilliseconds, firstPauseMilliseconds * 2 ** Math.min(retries, 10));
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => {
          this.#timers.delete(timer);
          resolve();
        },
        longest * (0.5 + this.#random() / 2),
      );
      this.#timers.set(timer, () => {
        this.#timers.delete(timer);
        resolve();
      });
    });
  }
}
