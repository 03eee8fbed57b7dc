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

export interface Pipeline {
  /** Takes a batch of messages through to their outcomes. Never throws: what fails is returned to the queue. */
  process(messages: readonly Message[]): Promise<BatchResult>;
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
  return { process: (messages) => processBatch(context, messages) };
}
