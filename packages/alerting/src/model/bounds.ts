import { isObject } from "@streamwarden/cloudtrail";
import type { Alert, AlertDigest } from "./alert.ts";
import type { AlertCalls } from "./alert-calls.ts";

/** How much of an alert a message carries. Lengths are UTF-16 units. */
export interface Bounds {
  readonly text: number;
  readonly prose: number;
  readonly listItems: number;
  readonly eventIds: number;
  readonly reasons: number;
  /** Nodes of the request that are kept; 0 leaves the request out. */
  readonly requestNodes: number;
}

/**
 * From all that a person or SIEM could want down to the bare facts. A message takes the first that fits, so that
 * size is bounded by construction: the last fits beside any email, whatever the record held.
 */
export const boundsLadder: readonly [Bounds, ...(readonly Bounds[])] = [
  { text: 1024, prose: 8000, listItems: 50, eventIds: 100, reasons: 40, requestNodes: 1000 },
  { text: 1024, prose: 8000, listItems: 50, eventIds: 10, reasons: 40, requestNodes: 100 },
  { text: 512, prose: 4000, listItems: 10, eventIds: 10, reasons: 20, requestNodes: 0 },
  { text: 128, prose: 500, listItems: 3, eventIds: 3, reasons: 3, requestNodes: 0 },
];

const maximumDepth = 8;

/** The same alert with every text, list and the request cut to the bounds. What was cut ends in `…`. */
export function boundAlert(alert: Alert, bounds: Bounds): Alert {
  const text = (value: string): string => clip(value, bounds.text);
  const list = (values: readonly string[], items: number): readonly string[] =>
    values.slice(0, items).map(text);
  const { policy, incident, record, news } = alert;
  const { actor } = record;
  const request = boundJson(record.request, bounds);
  return {
    ...alert,
    id: text(alert.id),
    ...(news === undefined
      ? {}
      : { news: news.slice(0, bounds.listItems).map((one) => ({ ...one, value: text(one.value) })) }),
    policy: {
      id: text(policy.id),
      name: text(policy.name),
      title: text(policy.title),
      ...(policy.description === undefined ? {} : { description: clip(policy.description, bounds.prose) }),
      tags: list(policy.tags, bounds.listItems),
      references: list(policy.references, bounds.listItems),
      falsePositives: list(policy.falsePositives, bounds.listItems),
      ...(policy.runbook === undefined ? {} : { runbook: clip(policy.runbook, bounds.prose) }),
    },
    incident: {
      ...incident,
      id: text(incident.id),
      group: incident.group
        .slice(0, bounds.listItems)
        .map(({ field, value }) => ({ field: text(field), value: text(value) })),
      eventIds: list(incident.eventIds, bounds.eventIds),
      ...(incident.calls === undefined ? {} : { calls: boundCalls(incident.calls, bounds) }),
      ...(incident.fired === undefined
        ? {}
        : { fired: { ...incident.fired, when: text(incident.fired.when) } }),
      ...(incident.related === undefined
        ? {}
        : {
            related: incident.related
              .slice(0, bounds.listItems)
              .map((other) => ({ ...other, id: text(other.id), policy: text(other.policy) })),
          }),
    },
    record: {
      eventId: text(record.eventId),
      eventTime: text(record.eventTime),
      eventSource: text(record.eventSource),
      eventName: text(record.eventName),
      ...(record.region === undefined ? {} : { region: text(record.region) }),
      ...(record.account === undefined ? {} : { account: text(record.account) }),
      ...(record.sourceIp === undefined ? {} : { sourceIp: text(record.sourceIp) }),
      ...(record.userAgent === undefined ? {} : { userAgent: text(record.userAgent) }),
      ...(record.errorCode === undefined ? {} : { errorCode: text(record.errorCode) }),
      ...(record.errorMessage === undefined ? {} : { errorMessage: text(record.errorMessage) }),
      ...(request === undefined ? {} : { request }),
      resources: list(record.resources, bounds.listItems),
      actor: {
        ...actor,
        id: text(actor.id),
        principal: text(actor.principal),
        ...(actor.person === undefined ? {} : { person: text(actor.person) }),
        label: text(actor.label),
        ...(actor.session === undefined ? {} : { session: text(actor.session) }),
        ...(actor.account === undefined ? {} : { account: text(actor.account) }),
      },
      ...(record.credentials === undefined
        ? {}
        : {
            credentials: Object.fromEntries(
              Object.entries(record.credentials).map(([key, value]) => [key, text(value)]),
            ),
          }),
      ...(record.vpcEndpoint === undefined ? {} : { vpcEndpoint: text(record.vpcEndpoint) }),
      ...(record.facts === undefined
        ? {}
        : {
            facts: record.facts
              .slice(0, bounds.listItems)
              .map(({ label, value }) => ({ label: text(label), value: text(value) })),
          }),
      ...(record.consequence === undefined ? {} : { consequence: text(record.consequence) }),
      carrier: record.carrier,
      reasons: list(record.reasons, bounds.reasons),
      times: record.times,
    },
  };
}

/** The values of each facet that fit. What is cut is counted, as what the incident itself did not keep. */
function boundCalls(calls: AlertCalls, { listItems, text }: Bounds): AlertCalls {
  const facets = Object.entries(calls).map(([facet, { values, more, isEstimate }]) => [
    facet,
    {
      values: values.slice(0, listItems).map((tally) => ({ ...tally, value: clip(tally.value, text) })),
      more: more + Math.max(0, values.length - listItems),
      isEstimate,
    },
  ]);
  return Object.fromEntries(facets);
}

const digestText = 80;
const digestPolicies = 50;
const digestItems = 40;

/** The same digest with every text and list cut, so that its message fits whatever the policies are called. */
export function boundDigest(digest: AlertDigest): AlertDigest {
  const list = (values: readonly string[]): readonly string[] =>
    values.slice(0, digestItems).map((value) => clip(value, digestText));
  return {
    ...digest,
    id: clip(digest.id, digestText),
    policies: digest.policies.slice(0, digestPolicies).map((policy) => ({
      ...policy,
      name: clip(policy.name, digestText),
      title: clip(policy.title, digestText),
    })),
    actors: list(digest.actors),
    ...(digest.accounts === undefined ? {} : { accounts: list(digest.accounts) }),
    ...(digest.regions === undefined ? {} : { regions: list(digest.regions) }),
    ...(digest.tactics === undefined ? {} : { tactics: list(digest.tactics) }),
  };
}

/** Cuts without splitting a surrogate pair. */
function clip(text: string, maximumLength: number): string {
  if (text.length <= maximumLength) return text;
  const end = maximumLength - 1;
  const unit = text.charCodeAt(end - 1);
  return `${text.slice(0, unit >= 0xd800 && unit <= 0xdbff ? end - 1 : end)}…`;
}

function boundJson(value: unknown, bounds: Bounds): unknown {
  if (value === undefined) return undefined;
  if (bounds.requestNodes === 0) return "(left out: the alert was too large)";
  return boundNode(value, 0, { left: bounds.requestNodes }, bounds.text);
}

/** Depth is bounded, so the recursion is; `budget` bounds the whole. */
function boundNode(value: unknown, depth: number, budget: { left: number }, maximumText: number): unknown {
  budget.left -= 1;
  if (typeof value === "string") return clip(value, maximumText);
  if (Array.isArray(value)) {
    if (depth >= maximumDepth) return "(nested too deep)";
    const kept: unknown[] = [];
    for (const item of value) {
      if (budget.left <= 0) break;
      kept.push(boundNode(item, depth + 1, budget, maximumText));
    }
    return kept.length < value.length ? [...kept, `(${value.length - kept.length} more)`] : kept;
  }
  if (isObject(value)) {
    if (depth >= maximumDepth) return "(nested too deep)";
    const kept = new Map<string, unknown>();
    const entries = Object.entries(value);
    for (const [key, item] of entries) {
      if (budget.left <= 0) break;
      kept.set(clip(key, 128), boundNode(item, depth + 1, budget, maximumText));
    }
    if (kept.size < entries.length) kept.set("…", `(${entries.length - kept.size} more)`);
    return Object.fromEntries(kept); // defines own properties, so a key such as __proto__ stays a key
  }
  return typeof value === "number" || typeof value === "boolean" || value === null ? value : String(value);
}
