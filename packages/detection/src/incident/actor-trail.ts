import type { AlertRecord, RelatedIncident } from "@streamwarden/alerting";
import { shortDigest } from "@streamwarden/base";
import * as z from "zod";
import { DocumentKind, formatReader } from "../state/document-kind.ts";
import { relatedSchema } from "./stored-alert.ts";

/** The latest incidents of one actor in one account: what links them to each other. */
export interface ActorTrail {
  /** Newest first. */
  readonly incidents: readonly RelatedIncident[];
}

const trailSchema = z.object({ incidents: z.array(relatedSchema) }) satisfies z.ZodType<ActorTrail>;
const readTrail = formatReader(trailSchema, ({ incidents }): ActorTrail => ({ incidents }));

export const actorTrails: DocumentKind<ActorTrail> = new DocumentKind({
  name: "actor trail",
  format: 2,
  readableSince: 1,
  readers: { 1: readTrail, 2: readTrail },
  encode: (trail) => trail,
});

/** How many incidents of an actor are remembered, and for how long after the last one. */
const remembered = 10;
export const trailSeconds = 24 * 3600;

export function trailKey({ account, actor }: Pick<AlertRecord, "account" | "actor">): string {
  return `actor#${shortDigest(JSON.stringify([account ?? "", actor.id]), 32)}`;
}

/**
 * Adds an incident to its actor's trail, or an earlier first call of one that is there. Pure; returns the same trail when
 * it knows that already.
 */
export function followActor(current: ActorTrail | undefined, incident: RelatedIncident): ActorTrail {
  const known = current?.incidents.find(({ id }) => id === incident.id);
  if (current !== undefined && known !== undefined && known.since <= incident.since) return current;
  const others = (current?.incidents ?? []).filter(({ id }) => id !== incident.id);
  const incidents = [incident, ...others]
    .sort((a, b) => b.since - a.since || (a.id < b.id ? -1 : 1))
    .slice(0, remembered);
  return { incidents };
}

/** The other incidents of the actor within a day of this one. */
export function othersOf(
  { incidents }: ActorTrail,
  { id, since }: Pick<RelatedIncident, "id" | "since">,
): readonly RelatedIncident[] {
  return incidents.filter((other) => other.id !== id && Math.abs(other.since - since) <= trailSeconds * 1000);
}
