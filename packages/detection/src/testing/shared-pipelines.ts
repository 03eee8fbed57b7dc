import type { Alert } from "@streamwarden/alerting";
import { imbalances } from "../pipeline/balance.ts";
import type { Message } from "../pipeline/context.ts";
import type { Detector } from "../pipeline/detector.ts";
import { createPipeline } from "../pipeline/pipeline.ts";
import { MemoryStateStore } from "../state/memory-state-store.ts";
import type { StateStore } from "../state/state-store.ts";
import { type Timer, timerBody } from "../timer/timer.ts";

/** A message as a test sends it. When it was sent is a property of the message, whenever it comes. */
interface Sent {
  readonly body: string;
  readonly sentAt: number;
}

/** Pipelines that share a store and a queue. The clock stands until it is set. */
export interface SharedPipelines {
  readonly published: readonly Alert[];
  readonly quarantined: readonly string[];
  readonly clock: { now: number };
  /** Stored documents whose keys begin with a text. */
  readonly stored: (prefix: string) => ReturnType<MemoryStateStore["list"]>;
  /**
   * Processes batches until nothing is waiting: each turn gives every consumer the next batch, and what is returned
   * comes again.
   */
  send(batches: readonly (readonly Sent[])[]): Promise<void>;
  /** Moves the clock from timer to timer until none is left; each comes `copies` times in one batch. */
  finish(copies?: number): Promise<void>;
}

export function sharePipelines(options: {
  readonly detector: Detector;
  readonly now: number;
  readonly consumers?: number;
  /** Stands between the pipelines and the store, to fail or to count. */
  readonly wrap?: (store: StateStore) => StateStore;
  /** How long a turn takes. Leases of batches that failed lapse only while time passes. */
  readonly secondsBetweenTurns?: number;
}): SharedPipelines {
  const clock = { now: options.now };
  const memory = new MemoryStateStore({ clock: { now: () => clock.now } });
  const store = options.wrap?.(memory) ?? memory;
  const published: Alert[] = [];
  const quarantined: string[] = [];
  let timers: Timer[] = [];
  let messages = 0;
  const pipelines = Array.from({ length: options.consumers ?? 1 }, () =>
    createPipeline({
      detector: options.detector,
      store,
      clock: { now: () => clock.now },
      directPerMinute: 1_000_000,
      publisher: {
        async publish(alert) {
          published.push(alert);
        },
        publishDigest: async () => undefined,
      },
      async quarantine({ body }) {
        quarantined.push(body);
      },
      async scheduleTimer(timer) {
        timers.push(timer);
      },
    }),
  );
  async function drain(queue: (readonly Message[])[]): Promise<void> {
    for (let turn = 0; queue.length > 0; turn += 1) {
      if (turn > 10_000) throw new Error("The queue never empties.");
      clock.now += (options.secondsBetweenTurns ?? 0) * 1000;
      const batches = queue.splice(0, pipelines.length);
      const results = await Promise.all(batches.map((batch, index) => pipelines[index]?.process(batch)));
      for (const [index, result] of results.entries()) {
        const wrong = imbalances(result?.balance ?? never());
        if (wrong.length > 0) throw new Error(wrong.join("; "));
        const returned = new Set(
          result?.outcomes.filter(({ outcome }) => outcome === "returned").map(({ id }) => id),
        );
        const again = batches[index]?.filter(({ id }) => returned.has(id)) ?? [];
        if (again.length > 0) queue.push(again);
      }
    }
  }
  function messageOf({ body, sentAt }: Sent): Message {
    messages += 1;
    return { id: `message-${messages}`, body, receivedAt: sentAt };
  }
  return {
    published,
    quarantined,
    clock,
    stored: (prefix) => memory.list(prefix),
    send: (batches) => drain(batches.map((batch) => batch.map(messageOf))),
    async finish(copies = 1) {
      for (let turn = 0; timers.length > 0; turn += 1) {
        if (turn > 10_000) throw new Error("The timers never end.");
        const at = Math.min(...timers.map((timer) => timer.at));
        clock.now = Math.max(clock.now, at);
        const due = timers.filter((timer) => timer.at <= clock.now);
        timers = timers.filter((timer) => timer.at > clock.now);
        const bodies = due.flatMap((timer) => Array.from({ length: copies }, () => timerBody(timer)));
        await drain([bodies.map((body) => messageOf({ body, sentAt: clock.now }))]);
      }
    },
  };
}

function never(): never {
  throw new Error("A batch gave no result.");
}
