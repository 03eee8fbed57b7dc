import type { RelatedIncident } from "@streamwarden/alerting";
import { errorMessage } from "@streamwarden/base";
import pMap from "p-map";
import { actorTrails, followActor, othersOf, trailKey, trailSeconds } from "../../incident/actor-trail.ts";
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
  const merged = await pMap(worksOf(contributions), (work) => merge(context, holder, work), { concurrency });
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

async function merge(context: PipelineContext, holder: Holder, work: IncidentWork): Promise<MergedIncidents> {
  const { allowedLatenessSeconds } = context;
  const key = incidentKey(work.scope.id);
  try {
    const related = await linkActor(context, work);
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

/** Notes the incident on its actor's trail, once per process; returns the actor's other incidents. */
async function linkActor(
  { store, linkedIncidents }: PipelineContext,
  { scope, events }: IncidentWork,
): Promise<readonly RelatedIncident[]> {
  const [first] = events.toSorted((a, b) => a.time - b.time);
  const [call] = first?.calls ?? [];
  const record = call && first?.recordOf(call);
  if (first === undefined || record === undefined || !scope.live || linkedIncidents.has(scope.id)) return [];
  const incident = {
    id: scope.id,
    policy: scope.policy.title,
    severity: scope.severity,
    since: first.time,
  };
  // The trail adds to an alert; it must not hold one up.
  const trail = await actorTrails
    .update(store, trailKey(record), trailSeconds, (current) => followActor(current, incident))
    .catch(() => ({ incidents: [] }));
  return othersOf(trail, incident);
}

function rememberLinked({ linkedIncidents }: PipelineContext, { scope }: IncidentWork): void {
  if (linkedIncidents.size > 10_000) linkedIncidents.clear();
  linkedIncidents.add(scope.id);
}
