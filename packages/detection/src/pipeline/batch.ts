import { randomUUID } from "node:crypto";
import type { RelatedIncident } from "@streamwarden/alerting";
import { errorMessage } from "@streamwarden/base";
import { type Carrier, type CloudTrailRecord, decode, eventTimeOf } from "@streamwarden/cloudtrail";
import type { Firing } from "@streamwarden/sigma";
import pMap from "p-map";
import {
  type Closing,
  closeWindow,
  correlate,
  entriesOver,
  levelOf,
  type PendingEntry,
} from "../correlation/correlator.ts";
import { decideSightings, type PendingMatch, rememberSightings } from "../correlation/first-seen.ts";
import { type Deliveries, deliver, deliverDigest } from "../delivery/delivery.ts";
import { actorTrails, followActor, othersOf, trailKey, trailSeconds } from "../incident/actor-trail.ts";
import { alertRecord, storedEventId } from "../incident/alert-record.ts";
import {
  type IncidentEvent,
  type IncidentScope,
  incidentId,
  mergeIncident,
  type Progress,
  settleIncident,
  summariseIncident,
} from "../incident/incident.ts";
import { type IncidentDocument, incidentDocuments, incidentKey } from "../incident/incident-document.ts";
import type { Lease, Leased, OutboxEntry } from "../incident/outbox.ts";
import { type FirstSeenTimer, parseTimer, type Timer, type WindowTimer } from "../timer/timer.ts";
import { isScheduled } from "../timer/timer-ledger.ts";
import { type Balance, emptyBalance, type RecordOutcome, recordOutcomes } from "./balance.ts";
import type { BatchResult, Message, MessageOutcome, PipelineContext, QuarantineReason } from "./context.ts";
import type { Detection } from "./detector.ts";
import type { Origin } from "./origin.ts";

const concurrency = 16;
/** The longest incident window that a policy may name. */
const longestWindowSeconds = 7 * 24 * 3600;

/** A record on its way through a batch. */
interface Sighting {
  readonly message: Message;
  readonly record: CloudTrailRecord;
  readonly carrier: Carrier;
  readonly outcomes: Set<RecordOutcome>;
}

/** What one batch does to one incident. */
interface IncidentWork {
  readonly scope: IncidentScope;
  readonly events: (IncidentEvent & { readonly origin: Origin })[];
  progress?: Progress;
}

/** Outbox entries that this batch leased in one state document, and the messages that wait for them. */
interface Owed {
  readonly key: string;
  readonly entries: readonly OutboxEntry[];
  readonly messagesOf: (entry: OutboxEntry) => readonly Message[];
}

/** One batch of messages on its way: its fields are what the steps hand on to each other. */
export class Batch {
  readonly #context: PipelineContext;
  readonly #messages: readonly Message[];
  /** Leases of one batch are its own: a redelivery in the same process is somebody else. */
  readonly #holder = randomUUID();
  readonly #decoded: Sighting[] = [];
  readonly #timers: { readonly message: Message; readonly timer: Timer }[] = [];
  /** Decoded and evaluated: the records that were seen. */
  readonly #sightings: Sighting[] = [];
  readonly #incidents = new Map<string, IncidentWork>();
  readonly #owed: Owed[] = [];
  readonly #entries: PendingEntry[] = [];
  readonly #sightedFirst: PendingMatch[] = [];
  readonly #closings: { readonly message: Message; readonly closing: Pick<Closing, "finish"> }[] = [];
  readonly #refusals = new Map<Message, QuarantineReason>();
  readonly #returned = new Map<Message, string>();
  #published = 0;

  constructor(context: PipelineContext, messages: readonly Message[]) {
    this.#context = context;
    this.#messages = messages;
  }

  async run(): Promise<BatchResult> {
    for (const message of this.#messages) this.#decode(message);
    for (const sighting of this.#decoded) this.#match(sighting);
    // Records first: a timer decides with everything that this batch knows.
    await this.#correlate();
    await this.#remember();
    // What windows below decide is counted by those above before they are decided.
    const levels = Map.groupBy(this.#timers, ({ timer }) => levelOf(this.#context, timer));
    for (const [, timers] of [...levels].sort(([left], [right]) => left - right)) {
      await pMap(timers, ({ message, timer }) => this.#wake(message, timer), { concurrency });
      await this.#correlate();
    }
    const incidents = [...this.#incidents.values()];
    await pMap(incidents, (work) => this.#merge(work), { concurrency });
    const deliveries = await deliver(this.#context, this.#owed, (owed, delivered) =>
      this.#settle(owed, delivered),
    );
    for (const work of incidents) this.#judgeRecords(work, deliveries);
    await pMap(this.#closings, (closing) => this.#finish(closing), { concurrency });
    await pMap(this.#refusals, ([message, refusal]) => this.#quarantine(message, refusal), { concurrency });
    return { outcomes: this.#messages.map((message) => this.#outcome(message)), balance: this.#balance() };
  }

  #decode(message: Message): void {
    const parsed = parseTimer(message.body);
    if (parsed !== undefined) {
      if (parsed.outcome === "timer") this.#timers.push({ message, timer: parsed.timer });
      else this.#refusals.set(message, { reason: parsed.reason, message: parsed.message });
      return;
    }
    const decoded = decode(message.body);
    switch (decoded.outcome) {
      case "records":
        for (const record of decoded.records)
          this.#decoded.push({ message, record, carrier: decoded.carrier, outcomes: new Set() });
        if (decoded.rejected[0] !== undefined) this.#refusals.set(message, decoded.rejected[0]);
        break;
      case "rejected":
        this.#refusals.set(message, decoded.rejection);
        break;
      case "service-event":
        this.#context.observer.serviceEvent?.(decoded.source, decoded.detailType);
        break;
      case "canary":
        break;
    }
  }

  /** A record that cannot be evaluated is quarantined: "could not evaluate" is not "did not match". */
  #match(sighting: Sighting): void {
    try {
      const { detector, observer } = this.#context;
      const { detections, firstSeen = [], entries, excepted = [] } = detector.detect(sighting.record);
      for (const { exception, policy } of excepted) observer.excepted?.(exception, policy);
      if (detections.length > 0 || firstSeen.length > 0 || entries.length > 0) {
        const origin = this.#originOf(sighting);
        const time = eventTimeOf(sighting.record);
        // Described before anything is taken over: a record that cannot be described counts nowhere.
        const described = detections.map((detection) => ({
          detection,
          record: origin.describe(detection.reasons),
        }));
        for (const { detection, record } of described)
          this.#add(detection, origin, { id: origin.eventId, time, record });
        for (const grouped of entries) this.#entries.push({ grouped, origin });
        for (const match of firstSeen)
          this.#sightedFirst.push({ match, origin, sighting: { id: origin.eventId, time } });
      }
      if (detections.length === 0) sighting.outcomes.add("quiet");
      this.#sightings.push(sighting);
    } catch (error) {
      this.#refusals.set(sighting.message, {
        reason: "not-evaluable",
        message: `A policy could not be evaluated on record ${sighting.record.eventID}: ${errorMessage(error)}`,
      });
    }
  }

  #originOf({ message, record, carrier, outcomes }: Sighting): Origin {
    const matchedAt = this.#context.clock.now();
    const actor = this.#context.detector.actorOf?.(record);
    return {
      message,
      eventId: storedEventId(record),
      outcomes,
      describe: (reasons) =>
        alertRecord(record, {
          ...(actor && { actor }),
          carrier,
          reasons,
          receivedAt: message.receivedAt,
          matchedAt,
        }),
    };
  }

  /** Adds a match or firing to what this batch does to its incident. */
  #add(detection: Detection, origin: Origin, event: IncidentEvent): void {
    const scope = scopeOf(detection, event.time);
    const work = this.#incidents.get(scope.id) ?? { scope, events: [] };
    this.#incidents.set(scope.id, work);
    work.events.push({ ...event, origin });
  }

  async #correlate(): Promise<void> {
    const { firings, failures } = await correlate(this.#context, this.#entries.splice(0));
    this.#returnFailed(failures);
    for (const { firing, origin } of firings) this.#addFiring(firing, origin);
  }

  /** Matches that may be new wait for their time; when it has come a timer finds them. */
  async #remember(): Promise<void> {
    this.#returnFailed(await rememberSightings(this.#context, this.#sightedFirst));
  }

  #returnFailed(failures: readonly { readonly origin: Origin; readonly error: unknown }[]): void {
    for (const { origin, error } of failures) {
      this.#return([origin.message], errorMessage(error));
    }
  }

  #addFiring(firing: Firing, origin: Origin): void {
    const detection = this.#context.detector.detectionOf(firing);
    if (detection === undefined) return;
    const record = origin.describe(detection.reasons);
    this.#add(detection, origin, { id: firing.id, time: firing.time, record });
  }

  /** Makes one incident durable and leases what it owes. */
  async #merge(work: IncidentWork): Promise<void> {
    const { allowedLatenessSeconds } = this.#context;
    const key = incidentKey(work.scope.id);
    try {
      const related = await this.#linkActor(work);
      const progress = await this.#update(key, (current, lease, now) =>
        mergeIncident(current, { ...work, lease, now, allowedLatenessSeconds, related }),
      );
      work.progress = progress;
      this.#linked(work);
      const messagesOf = ({ cause }: OutboxEntry): readonly Message[] =>
        work.events.filter(({ origin }) => origin.eventId === cause).map(({ origin }) => origin.message);
      if (progress.owed.length > 0) this.#owed.push({ key, entries: progress.owed, messagesOf });
      for (const entry of progress.elsewhere)
        this.#return(messagesOf(entry), "another consumer is publishing the alert of this message");
    } catch (error) {
      this.#return(
        work.events.map(({ origin }) => origin.message),
        errorMessage(error),
      );
    }
  }

  /** Notes the incident on its actor's trail, once per process; returns the actor's other incidents. */
  async #linkActor({ scope, events }: IncidentWork): Promise<readonly RelatedIncident[]> {
    const { store, linkedIncidents } = this.#context;
    const [first] = events.toSorted((a, b) => a.time - b.time);
    if (first === undefined || !scope.live || linkedIncidents.has(scope.id)) return [];
    const incident = {
      id: scope.id,
      policy: scope.policy.title,
      severity: scope.severity,
      since: first.time,
    };
    // The trail adds to an alert; it must not hold one up.
    const trail = await actorTrails
      .update(store, trailKey(first.record), trailSeconds, (current) => followActor(current, incident))
      .catch(() => ({ incidents: [] }));
    return othersOf(trail, incident);
  }

  #linked({ scope }: IncidentWork): void {
    const { linkedIncidents } = this.#context;
    if (linkedIncidents.size > 10_000) linkedIncidents.clear();
    linkedIncidents.add(scope.id);
  }

  /** A timer that comes early is sent on; one that is due looks at its document. */
  async #wake(message: Message, timer: Timer): Promise<void> {
    const { clock, scheduleTimer, detector } = this.#context;
    try {
      if (timer.at > clock.now()) {
        if (await isScheduled(this.#context, timer)) await scheduleTimer(timer);
        return;
      }
      if (timer.kind === "digest") return await deliverDigest(this.#context, timer.minuteStart);
      if (timer.kind === "window") return await this.#closeWindow(message, timer);
      if (timer.kind === "first-seen") return await this.#decide(message, timer);
      const key = incidentKey(timer.incidentId);
      const leased = await this.#update(key, (current, lease, now) => {
        const policy = current === undefined ? undefined : detector.policy(current.policyId);
        if (policy === undefined) return { document: current, outbox: [], owed: [], elsewhere: [] };
        return summariseIncident(current, { policy, lease, now });
      });
      if (leased.owed.length > 0) this.#owed.push({ key, entries: leased.owed, messagesOf: () => [message] });
      if (leased.elsewhere.length > 0) this.#return([message], "another consumer is publishing this summary");
    } catch (error) {
      this.#return([message], errorMessage(error));
    }
  }

  async #closeWindow(message: Message, timer: WindowTimer): Promise<void> {
    const closing = await closeWindow(this.#context, message, timer);
    for (const { firing, origin } of closing.firings) this.#addFiring(firing, origin);
    this.#entries.push(...entriesOver(this.#context, closing.firings));
    this.#closings.push({ message, closing });
  }

  async #decide(message: Message, timer: FirstSeenTimer): Promise<void> {
    const closing = await decideSightings(this.#context, message, timer);
    for (const { detection, origin, event } of closing.found) this.#add(detection, origin, event);
    this.#closings.push({ message, closing });
  }

  /** Forgets what a timer decided, once its firings are safe in their incidents and windows. */
  async #finish({
    message,
    closing,
  }: {
    readonly message: Message;
    readonly closing: Pick<Closing, "finish">;
  }): Promise<void> {
    if (this.#returned.has(message)) return;
    try {
      await closing.finish();
    } catch (error) {
      this.#return([message], errorMessage(error));
    }
  }

  async #update<T extends Leased & { readonly document: IncidentDocument | undefined }>(
    key: string,
    change: (current: IncidentDocument | undefined, lease: Lease, now: number) => T,
  ): Promise<T> {
    const { store, clock, leaseSeconds } = this.#context;
    let result: T | undefined;
    await incidentDocuments.update(store, key, this.#incidentSeconds(), (current) => {
      const now = clock.now();
      result = change(current, { by: this.#holder, until: now + leaseSeconds * 1000 }, now);
      return result.document;
    });
    if (result === undefined) throw new Error("The state store did not apply the change.");
    return result;
  }

  /**
   * Empties the outbox of what was done. When that fails the alerts are out but not marked, so their messages are
   * returned: a later attempt publishes them again under the same ids.
   */
  async #settle({ key, entries, messagesOf }: Owed, { done, failed }: Deliveries): Promise<void> {
    for (const entry of entries) {
      const reason = failed.get(entry.id);
      if (reason !== undefined) this.#return(messagesOf(entry), reason);
    }
    try {
      await incidentDocuments.update(this.#context.store, key, this.#incidentSeconds(), (current) =>
        settleIncident(current, this.#holder, done),
      );
      this.#published += entries.filter(({ id, due }) => due.kind === "alert" && done.has(id)).length;
    } catch (error) {
      for (const entry of entries) this.#return(messagesOf(entry), errorMessage(error));
    }
  }

  /** An incident is remembered for as long as its messages may come, and until its summary is out. */
  #incidentSeconds(): number {
    const { retentionSeconds, allowedLatenessSeconds } = this.#context;
    return retentionSeconds + longestWindowSeconds + allowedLatenessSeconds;
  }

  #judgeRecords({ scope, events, progress }: IncidentWork, { done }: Deliveries): void {
    if (progress === undefined) return;
    const published = progress.owed.filter(({ id, due }) => due.kind === "alert" && done.has(id));
    const causes = new Set(published.map(({ cause }) => cause));
    const seenInBatch = new Set<string>();
    for (const { id, origin } of events) {
      const isRepeated = seenInBatch.has(id);
      seenInBatch.add(id);
      if (isRepeated) origin.outcomes?.add("duplicate");
      else if (causes.has(origin.eventId)) origin.outcomes?.add("alerted");
      else if (progress.known.has(id)) origin.outcomes?.add("duplicate");
      else origin.outcomes?.add(scope.live ? "merged" : "dryRun");
    }
  }

  async #quarantine(message: Message, refusal: QuarantineReason): Promise<void> {
    // A message that also carries good records is only moved once those are safe.
    if (this.#returned.has(message)) return;
    try {
      await this.#context.quarantine(message, refusal);
    } catch (error) {
      this.#context.observer.quarantineFailed?.(message, refusal, error);
      this.#return([message], errorMessage(error));
    }
  }

  #return(messages: readonly Message[], reason: string): void {
    for (const message of messages) if (!this.#returned.has(message)) this.#returned.set(message, reason);
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
    const received = this.#messages.length;
    const returned = this.#returned.size;
    const quarantined = [...this.#refusals.keys()].filter((message) => !this.#returned.has(message)).length;
    const owed = this.#owed
      .flatMap(({ entries }) => entries)
      .filter(({ due }) => due.kind === "alert").length;
    return {
      messages: { received, processed: received - returned - quarantined, quarantined, returned },
      records,
      alerts: { owed, published: this.#published, pending: owed - this.#published },
    };
  }
}

function scopeOf(detection: Detection, time: number): IncidentScope {
  const windowMilliseconds = detection.windowSeconds * 1000;
  const windowStart = Math.floor(time / windowMilliseconds) * windowMilliseconds;
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
