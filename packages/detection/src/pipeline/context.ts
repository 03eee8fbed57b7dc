import type { Alert, AlertPublisher } from "@streamwarden/alerting";
import type { Clock } from "@streamwarden/base";
import type { StateStore, StoreCall } from "../state/state-store.ts";
import type { Timer } from "../timer/timer.ts";
import type { Balance } from "./balance.ts";
import type { Detector } from "./detector.ts";

/** One message of the queue, whatever brought it. */
export interface Message {
  readonly id: string;
  readonly body: string;
  /** When it reached us, milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** Why no retry can help a message: a stable kebab-case reason and a sentence. */
export interface QuarantineReason {
  readonly reason: string;
  readonly message: string;
}

/** How a message ended. A returned message must not be deleted: the queue delivers it again. */
export type MessageOutcome =
  | { readonly id: string; readonly outcome: "processed" }
  | { readonly id: string; readonly outcome: "quarantined"; readonly rejection: QuarantineReason }
  | { readonly id: string; readonly outcome: "returned"; readonly reason: string };

export interface BatchResult {
  /** One per message, in the order given. */
  readonly outcomes: readonly MessageOutcome[];
  readonly balance: Balance;
}

/** How late a record may come and still be decided in its turn, unless the host says otherwise. */
export const defaultAllowedLatenessSeconds = 15 * 60;

/** What the pipeline tells its host while it works: for logs and metrics. Must not throw. */
export interface PipelineObserver {
  published?(alert: Alert, publishedAt: number): void;
  publishFailed?(alert: Alert, error: unknown): void;
  /** A dependency did not do what it was asked for: its messages go back to the queue. */
  dependencyFailed?(dependency: Dependency, error: unknown): void;
  dependencyAnswered?(dependency: Dependency): void;
  quarantineFailed?(message: Message, rejection: QuarantineReason, error: unknown): void;
  /** Entries that a correlation could not count: too late, or beyond the bound of its window. */
  notCounted?(correlation: string, counts: { readonly late: number; readonly dropped: number }): void;
  serviceEvent?(source: string, detailType: string): void;
  /** An exception kept a policy from matching: exceptions are counted, so that a forgotten one shows. */
  excepted?(exception: string, policy: string): void;
}

/** What the pipeline needs from outside to finish a message, as its host names it in health. */
export type Dependency = "state" | "topic" | "timers";

export interface PipelineOptions {
  readonly detector: Detector;
  readonly store: StateStore;
  readonly publisher: AlertPublisher;
  /** Moves a message that no retry can help to the dead-letter queue; rejects when that failed. */
  readonly quarantine: (message: Message, rejection: QuarantineReason, call?: StoreCall) => Promise<void>;
  /**
   * Sends a timer to our own queue, as late as the queue allows; rejects when that failed. `hops` says how often it was
   * sent on before, 0 without it.
   */
  readonly scheduleTimer: (timer: Timer, hops?: number, call?: StoreCall) => Promise<void>;
  readonly clock?: Clock;
  readonly observer?: PipelineObserver;
  /** How long a batch may take to publish what it claimed. Below the queue's visibility timeout. */
  readonly leaseSeconds?: number;
  /** How long incidents are remembered after their last change: the queue's retention and a day. */
  readonly retentionSeconds?: number;
  /** How late a record may come and still be in its incident's summary. */
  readonly allowedLatenessSeconds?: number;
  /** Above it alerts are held back from people and summed up once a minute. */
  readonly directPerMinute?: number;
}

/** The options with their defaults, as the steps use them. */
export interface PipelineContext extends Required<PipelineOptions> {
  /** The minute whose digest this process scheduled last. */
  readonly scheduledDigests: Set<number>;
  /** The next look at windows and terms as far as this process knows: saves asking the shared ledger. */
  readonly scheduledTimers: Map<string, number>;
  /** Incidents that this process put on their actors' trails, with their first calls: by trail and incident. */
  readonly linkedIncidents: Map<string, number>;
}
