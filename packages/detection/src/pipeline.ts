import { randomUUID } from "node:crypto";
import type { Alert, AlertPublisher, AlertRecord } from "@streamwarden/alerting";
import { type Carrier, type CloudTrailRecord, decode, eventTimeOf } from "@streamwarden/cloudtrail";
import { alertRecord } from "./alert-record.ts";
import { type Balance, emptyBalance, type RecordOutcome, recordOutcomes } from "./balance.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { Detection, Detector } from "./detector.ts";
import {
  type Claim,
  confirmPublished,
  type IncidentDocument,
  type IncidentScope,
  incidentId,
  incidentKey,
  mergeIncident,
  type OutboxEntry,
  type Progress,
  releaseClaims,
} from "./incident.ts";
import { forEachLimited } from "./limit.ts";
import type { StateStore } from "./state-store.ts";

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
  | { readonly id: string; readonly outcome: "quarantined"; readonly refusal: QuarantineReason }
  | { readonly id: string; readonly outcome: "returned"; readonly reason: string };

export interface BatchResult {
  readonly outcomes: readonly MessageOutcome[];
  readonly balance: Balance;
}

/** What the pipeline tells its host while it works: for logs and metrics. Must not throw. */
export interface PipelineObserver {
  published?(alert: Alert, publishedAt: number): void;
  publishFailed?(alert: Alert, error: unknown): void;
  stateFailed?(error: unknown): void;
  quarantineFailed?(message: Message, refusal: QuarantineReason, error: unknown): void;
  serviceEvent?(source: string, detailType: string): void;
}

export interface PipelineOptions {
  readonly detector: Detector;
  readonly store: StateStore;
  readonly publisher: AlertPublisher;
  /** Moves a message that no retry can help to the dead-letter queue; rejects when that failed. */
  readonly quarantine: (message: Message, refusal: QuarantineReason) => Promise<void>;
  readonly clock?: Clock;
  readonly observer?: PipelineObserver;
  /** How long a batch may take to publish what it claimed. Below the queue's visibility timeout. */
  readonly claimSeconds?: number;
  /** How long incidents are remembered after their last change: the queue's retention and a day. */
  readonly retentionSeconds?: number;
}

export interface Pipeline {
  /** Takes a batch of messages through to their outcomes. Never throws: what fails is returned to the queue. */
  process(messages: readonly Message[]): Promise<BatchResult>;
}

const defaultClaimSeconds = 30;
const defaultRetentionSeconds = 15 * 24 * 3600;
const concurrentUpdates = 16;

/** A record on its way through a batch. */
interface Sighting {
  readonly message: Message;
  readonly record: CloudTrailRecord;
  readonly carrier: Carrier;
  readonly outcomes: Set<RecordOutcome>;
}

interface IncidentWork {
  readonly scope: IncidentScope;
  readonly sightings: Sighting[];
  readonly records: AlertRecord[];
}

export function createPipeline(options: PipelineOptions): Pipeline {
  return { process: (messages) => new Batch(options, messages).run() };
}

/** One batch: its fields are what the steps hand on to each other. */
class Batch {
  readonly #options: PipelineOptions;
  readonly #messages: readonly Message[];
  readonly #clock: Clock;
  readonly #observer: PipelineObserver;
  /** Claims of one batch are its own: a redelivery in the same process is somebody else. */
  readonly #claimant = randomUUID();
  readonly #decoded: Sighting[] = [];
  /** Decoded and evaluated: the records that were seen. */
  readonly #sightings: Sighting[] = [];
  readonly #refusals = new Map<Message, QuarantineReason>();
  readonly #returned = new Map<Message, string>();
  readonly #incidents = new Map<string, IncidentWork>();
  #owed = 0;
  #published = 0;

  constructor(options: PipelineOptions, messages: readonly Message[]) {
    this.#options = options;
    this.#messages = messages;
    this.#clock = options.clock ?? systemClock;
    this.#observer = options.observer ?? {};
  }

  async run(): Promise<BatchResult> {
    for (const message of this.#messages) this.#decode(message);
    for (const decoded of this.#decoded) this.#match(decoded);
    await forEachLimited([...this.#incidents.values()], concurrentUpdates, (work) => this.#settle(work));
    await forEachLimited([...this.#refusals], concurrentUpdates, ([message, refusal]) =>
      this.#quarantine(message, refusal),
    );
    return { outcomes: this.#messages.map((message) => this.#outcome(message)), balance: this.#balance() };
  }

  #decode(message: Message): void {
    const decoded = decode(message.body);
    switch (decoded.outcome) {
      case "records":
        for (const record of decoded.records)
          this.#decoded.push({ message, record, carrier: decoded.carrier, outcomes: new Set() });
        if (decoded.refused[0] !== undefined) this.#refusals.set(message, decoded.refused[0]);
        break;
      case "refused":
        this.#refusals.set(message, decoded.refusal);
        break;
      case "service-event":
        this.#observer.serviceEvent?.(decoded.source, decoded.detailType);
        break;
      case "canary":
        break;
    }
  }

  /** A record that cannot be evaluated is quarantined: "could not evaluate" is not "did not match". */
  #match(sighting: Sighting): void {
    try {
      const found = this.#options.detector
        .detect(sighting.record)
        .map((detection) => ({ detection, alertRecord: this.#alertRecord(sighting, detection) }));
      this.#sightings.push(sighting);
      if (found.length === 0) sighting.outcomes.add("quiet");
      for (const { detection, alertRecord } of found) {
        const scope = scopeOf(detection, sighting.record);
        const work = this.#incidents.get(scope.id) ?? { scope, sightings: [], records: [] };
        this.#incidents.set(scope.id, work);
        work.sightings.push(sighting);
        work.records.push(alertRecord);
      }
    } catch (error) {
      this.#refusals.set(sighting.message, {
        reason: "not-evaluable",
        message: `A policy could not be evaluated on record ${sighting.record.eventID}: ${sentence(error)}`,
      });
    }
  }

  #alertRecord({ record, carrier, message }: Sighting, { reasons }: Detection): AlertRecord {
    return alertRecord(record, {
      carrier,
      reasons,
      receivedAt: message.receivedAt,
      matchedAt: this.#clock.now(),
    });
  }

  /** Makes one incident durable, then publishes what it owes, then marks it published. */
  async #settle(work: IncidentWork): Promise<void> {
    let progress: Progress;
    try {
      progress = await this.#merge(work);
    } catch (error) {
      this.#observer.stateFailed?.(error);
      for (const { message } of work.sightings) this.#return(message, sentence(error));
      return;
    }
    this.#owed += progress.owed.length;
    const { confirmed, failed } = await this.#publish(progress.owed);
    await this.#mark(work, confirmed, failed.length > 0);
    this.#recordOutcomes(work, progress, confirmed);
    for (const { entry, reason } of failed) this.#returnCause(work, entry, reason);
    for (const entry of progress.elsewhere)
      this.#returnCause(work, entry, "another consumer is publishing the alert of this message");
  }

  async #merge(work: IncidentWork): Promise<Progress> {
    const { store, claimSeconds = defaultClaimSeconds } = this.#options;
    let progress: Progress | undefined;
    await store.update<IncidentDocument>(incidentKey(work.scope.id), this.#ttlSeconds(), (current) => {
      const now = this.#clock.now();
      const claim: Claim = { by: this.#claimant, until: now + claimSeconds * 1000 };
      progress = mergeIncident(current, { scope: work.scope, records: work.records, claim, now });
      return progress.document;
    });
    if (progress === undefined) throw new Error("The state store did not apply the change.");
    return progress;
  }

  async #publish(owed: readonly OutboxEntry[]): Promise<{
    readonly confirmed: ReadonlySet<string>;
    readonly failed: readonly { readonly entry: OutboxEntry; readonly reason: string }[];
  }> {
    const confirmed = new Set<string>();
    const failed: { entry: OutboxEntry; reason: string }[] = [];
    for (const entry of owed) {
      try {
        await this.#options.publisher.publish(entry.alert);
        confirmed.add(entry.alert.id);
        this.#observer.published?.(entry.alert, this.#clock.now());
      } catch (error) {
        this.#observer.publishFailed?.(entry.alert, error);
        failed.push({ entry, reason: sentence(error) });
      }
    }
    return { confirmed, failed };
  }

  /**
   * Empties the outbox of what was published. When that fails the alerts are out but not marked, so their
   * messages are returned: a later attempt publishes them again under the same ids.
   */
  async #mark(work: IncidentWork, confirmed: ReadonlySet<string>, anyFailed: boolean): Promise<void> {
    if (confirmed.size === 0 && !anyFailed) return;
    try {
      await this.#options.store.update<IncidentDocument | undefined>(
        incidentKey(work.scope.id),
        this.#ttlSeconds(),
        (current) => releaseClaims(confirmPublished(current, confirmed), this.#claimant),
      );
      this.#published += confirmed.size;
    } catch (error) {
      this.#observer.stateFailed?.(error);
      for (const { message } of work.sightings) this.#return(message, sentence(error));
    }
  }

  #recordOutcomes(work: IncidentWork, progress: Progress, confirmed: ReadonlySet<string>): void {
    const causes = new Set(
      progress.owed.filter((entry) => confirmed.has(entry.alert.id)).map((entry) => entry.cause),
    );
    const seenInBatch = new Set<string>();
    for (const sighting of work.sightings) {
      const { eventID } = sighting.record;
      const repeated = seenInBatch.has(eventID);
      seenInBatch.add(eventID);
      if (repeated) sighting.outcomes.add("duplicate");
      else if (causes.has(eventID)) sighting.outcomes.add("alerted");
      else if (progress.known.has(eventID)) sighting.outcomes.add("duplicate");
      else sighting.outcomes.add(work.scope.live ? "merged" : "dryRun");
    }
  }

  async #quarantine(message: Message, refusal: QuarantineReason): Promise<void> {
    // A message that also carries good records is only moved once those are safe.
    if (this.#returned.has(message)) return;
    try {
      await this.#options.quarantine(message, refusal);
    } catch (error) {
      this.#observer.quarantineFailed?.(message, refusal, error);
      this.#return(message, sentence(error));
    }
  }

  #returnCause(work: IncidentWork, entry: OutboxEntry, reason: string): void {
    for (const { message, record } of work.sightings)
      if (record.eventID === entry.cause) this.#return(message, reason);
  }

  #return(message: Message, reason: string): void {
    if (!this.#returned.has(message)) this.#returned.set(message, reason);
  }

  #outcome(message: Message): MessageOutcome {
    const reason = this.#returned.get(message);
    if (reason !== undefined) return { id: message.id, outcome: "returned", reason };
    const refusal = this.#refusals.get(message);
    if (refusal !== undefined) return { id: message.id, outcome: "quarantined", refusal };
    return { id: message.id, outcome: "processed" };
  }

  #balance(): Balance {
    const records = { ...emptyBalance.records };
    // The records of a returned message are seen when it comes again.
    for (const sighting of this.#sightings) {
      if (this.#returned.has(sighting.message)) continue;
      records.seen += 1;
      records[recordOutcomes.find((outcome) => sighting.outcomes.has(outcome)) ?? "quiet"] += 1;
    }
    const returned = this.#returned.size;
    const quarantined = [...this.#refusals.keys()].filter((message) => !this.#returned.has(message)).length;
    return {
      messages: {
        received: this.#messages.length,
        processed: this.#messages.length - returned - quarantined,
        quarantined,
        returned,
      },
      records,
      alerts: { owed: this.#owed, published: this.#published, pending: this.#owed - this.#published },
    };
  }

  #ttlSeconds(): number {
    return this.#options.retentionSeconds ?? defaultRetentionSeconds;
  }
}

function scopeOf(detection: Detection, record: CloudTrailRecord): IncidentScope {
  const windowMilliseconds = detection.windowSeconds * 1000;
  const windowStart = Math.floor(eventTimeOf(record) / windowMilliseconds) * windowMilliseconds;
  return {
    id: incidentId(detection.policy.id, detection.group, windowStart),
    policy: detection.policy,
    severity: detection.severity,
    live: detection.live,
    group: detection.group,
    windowStart,
    windowEnd: windowStart + windowMilliseconds,
  };
}

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));
