import { systemClock } from "@streamwarden/base";
import { processBatch } from "./batch.ts";
import {
  type BatchResult,
  defaultAllowedLatenessSeconds,
  type Message,
  type PipelineContext,
  type PipelineOptions,
} from "./context.ts";
import { watchDependencies } from "./watched-dependencies.ts";
import { type TimeBudget, withinTime } from "./within-time.ts";

export interface Pipeline {
  /**
   * Takes a batch of messages through to their outcomes. Never throws: what fails is returned to the queue, and so is
   * what is not finished when the time is over.
   */
  process(messages: readonly Message[], time?: TimeBudget): Promise<BatchResult>;
}

export function createPipeline(options: PipelineOptions): Pipeline {
  const context: PipelineContext = {
    clock: systemClock,
    observer: {},
    leaseSeconds: 30,
    retentionSeconds: 15 * 24 * 3600,
    allowedLatenessSeconds: defaultAllowedLatenessSeconds,
    directPerMinute: 30,
    ...options,
    ...watchDependencies(options, options.observer ?? {}),
    scheduledDigests: new Set(),
    scheduledTimers: new Map(),
    linkedIncidents: new Map(),
  };
  return {
    process(messages, time) {
      if (time === undefined) return processBatch(context, messages);
      const timely = withinTime(options, time);
      return processBatch(
        { ...context, ...timely, ...watchDependencies(timely, context.observer) },
        messages,
      );
    },
  };
}
