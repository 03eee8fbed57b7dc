import type { Severity } from "@streamwarden/alerting";
import * as z from "zod";
import type { DistinctIds } from "../incident/distinct-count.ts";
import type { Lease } from "../incident/outbox.ts";
import { severitySchema } from "../incident/stored-alert.ts";
import { DocumentKind, formatReader } from "../state/document-kind.ts";

/**
 * What all consumers together delivered in one minute. SNS suspends an email subscription above ten messages a
 * second, so an attacker could silence email by causing a storm: above a limit alerts are held back from people
 * and summed up in one digest.
 */
export interface DeliveryMinute {
  readonly minuteStart: number;
  /** Ids of the alerts that went out directly: at most the limit. */
  readonly direct: readonly string[];
  readonly held: readonly HeldPolicy[];
  /** A few of each, for the digest and its routes. */
  readonly actors: readonly string[];
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
  readonly tactics: readonly string[];
  /** `closed` from the moment somebody sums the minute up: what its digest tells must not change any more. */
  readonly digest: "none" | "closed" | "sent";
  /** Who publishes the digest now. */
  readonly lease?: Lease;
}

export interface HeldPolicy {
  readonly name: string;
  readonly title: string;
  readonly severity: Severity;
  readonly alerts: DistinctIds;
}

export function deliveryKey(minuteStart: number): string {
  return `delivery#${minuteStart}`;
}

const texts = z.array(z.string());

/** Formats 1 and 2: `claim` is the word of the first release, which reads format 2 as well. */
const minuteSchema = z.object({
  minuteStart: z.number(),
  direct: texts,
  held: z.array(z.object({ name: z.string(), title: z.string(), severity: severitySchema, alerts: texts })),
  actors: texts,
  accounts: texts,
  regions: texts,
  tactics: texts,
  digest: z.enum(["none", "closed", "sent"]),
  claim: z.object({ by: z.string(), until: z.number() }).exactOptional(),
});

const read = formatReader(
  minuteSchema,
  ({ minuteStart, direct, held, actors, accounts, regions, tactics, digest, claim }): DeliveryMinute => ({
    minuteStart,
    direct,
    held,
    actors,
    accounts,
    regions,
    tactics,
    digest,
    ...(claim === undefined ? {} : { lease: claim }),
  }),
);

export const deliveryMinutes: DocumentKind<DeliveryMinute> = new DocumentKind({
  name: "delivery minute",
  format: 2,
  readableSince: 1,
  readers: { 1: read, 2: read },
  encode: ({ lease, ...document }) => ({ ...document, ...(lease === undefined ? {} : { claim: lease }) }),
});
