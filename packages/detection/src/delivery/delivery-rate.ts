import {
  type Alert,
  type AlertDelivery,
  type AlertDigest,
  type Severity,
  tacticsOf,
} from "@streamwarden/alerting";
import { levels } from "@streamwarden/sigma";
import { addDistinct, distinctCount } from "../incident/distinct-count.ts";
import type { Lease } from "../incident/outbox.ts";
import type { DeliveryMinute, HeldPolicy } from "./delivery-minute.ts";

export interface Allotment {
  readonly document: DeliveryMinute;
  readonly deliveries: ReadonlyMap<string, AlertDelivery>;
}

const minute = 60_000;
/** Bounds of the document: alerts per policy beyond this are estimated, further policies are summed up. */
const heldAlertsBound = 128;
const heldPoliciesBound = 40;
const actorsBound = 10;
const routedBound = 30;
const otherPolicies = { name: "other", title: "Other policies" };

export function minuteOf(now: number): number {
  return Math.floor(now / minute) * minute;
}
export function minuteEnd(minuteStart: number): number {
  return minuteStart + minute;
}

/**
 * Decides which alerts reach people directly. A third of the limit is kept for `high` and `critical`, so that a
 * storm of lesser alerts cannot hide them. An alert that was let through before stays let through. Pure.
 */
export function allotDelivery(
  current: DeliveryMinute | undefined,
  alerts: readonly Alert[],
  limits: { readonly minuteStart: number; readonly directPerMinute: number },
): Allotment {
  const before = current ?? emptyMinute(limits.minuteStart);
  const direct = new Set(before.direct);
  const held: Alert[] = [];
  const deliveries = new Map<string, AlertDelivery>();
  const mostUrgentFirst = [...alerts].sort((a, b) => rank(b.severity) - rank(a.severity));
  for (const alert of mostUrgentFirst) {
    const isUrgent = rank(alert.severity) >= rank("high");
    const limit = isUrgent ? limits.directPerMinute : Math.floor((limits.directPerMinute * 2) / 3);
    if (direct.has(alert.id) || direct.size < limit) direct.add(alert.id);
    else held.push(alert);
    deliveries.set(alert.id, direct.has(alert.id) ? "direct" : "digest");
  }
  const document: DeliveryMinute = {
    ...before,
    direct: [...direct],
    held: held.reduce(holdBack, before.held),
    actors: some(
      before.actors,
      held.map(({ record }) => record.actor.label),
      actorsBound,
    ),
    accounts: some(
      before.accounts,
      held.flatMap(({ record }) => record.account ?? []),
      routedBound,
    ),
    regions: some(
      before.regions,
      held.flatMap(({ record }) => record.region ?? []),
      routedBound,
    ),
    tactics: some(
      before.tactics,
      held.flatMap(({ policy }) => tacticsOf(policy.tags).map(({ name }) => name)),
      routedBound,
    ),
  };
  return { document, deliveries };
}

function emptyMinute(minuteStart: number): DeliveryMinute {
  return {
    minuteStart,
    direct: [],
    held: [],
    actors: [],
    accounts: [],
    regions: [],
    tactics: [],
    digest: "none",
  };
}

function some(known: readonly string[], more: readonly string[], bound: number): readonly string[] {
  return [...new Set([...known, ...more])].slice(0, bound);
}

function holdBack(policies: readonly HeldPolicy[], alert: Alert): readonly HeldPolicy[] {
  const { severity } = alert;
  const isOwn = (held: HeldPolicy): boolean => held.name === alert.policy.name && held.severity === severity;
  const room = policies.some(isOwn) || policies.length < heldPoliciesBound;
  const { name, title } = room ? alert.policy : otherPolicies;
  const found = policies.find((held) => held.name === name && held.severity === severity);
  const { ids } = addDistinct(found?.alerts ?? [], [alert.id], heldAlertsBound);
  const next = { name, title, severity, alerts: ids };
  return found === undefined ? [...policies, next] : policies.map((held) => (held === found ? next : held));
}

export function isClosed({ digest }: DeliveryMinute): boolean {
  return digest !== "none";
}

/** Closes a minute that held something back, and leases its digest unless another consumer has it. Pure. */
export function leaseDigest(
  document: DeliveryMinute | undefined,
  lease: Lease,
  now: number,
): DeliveryMinute | undefined {
  if (document === undefined || document.held.length === 0 || document.digest === "sent") return document;
  if (document.lease !== undefined && document.lease.until > now) return document;
  return { ...document, digest: "closed", lease };
}

/** Notes that the digest is out, or gives it back for the next attempt. Pure. */
export function settleDigest(
  document: DeliveryMinute | undefined,
  holder: string,
  sent: boolean,
): DeliveryMinute | undefined {
  if (document === undefined) return document;
  if (!sent && document.lease?.by !== holder) return document;
  const { lease: _lease, ...rest } = document;
  return sent ? { ...rest, digest: "sent" } : rest;
}

/** What the minute held back; undefined when there was nothing, or its digest is out already. */
export function digestOf(document: DeliveryMinute | undefined, createdAt: number): AlertDigest | undefined {
  if (document === undefined || document.held.length === 0 || document.digest === "sent") return undefined;
  const counted = document.held.map(({ alerts, ...policy }) => ({
    ...policy,
    ...distinctCount(alerts, heldAlertsBound),
  }));
  return {
    id: `digest.${document.minuteStart}`,
    minuteStart: document.minuteStart,
    direct: document.direct.length,
    held: counted.reduce((sum, { count }) => sum + count, 0),
    heldIsEstimate: counted.some(({ isEstimate }) => isEstimate),
    policies: counted
      .map(({ name, title, severity, count }) => ({ name, title, severity, count }))
      .sort((a, b) => b.count - a.count || rank(b.severity) - rank(a.severity)),
    actors: document.actors,
    accounts: document.accounts,
    regions: document.regions,
    tactics: document.tactics,
    createdAt,
  };
}

function rank(severity: Severity): number {
  return levels.indexOf(severity);
}
