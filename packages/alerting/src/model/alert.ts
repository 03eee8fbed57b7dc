import type { Actor, Carrier, CredentialFacts, ResourceFact } from "@streamwarden/cloudtrail";
import type { Level } from "@streamwarden/sigma";
import type { AlertCalls, CallNews } from "./alert-calls.ts";

/** Sigma's levels: what a policy calls its level is the severity of its alerts. */
export type Severity = Level;

export type AlertKind = "new" | "update" | "summary";

/** `digest` is held back from people by subscription filters and summed up once a minute. */
export type AlertDelivery = "direct" | "digest";

/** What an alert needs of a policy. Texts are the policy author's, but are escaped like all others. */
export interface AlertPolicy {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly references: readonly string[];
  readonly falsePositives: readonly string[];
  /** What to do now, plain text with line breaks. */
  readonly runbook?: string;
}

/**
 * One record inside an alert: already redacted (no secrets) and bounded, but still attacker-controlled text,
 * so every rendering escapes and cuts it for its own medium.
 */
export interface AlertRecord {
  readonly eventId: string;
  /** ISO 8601, UTC. */
  readonly eventTime: string;
  readonly eventSource: string;
  readonly eventName: string;
  readonly region?: string;
  /** The account the call was made in (`recipientAccountId`). */
  readonly account?: string;
  /** An IP address or an AWS service name. */
  readonly sourceIp?: string;
  readonly userAgent?: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  /** Redacted `requestParameters`; undefined when the record carries none. */
  readonly request?: unknown;
  /** ARNs in request and response. */
  readonly resources: readonly string[];
  readonly actor: Actor;
  /** What the record says of the credentials that signed. */
  readonly credentials?: CredentialFacts;
  /** The VPC endpoint the call came through. */
  readonly vpcEndpoint?: string;
  /** What request and response say of the resource. */
  readonly facts?: readonly ResourceFact[];
  /** What the call lets its caller do next, one sentence of ours. */
  readonly consequence?: string;
  readonly carrier: Carrier;
  /** Which conditions of the policy were true, one short line each: `eventName = CreateChannel`. */
  readonly reasons: readonly string[];
  /** When the call was made, reached us, and was matched: milliseconds since the epoch. */
  readonly times: { readonly called: number; readonly received: number; readonly matched: number };
}

/** Another incident of the same actor, so that a reader sees the whole of what somebody does. */
export interface RelatedIncident {
  readonly id: string;
  /** Title of its policy. */
  readonly policy: string;
  readonly severity: Severity;
  /** Its first record, milliseconds since the epoch. */
  readonly since: number;
}

/** The state of an incident at the moment its alert was made. Times are milliseconds since the epoch. */
export interface AlertIncident {
  readonly id: string;
  /** Distinct calls (by eventID) so far; for a correlation those behind its firings. */
  readonly count: number;
  /** True when the incident outgrew exact counting, so that `count` is an estimate (within a few percent). */
  readonly countIsEstimate: boolean;
  readonly firstTime: number;
  readonly lastTime: number;
  readonly windowStart: number;
  readonly windowEnd: number;
  /** What the incident is grouped by: field name and value, in the policy's order. */
  readonly group: readonly { readonly field: string; readonly value: string }[];
  /** eventIDs of the incident, oldest first, bounded to the first few; `count` has the number. */
  readonly eventIds: readonly string[];
  /** What the calls of the incident had, by facet. */
  readonly calls?: AlertCalls;
  /** For a correlation: when it fired first, milliseconds since the epoch, and what that takes, in plain words. */
  readonly fired?: { readonly at: number; readonly when: string };
  /** Updates that news made due so far; beyond the bound news is listed and makes no alert. */
  readonly newsRaised?: number;
  /** Other incidents of this actor in the last 24 hours, newest first, bounded; in the first alert only. */
  readonly related?: readonly RelatedIncident[];
}

/** The message about an incident. Its id is deterministic, so that a repeated publish is recognisable. */
export interface Alert {
  /** `<incident id>.new`, `<incident id>.10`, `<incident id>.summary` ... */
  readonly id: string;
  readonly kind: AlertKind;
  readonly delivery: AlertDelivery;
  readonly severity: Severity;
  readonly policy: AlertPolicy;
  readonly incident: AlertIncident;
  /** The call that stands for it: the earliest, for news the one that brought it, for other updates the latest. */
  readonly record: AlertRecord;
  /** What the incident saw for the first time and what made this update due. */
  readonly news?: readonly CallNews[];
  /** When it became due, milliseconds since the epoch, from the injected clock. */
  readonly createdAt: number;
  /**
   * When it was decided to publish it; later than `createdAt` by what the decision waited for. Not the time of an attempt:
   * an alert that goes out again must be the same, byte for byte.
   */
  readonly publishedAt?: number;
}

/**
 * What one minute held back because more alerts were due than people (and SNS email) can take. The held alerts
 * themselves are published with `delivery: digest`, so machines get them all.
 */
export interface AlertDigest {
  /** `digest.<minute>`: deterministic, so that a repeated publish is recognisable. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly minuteStart: number;
  /** Alerts that went out directly in that minute. */
  readonly direct: number;
  /** Distinct alerts held back, and whether that number is an estimate. */
  readonly held: number;
  readonly heldIsEstimate: boolean;
  /** Most numerous first. `count` is of distinct alerts. */
  readonly policies: readonly {
    readonly name: string;
    readonly title: string;
    readonly severity: Severity;
    readonly count: number;
  }[];
  /** A few of the actors behind the held alerts. Attacker-influenced text. */
  readonly actors: readonly string[];
  /**
   * Accounts, regions and ATT&CK tactics (`initial-access`) of the held alerts, so that a route which names one
   * gets the digest too.
   */
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
  readonly tactics: readonly string[];
  readonly createdAt: number;
}

/** Where alerts go. `publish` resolves only when the alert is safe with the next system; it rejects otherwise. */
export interface AlertPublisher {
  /** The signal ends the call: what was not sent yet is not sent any more. */
  publish(alert: Alert, call?: { readonly signal?: AbortSignal }): Promise<void>;
  publishDigest(digest: AlertDigest, call?: { readonly signal?: AbortSignal }): Promise<void>;
}
