import type { PipelineOptions } from "./context.ts";

type Dependencies = Pick<PipelineOptions, "store" | "publisher" | "scheduleTimer" | "quarantine">;

/** How long a batch may take. */
export interface TimeBudget {
  /** Aborts when what is unfinished must be returned. */
  readonly signal: AbortSignal;
  /** How long one call may take, its retries included, so that one which hangs leaves time for the others. */
  readonly callMilliseconds: number;
}

/**
 * Dependencies that answer in time or fail: each call gets a signal for what is sent over the wire, and is left alone
 * when the signal comes, whatever it waits for (a pause between attempts knows no signal). Why here and not in each
 * dependency: a pipeline that waits for one of them outlives the function that it runs in, and then nobody is told what
 * became of the batch.
 */
export function withinTime(
  { store, publisher, scheduleTimer, quarantine }: Dependencies,
  budget: TimeBudget,
): Dependencies {
  const inTime = <T>(what: string, call: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    callInTime(what, budget, call);
  return {
    store: {
      read: (key) => inTime("The state table", (signal) => store.read(key, { signal })),
      update: (key, ttlSeconds, change) =>
        inTime("The state table", (signal) => store.update(key, ttlSeconds, change, { signal })),
    },
    publisher: {
      publish: (alert) => inTime("The topic", (signal) => publisher.publish(alert, { signal })),
      publishDigest: (digest) => inTime("The topic", (signal) => publisher.publishDigest(digest, { signal })),
    },
    scheduleTimer: (timer, hops) =>
      inTime("The queue of timers", (signal) => scheduleTimer(timer, hops, { signal })),
    quarantine: (message, reason) =>
      inTime("The dead-letter queue", (signal) => quarantine(message, reason, { signal })),
  };
}

/**
 * What a call answers, or an error as soon as its time or that of its batch is over.
 *
 * @param what names in the error who did not answer, as the beginning of a sentence
 */
export async function callInTime<T>(
  what: string,
  { signal: ofBatch, callMilliseconds }: TimeBudget,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new Error(`${what} did not answer in time: the messages that need it go back to the queue.`);
  if (ofBatch.aborted) throw late;
  const ended = new AbortController();
  const { promise: over, reject } = Promise.withResolvers<never>();
  const end = (): void => {
    ended.abort(late);
    reject(late);
  };
  const timeout = setTimeout(end, callMilliseconds);
  ofBatch.addEventListener("abort", end, { once: true });
  try {
    return await Promise.race([call(ended.signal), over]);
  } finally {
    clearTimeout(timeout);
    ofBatch.removeEventListener("abort", end);
  }
}
