import type { Message } from "@streamwarden/detection";
import { createChannel } from "./records.ts";
import { type Simulation, simulate } from "./simulation.ts";

export interface StormOptions {
  readonly records: number;
  readonly actors: number;
  readonly consumers: number;
  readonly directPerMinute: number;
  /** Called now and then with the number of records done. */
  readonly onProgress?: (done: number) => void;
}

const batchSize = 10;
const minute = 60_000;
/** A whole hour, so that the minute lies in one incident window. */
export const stormStart = Date.parse("2026-01-01T10:00:00Z");

/** Matching records of many actors, spread over one simulated minute, through consumers that share their state. */
export async function runStorm(options: StormOptions): Promise<Simulation> {
  const simulation = simulate({
    start: stormStart,
    skews: Array.from({ length: options.consumers }, () => 0),
    directPerMinute: options.directPerMinute,
  });
  let waiting: Message[] = [];
  let sent = 0;
  const next = (): Message[] => {
    const retried = waiting.splice(0, batchSize);
    const fresh = Math.min(batchSize - retried.length, options.records - sent);
    for (let index = 0; index < fresh; index += 1) {
      const eventTime = new Date(stormStart + Math.floor((sent / options.records) * minute)).toISOString();
      const record = createChannel({
        eventID: `storm-${sent}`,
        user: `storm-${sent % options.actors}`,
        eventTime: eventTime.replace(/\.\d+/, ""),
      });
      retried.push({ id: `m${sent}`, body: JSON.stringify(record), receivedAt: simulation.now });
      sent += 1;
    }
    return retried;
  };
  for (let turn = 0; sent < options.records || waiting.length > 0; turn += 1) {
    // The clock follows the records and stops just before the minute ends.
    simulation.now = stormStart + Math.floor((sent / options.records) * (minute - 1));
    const returned = await Promise.all(
      simulation.pipelines.map((_, index) => simulation.process(index, next())),
    );
    waiting = [...waiting, ...returned.flat()];
    if (turn % 100 === 0) options.onProgress?.(sent);
  }
  return simulation;
}

/** Lets time pass until no timer is left before the moment given. */
export async function passTime(simulation: Simulation, until: number): Promise<void> {
  let waiting: Message[] = [];
  for (;;) {
    const next = simulation.nextTimer();
    if (waiting.length === 0 && (next === undefined || next > until)) return;
    simulation.now = Math.max(simulation.now + 1000, Math.min(next ?? until, until));
    const messages = [...waiting, ...simulation.dueTimers()];
    waiting = [];
    const share = Math.ceil(messages.length / simulation.pipelines.length);
    const returned = await Promise.all(
      simulation.pipelines.map((_, index) =>
        simulation.process(index, messages.slice(index * share, (index + 1) * share)),
      ),
    );
    waiting.push(...returned.flat());
  }
}
