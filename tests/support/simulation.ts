import type { Alert, AlertDigest } from "@streamwarden/alerting";
import { loadConfig } from "@streamwarden/config";
import {
  addBalances,
  type Balance,
  createDetector,
  createPipeline,
  emptyBalance,
  type IncidentDocument,
  imbalances,
  incidentDocuments,
  MemoryStateStore,
  type Message,
  type Pipeline,
  type Timer,
  timerBody,
} from "@streamwarden/detection";
import { loadPolicies } from "@streamwarden/policies";
import { faultConfig } from "./fault-config.ts";

interface Published {
  readonly alert: Alert;
  /** Simulated time. */
  readonly at: number;
}

/** Pipelines that share a state store and a queue, in a time that the test owns. */
export interface Simulation {
  /** The true time, milliseconds since the epoch. */
  now: number;
  readonly pipelines: readonly Pipeline[];
  readonly published: readonly Published[];
  readonly digests: readonly AlertDigest[];
  /** Sums of everything that was processed. */
  readonly total: () => Balance;
  readonly incidents: () => IncidentDocument[];
  readonly stateDocuments: () => readonly { readonly key: string; readonly document: unknown }[];
  /** One batch through one pipeline; gives back what was returned to the queue. */
  process(pipeline: number, messages: readonly Message[]): Promise<Message[]>;
  /** Timers that are due now, as messages; each is given once. */
  dueTimers(): Message[];
  /** When the next timer is due. */
  nextTimer(): number | undefined;
}

export interface SimulationOptions {
  readonly start: number;
  /** One pipeline for each: by how many milliseconds its clock is ahead of the true time. */
  readonly skews: readonly number[];
  readonly leaseSeconds?: number;
  readonly directPerMinute?: number;
  /** Runs before every publish: may wait, or reject. */
  readonly beforePublish?: (alert: Alert) => Promise<void>;
}

export function simulate(options: SimulationOptions): Simulation {
  const detector = createDetector(loadPolicies("configured", loadConfig(faultConfig)));
  const published: Published[] = [];
  const digests: AlertDigest[] = [];
  let timers: Timer[] = [];
  let total: Balance = emptyBalance;
  let messageCount = 0;
  const store = new MemoryStateStore({ clock: { now: () => simulation.now } });
  const pipelines = options.skews.map((skew) =>
    createPipeline({
      detector,
      store,
      clock: { now: () => simulation.now + skew },
      publisher: {
        async publish(alert) {
          await options.beforePublish?.(alert);
          published.push({ alert, at: simulation.now });
        },
        async publishDigest(digest) {
          digests.push(digest);
        },
      },
      async scheduleTimer(timer) {
        timers.push(timer);
      },
      quarantine: () => Promise.reject(new Error("Nothing here is unreadable.")),
      ...(options.leaseSeconds === undefined ? {} : { leaseSeconds: options.leaseSeconds }),
      ...(options.directPerMinute === undefined ? {} : { directPerMinute: options.directPerMinute }),
    }),
  );
  const simulation: Simulation = {
    now: options.start,
    pipelines,
    published,
    digests,
    total: () => total,
    incidents: () =>
      store.list("incident#").map(({ key, document }) => incidentDocuments.parse(key, document)),
    stateDocuments: () => store.list(),
    async process(index, messages) {
      const pipeline = pipelines[index];
      if (pipeline === undefined) throw new Error(`There is no pipeline ${index}.`);
      const { outcomes, balance } = await pipeline.process(messages);
      const wrong = imbalances(balance);
      if (wrong.length > 0) throw new Error(wrong.join("; "));
      total = addBalances(total, balance);
      const returned = new Set(outcomes.filter(({ outcome }) => outcome === "returned").map(({ id }) => id));
      return messages.filter(({ id }) => returned.has(id));
    },
    dueTimers() {
      const due = timers.filter(({ at }) => at <= simulation.now);
      timers = timers.filter(({ at }) => at > simulation.now);
      return due.map((timer) => ({
        id: `timer-${messageCount++}`,
        body: timerBody(timer),
        receivedAt: simulation.now,
      }));
    },
    nextTimer: () => (timers.length === 0 ? undefined : Math.min(...timers.map(({ at }) => at))),
  };
  return simulation;
}
