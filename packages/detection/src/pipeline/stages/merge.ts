import type { AlertRecord, RelatedIncident } from "@streamwarden/alerting";
import { errorMessage } from "@streamwarden/base";
import pMap from "p-map";
import type { Call } from "../../calls/call.ts";
import {
  type ActorTrail,
  actorTrails,
  followActor,
  othersOf,
  trailKey,
  trailSeconds,
} from "../../incident/actor-trail.ts";
import { type IncidentScope, incidentId, mergeIncident } from "../../incident/incident.ts";
import { incidentKey } from "../../incident/incident-document.ts";
import type { OutboxEntry } from "../../incident/outbox.ts";
import type { Message, PipelineContext } from "../context.ts";
import type { Detection } from "../detector.ts";
import { type Holder, updateIncident } from "./incident-store.ts";
import {
  type Contribution,
  concurrency,
  type IncidentWork,
  type MergedIncident,
  type Owed,
  type Returned,
  returning,
} from "./model.ts";

/** Incidents that are durable, what they owe, and the messages of those that could not be made so. */
export interface MergedIncidents {
  readonly incidents: readonly MergedIncident[];
  readonly owed: readonly Owed[];
  readonly returned: readonly Returned[];
}

/** Makes incidents of contributions durable, one state update for each, and leases what they owe. */
export async function mergeIncidents(
  context: PipelineContext,
  holder: Holder,
  contributions: readonly Contribution[],
): Promise<MergedIncidents> {
  const works = worksOf(contributions);
  // All trails first, so that incidents that one batch begins know of each other.
  const trails = await followActors(context, works);
  const merged = await pMap(works, (work) => merge(context, holder, work, trails), { concurrency });
  return {
    incidents: merged.flatMap(({ incidents }) => incidents),
    owed: merged.flatMap(({ owed }) => owed),
    returned: merged.flatMap(({ returned }) => returned),
  };
}

/** Contributions by incident. */
function worksOf(contributions: readonly Contribution[]): readonly IncidentWork[] {
  const works = new Map<string, { scope: IncidentScope; events: IncidentWork["events"][number][] }>();
  for (const { detection, origin, event } of contributions) {
    const scope = scopeOf(detection, event.time);
    const work = works.get(scope.id) ?? { scope, events: [] };
    works.set(scope.id, work);
    work.events.push({ ...event, origin });
  }
  return [...works.values()];
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

async function merge(
  context: PipelineContext,
  holder: Holder,
  work: IncidentWork,
  trails: ReadonlyMap<string, ActorTrail>,
): Promise<MergedIncidents> {
  const { allowedLatenessSeconds } = context;
  const key = incidentKey(work.scope.id);
  try {
    const related = (record: AlertRecord): readonly RelatedIncident[] => {
      const trail = trails.get(trailKey(record));
      return trail === undefined ? [] : othersOf(trail, { id: work.scope.id, since: record.times.called });
    };
    const progress = await updateIncident(context, holder, key, (current, lease, now) =>
      mergeIncident(current, { ...work, lease, now, allowedLatenessSeconds, related }),
    );
    rememberLinked(context, work);
    const messagesOf = ({ cause }: OutboxEntry): readonly Message[] =>
      work.events.filter(({ origin }) => origin.eventId === cause).map(({ origin }) => origin.message);
    const busy = "another consumer is publishing the alert of this message";
    return {
      incidents: [{ work, progress }],
      owed: progress.owed.length > 0 ? [{ key, entries: progress.owed, messagesOf }] : [],
      returned: progress.elsewhere.flatMap((entry) => returning(messagesOf(entry), busy)),
    };
  } catch (error) {
    const messages = work.events.map(({ origin }) => origin.message);
    return { incidents: [], owed: [], returned: returning(messages, errorMessage(error)) };
  }
}

/** An incident on the trail of one actor. */
interface Link {
  /** Key of the trail. */
  readonly trail: string;
  readonly incident: RelatedIncident;
}

/** By actor, with their first call: a policy that groups by something else may have several actors in one incident. */
function linksOf({ scope, events }: IncidentWork): readonly Link[] {
  if (!scope.live) return [];
  const firsts = new Map<string, Call>();
  // The firings of one window have most of their calls in common.
  for (const call of new Set(events.flatMap(({ calls }) => calls))) {
    if (call.actor === undefined) continue;
    const name = JSON.stringify([call.context?.account, call.actor.id]);
    const known = firsts.get(name);
    if (known === undefined || call.time < known.time) firsts.set(name, call);
  }
  const { id, policy, severity } = scope;
  return [...firsts.values()].flatMap(({ actor, context, time }): Link[] => {
    if (actor === undefined) return [];
    const { account } = context ?? {};
    const trail = trailKey({ actor, ...(account === undefined ? {} : { account }) });
    return [{ trail, incident: { id, policy: policy.title, severity, since: time } }];
  });
}

function nameOfLink({ trail, incident }: Link): string {
  return `${trail} ${incident.id}`;
}

/** Notes incidents on their actors' trails, as far as this process has not done so, and gives those trails. */
async function followActors(
  { store, linkedIncidents }: PipelineContext,
  works: readonly IncidentWork[],
): Promise<ReadonlyMap<string, ActorTrail>> {
  const links = works
    .flatMap(linksOf)
    .filter((link) => link.incident.since < (linkedIncidents.get(nameOfLink(link)) ?? Infinity));
  const trails = new Map<string, ActorTrail>();
  await pMap(
    Map.groupBy(links, ({ trail }) => trail),
    async ([key, ofActor]) => {
      try {
        const trail = await actorTrails.update(store, key, trailSeconds, (current) =>
          ofActor.reduce(
            (found: ActorTrail | undefined, { incident }) => followActor(found, incident),
            current,
          ),
        );
        if (trail !== undefined) trails.set(key, trail);
      } catch {
        // The trail adds to an alert; it must not hold one up.
      }
    },
    { concurrency },
  );
  return trails;
}

function rememberLinked({ linkedIncidents }: PipelineContext, work: IncidentWork): void {
  if (linkedIncidents.size > 10_000) linkedIncidents.clear();
  for (const link of linksOf(work)) {
    const known = linkedIncidents.get(nameOfLink(link)) ?? Infinity;
    linkedIncidents.set(nameOfLink(link), Math.min(known, link.incident.since));
  }
}
