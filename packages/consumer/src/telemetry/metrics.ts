import type { Alert } from "@streamwarden/alerting";
import { addBalances, type Balance, emptyBalance } from "@streamwarden/detection";
import { Counter, Gauge, Histogram, Registry, Summary } from "prom-client";
import type { KnownLabels } from "./known-labels.ts";

/** Seconds from an API call to its alert: CloudTrail's own delivery takes seconds to minutes. */
const latencyBuckets = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 900, 3600];

/** `IVS Stream State Change` and the like. A label must neither be free text nor grow without end. */
const serviceEventShape = /^IVS (?:[A-Z][a-z]{1,15} ){1,4}(?:Change|Breach|Update|Event)$/;

/** The balance and the latencies as Prometheus metrics. */
export class Metrics {
  readonly registry = new Registry();
  #total: Balance = emptyBalance;

  readonly #messages = new Counter({
    name: "streamwarden_messages_total",
    help: "Messages received from the queue by outcome: received = processed + quarantined + returned.",
    labelNames: ["outcome"],
    registers: [this.registry],
  });
  readonly #records = new Counter({
    name: "streamwarden_records_total",
    help: "CloudTrail records by outcome: seen = alerted + merged + quiet + duplicate + dryRun.",
    labelNames: ["outcome"],
    registers: [this.registry],
  });
  readonly #alerts = new Counter({
    name: "streamwarden_alerts_total",
    help: "Alerts by delivery outcome: owed = published + pending.",
    labelNames: ["outcome"],
    registers: [this.registry],
  });
  readonly #alertsByPolicy = new Counter({
    name: "streamwarden_alerts_published_total",
    help: "Published alerts by policy, severity and kind.",
    labelNames: ["policy", "severity", "kind"],
    registers: [this.registry],
  });
  readonly #asciiSubjects = new Counter({
    name: "streamwarden_ascii_subjects_total",
    help: "Alerts that SNS took with an ASCII subject only, after it rejected one in another script.",
    registers: [this.registry],
  });
  readonly #quarantined = new Counter({
    name: "streamwarden_quarantined_total",
    help: "Messages moved to the dead-letter queue by reason.",
    labelNames: ["reason"],
    registers: [this.registry],
  });
  readonly #notCounted = new Counter({
    name: "streamwarden_correlation_not_counted_total",
    help: "Records that a correlation could not count: too late, or beyond the bound of its window.",
    labelNames: ["policy", "reason"],
    registers: [this.registry],
  });
  readonly #exceptions = new Counter({
    name: "streamwarden_exceptions_total",
    help: "Matches that an exception kept from alerting, by exception and policy.",
    labelNames: ["exception", "policy"],
    registers: [this.registry],
  });
  readonly #serviceEvents = new Counter({
    name: "streamwarden_service_events_total",
    help: "Events of IVS itself, which are not CloudTrail records, by detail type.",
    labelNames: ["detail_type"],
    registers: [this.registry],
  });
  readonly #latency = new Histogram({
    name: "streamwarden_call_to_publish_seconds",
    help: "Seconds from the API call to the publication of its alert.",
    buckets: latencyBuckets,
    registers: [this.registry],
  });
  readonly #latencyQuantiles = new Summary({
    name: "streamwarden_call_to_publish_quantile_seconds",
    help: "The same over the last ten minutes, as quantiles of this consumer.",
    percentiles: [0.5, 0.99],
    maxAgeSeconds: 600,
    ageBuckets: 5,
    registers: [this.registry],
  });
  readonly #ready = new Gauge({
    name: "streamwarden_ready",
    help: "1 while the consumer is ready, else 0.",
    registers: [this.registry],
  });

  constructor(known?: KnownLabels) {
    this.batch(emptyBalance);
    this.#serviceEvents.inc({ detail_type: "other" }, 0);
    for (const labels of known?.published ?? []) this.#alertsByPolicy.inc(labels, 0);
    for (const reason of known?.quarantined ?? []) this.#quarantined.inc({ reason }, 0);
    for (const policy of known?.notCounted ?? []) this.notCounted(policy, { late: 0, dropped: 0 });
    for (const labels of known?.excepted ?? []) this.#exceptions.inc(labels, 0);
  }

  get total(): Balance {
    return this.#total;
  }

  /** Adds the balance of one batch. Synchronous, so that the identities hold at every scrape. */
  batch(balance: Balance): void {
    this.#total = addBalances(this.#total, balance);
    for (const [outcome, count] of Object.entries(balance.messages)) this.#messages.inc({ outcome }, count);
    for (const [outcome, count] of Object.entries(balance.records)) this.#records.inc({ outcome }, count);
    for (const [outcome, count] of Object.entries(balance.alerts)) this.#alerts.inc({ outcome }, count);
  }

  published(alert: Alert, publishedAt: number): void {
    this.#alertsByPolicy.inc({ policy: alert.policy.name, severity: alert.severity, kind: alert.kind });
    const seconds = Math.max(0, publishedAt - alert.record.times.called) / 1000;
    this.#latency.observe(seconds);
    this.#latencyQuantiles.observe(seconds);
  }

  asciiSubject(): void {
    this.#asciiSubjects.inc();
  }

  quarantined(reason: string): void {
    this.#quarantined.inc({ reason });
  }

  notCounted(policy: string, { late, dropped }: { readonly late: number; readonly dropped: number }): void {
    this.#notCounted.inc({ policy, reason: "late" }, late);
    this.#notCounted.inc({ policy, reason: "dropped" }, dropped);
  }

  excepted(exception: string, policy: string): void {
    this.#exceptions.inc({ exception, policy });
  }

  serviceEvent(detailType: string): void {
    this.#serviceEvents.inc({ detail_type: serviceEventShape.test(detailType) ? detailType : "other" });
  }

  ready(isReady: boolean): void {
    this.#ready.set(isReady ? 1 : 0);
  }
}
