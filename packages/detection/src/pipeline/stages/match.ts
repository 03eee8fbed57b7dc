import { errorMessage } from "@streamwarden/base";
import { type Actor, actorOf, eventTimeOf } from "@streamwarden/cloudtrail";
import { type Call, callOf } from "../../calls/call.ts";
import type { PendingEntry } from "../../correlation/correlator.ts";
import type { PendingMatch } from "../../correlation/first-seen.ts";
import { alertRecord, storedEventId } from "../../incident/alert-record.ts";
import { matchEvent } from "../../incident/incident-event.ts";
import type { PipelineContext } from "../context.ts";
import type { Origin, Sighting } from "../origin.ts";
import type { Contribution, Rejected } from "./model.ts";

/** What the policies make of records. */
export interface MatchedRecords {
  /** Evaluated: the records that were seen. */
  readonly seen: readonly Sighting[];
  /** Those of them that no policy matched at once. */
  readonly quiet: ReadonlySet<Sighting>;
  readonly contributions: readonly Contribution[];
  /** For correlations, and for first-seen policies. */
  readonly entries: readonly PendingEntry[];
  readonly firstSeen: readonly PendingMatch[];
  /** "Could not evaluate" is not "did not match". */
  readonly rejected: readonly Rejected[];
}

export function matchRecords(context: PipelineContext, sightings: readonly Sighting[]): MatchedRecords {
  const { detector, observer } = context;
  const seen: Sighting[] = [];
  const quiet = new Set<Sighting>();
  const contributions: Contribution[] = [];
  const entries: PendingEntry[] = [];
  const firstSeen: PendingMatch[] = [];
  const rejected: Rejected[] = [];
  for (const sighting of sightings) {
    try {
      const found = detector.detect(sighting.record);
      for (const { exception, policy } of found.excepted ?? []) observer.excepted?.(exception, policy);
      if (found.detections.length + found.entries.length + (found.firstSeen?.length ?? 0) === 0) {
        quiet.add(sighting);
        seen.push(sighting);
        continue;
      }
      const origin = originOf(context, sighting);
      const time = eventTimeOf(sighting.record);
      // Described before anything is taken over: a record that cannot be described counts nowhere.
      const described = found.detections.map((detection): Contribution => {
        const record = origin.describe(detection.reasons);
        return { detection, origin, event: matchEvent(origin, record) };
      });
      contributions.push(...described);
      for (const grouped of found.entries) entries.push({ grouped, origin, calls: () => [origin.call()] });
      for (const match of found.firstSeen ?? [])
        firstSeen.push({ match, origin, sighting: { id: origin.eventId, time } });
      if (described.length === 0) quiet.add(sighting);
      seen.push(sighting);
    } catch (error) {
      const message = `A policy could not be evaluated on record ${sighting.record.eventID}: ${errorMessage(error)}`;
      rejected.push({ message: sighting.message, rejection: { reason: "not-evaluable", message } });
    }
  }
  return { seen, quiet, contributions, entries, firstSeen, rejected };
}

function originOf({ clock, detector }: PipelineContext, sighting: Sighting): Origin {
  const { message, record, carrier } = sighting;
  const matchedAt = clock.now();
  const eventId = storedEventId(record);
  // Most records are quiet: what only a match needs is computed when it is asked for, and once.
  let actor: Actor | undefined;
  let call: Call | undefined;
  const actorOnce = (): Actor => {
    actor ??= detector.actorOf?.(record) ?? actorOf(record);
    return actor;
  };
  return {
    message,
    eventId,
    sighting,
    describe: (reasons) =>
      alertRecord(record, {
        actor: actorOnce(),
        carrier,
        reasons,
        receivedAt: message.receivedAt,
        matchedAt,
      }),
    call: () => {
      call ??= callOf(record, eventId, actorOnce(), carrier);
      return call;
    },
  };
}
