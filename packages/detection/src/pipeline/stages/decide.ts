import { errorMessage } from "@streamwarden/base";
import pMap from "p-map";
import {
  closeWindow,
  correlate,
  entriesOver,
  type FiringAt,
  levelOf,
  type PendingEntry,
} from "../../correlation/correlator.ts";
import { decideSightings, rememberSightings } from "../../correlation/first-seen.ts";
import { deliverDigest } from "../../delivery/delivery.ts";
import { summariseIncident } from "../../incident/incident.ts";
import { incidentKey } from "../../incident/incident-document.ts";
import { firingEvent } from "../../incident/incident-event.ts";
import { isScheduled } from "../../timer/timer-ledger.ts";
import type { PipelineContext } from "../context.ts";
import type { Origin } from "../origin.ts";
import { type Holder, updateIncident } from "./incident-store.ts";
import type { MatchedRecords } from "./match.ts";
import {
  type Contribution,
  concurrency,
  type Owed,
  type PendingClosing,
  type Returned,
  returning,
  type TimerMessage,
} from "./model.ts";

/** What waits for other records has decided: firings of windows, first sightings, summaries. */
export interface Decided {
  readonly contributions: readonly Contribution[];
  readonly closings: readonly PendingClosing[];
  readonly owed: readonly Owed[];
  readonly returned: readonly Returned[];
}

/** What one step adds, and what correlations must count of it. */
interface Step extends Decided {
  readonly entries: readonly PendingEntry[];
}

const nothing: Step = { contributions: [], closings: [], owed: [], returned: [], entries: [] };

/** Takes a batch's records into windows and terms, then looks at those whose timers came. */
export async function decide(
  context: PipelineContext,
  holder: Holder,
  { entries, firstSeen }: Pick<MatchedRecords, "entries" | "firstSeen">,
  timers: readonly TimerMessage[],
): Promise<Decided> {
  // Records first: a timer decides with everything that this batch knows.
  const steps: Decided[] = [await count(context, entries)];
  const failures = await rememberSightings(context, firstSeen);
  steps.push({ ...nothing, returned: failures.flatMap(returnedFor) });
  // What windows below decide is counted by those above before they are decided.
  const levels = Map.groupBy(timers, ({ timer }) => levelOf(context, timer));
  for (const [, ofLevel] of [...levels].sort(([left], [right]) => left - right)) {
    const looks = await pMap(ofLevel, (one) => look(context, holder, one), { concurrency });
    steps.push(
      ...looks,
      await count(
        context,
        looks.flatMap((step) => step.entries),
      ),
    );
  }
  return {
    contributions: steps.flatMap(({ contributions }) => contributions),
    closings: steps.flatMap(({ closings }) => closings),
    owed: steps.flatMap(({ owed }) => owed),
    returned: steps.flatMap(({ returned }) => returned),
  };
}

async function count(context: PipelineContext, entries: readonly PendingEntry[]): Promise<Step> {
  const { firings, failures } = await correlate(context, entries);
  return {
    ...nothing,
    contributions: contributionsOf(context, firings),
    returned: failures.flatMap(returnedFor),
  };
}

function returnedFor(failure: { readonly origin: Origin; readonly error: unknown }): readonly Returned[] {
  return returning([failure.origin.message], errorMessage(failure.error));
}

function contributionsOf(
  { detector }: PipelineContext,
  firings: readonly FiringAt[],
): readonly Contribution[] {
  return firings.flatMap(({ firing, origin, calls }): Contribution[] => {
    const detection = detector.detectionOf(firing);
    if (detection === undefined) return [];
    return [{ detection, origin, event: firingEvent(firing, calls, origin, detection.reasons) }];
  });
}

/** A timer that comes early is sent on; one that is due looks at its document. */
async function look(
  context: PipelineContext,
  holder: Holder,
  { message, timer, hops }: TimerMessage,
): Promise<Step> {
  const { clock, scheduleTimer } = context;
  try {
    if (timer.at > clock.now()) {
      if (await isScheduled(context, timer)) await scheduleTimer(timer, hops + 1);
      return nothing;
    }
    switch (timer.kind) {
      case "digest":
        await deliverDigest(context, timer.minuteStart);
        return nothing;
      case "window": {
        const { firings, finish } = await closeWindow(context, message, timer);
        return {
          ...nothing,
          contributions: contributionsOf(context, firings),
          entries: entriesOver(context, firings),
          closings: [{ message, finish }],
        };
      }
      case "first-seen": {
        const { found, finish } = await decideSightings(context, message, timer);
        return { ...nothing, contributions: found, closings: [{ message, finish }] };
      }
      case "incident-summary":
        return await summarise(context, holder, message, timer.incidentId);
    }
  } catch (error) {
    return { ...nothing, returned: returning([message], errorMessage(error)) };
  }
}

async function summarise(
  context: PipelineContext,
  holder: Holder,
  message: Returned["message"],
  incidentId: string,
): Promise<Step> {
  const key = incidentKey(incidentId);
  const { owed, elsewhere } = await updateIncident(context, holder, key, (current, lease, now) => {
    const policy = current === undefined ? undefined : context.detector.policy(current.policyId);
    if (policy === undefined) return { document: current, outbox: [], owed: [], elsewhere: [] };
    return summariseIncident(current, { policy, lease, now });
  });
  return {
    ...nothing,
    owed: owed.length > 0 ? [{ key, entries: owed, messagesOf: () => [message] }] : [],
    returned: elsewhere.length > 0 ? returning([message], "another consumer is publishing this summary") : [],
  };
}
