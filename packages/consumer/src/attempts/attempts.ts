import { type Clock, systemClock } from "@streamwarden/base";
import { callInTime, type StateStore, type TimeBudget } from "@streamwarden/detection";
import {
  type AttemptHistory,
  attemptHistories,
  attemptKey,
  cameAgain,
  isSuspect,
  noAttempts,
} from "./attempt-history.ts";

interface Attempted {
  readonly id: string;
  readonly queueUrl: string;
}

/** As long as a message may wait in its queue, and a day. */
const rememberedSeconds = 15 * 24 * 3600;
const longestMemory = 10_000;

/** The markers of attempts in the state table. */
export class Attempts {
  readonly #store: StateStore;
  readonly #clock: Clock;
  readonly #shortestAbsence: number;
  /** Attempts of this process that ended in order, which the table does not know. */
  readonly #endedInOrder = new Set<string>();

  constructor(options: {
    readonly store: StateStore;
    readonly visibilitySeconds: number;
    readonly clock?: Clock;
  }) {
    this.#store = options.store;
    this.#clock = options.clock ?? systemClock;
    this.#shortestAbsence = options.visibilitySeconds * 500;
  }

  /** What is known of a message that has come again. Notes an attempt among others, unless it must be met alone. */
  async begin(message: Attempted, time: TimeBudget): Promise<AttemptHistory> {
    let known = noAttempts;
    await this.#change(message, time, (current) => {
      const now = this.#clock.now();
      known = cameAgain(current, { now, shortestAbsence: this.#shortestAbsence });
      return isSuspect(known) ? known : { ...known, open: { at: now, alone: false } };
    });
    return known;
  }

  /** Notes an attempt alone. */
  async beginAlone(message: Attempted, time: TimeBudget): Promise<void> {
    await this.#change(message, time, (current) => ({
      ...current,
      open: { at: this.#clock.now(), alone: true },
    }));
  }

  /**
   * Notes that attempts ended in order. What the table did not take is remembered here, for as long as this process lives.
   *
   * @returns the ids of those that the table still takes for open
   */
  async end(messages: readonly Attempted[], time: TimeBudget): Promise<ReadonlySet<string>> {
    const open = new Set<string>();
    const close = async (message: Attempted): Promise<void> => {
      const key = attemptKey(message.queueUrl, message.id);
      try {
        await this.#change(message, time, () => noAttempts);
        this.#endedInOrder.delete(key);
      } catch {
        if (this.#endedInOrder.size >= longestMemory) this.#endedInOrder.clear();
        this.#endedInOrder.add(key);
        open.add(message.id);
      }
    };
    await Promise.all(messages.map(close));
    return open;
  }

  async #change(
    { queueUrl, id }: Attempted,
    time: TimeBudget,
    change: (current: AttemptHistory) => AttemptHistory,
  ): Promise<void> {
    const key = attemptKey(queueUrl, id);
    await callInTime("The state table", time, (signal) => {
      const store: StateStore = {
        read: (of) => this.#store.read(of, { signal }),
        update: (of, ttlSeconds, reducer) => this.#store.update(of, ttlSeconds, reducer, { signal }),
      };
      return attemptHistories.update(store, key, rememberedSeconds, (stored = noAttempts) =>
        change(this.#endedInOrder.has(key) ? noAttempts : stored),
      );
    });
  }
}
