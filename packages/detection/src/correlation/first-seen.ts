import {
  addSightings,
  continueTerm,
  decideTerm,
  learn,
  learningRetentionSeconds,
  redeliverySeconds,
  type Sighting,
  type TermDocument,
  termRetentionSeconds,
} from "@streamwarden/policies";
import pMap from "p-map";
import { callOfAlertRecord } from "../calls/call.ts";
import { type IncidentEvent, storedEvent } from "../incident/incident-event.ts";
import type { PipelineContext } from "../pipeline/context.ts";
import type { Detection, FirstSeenMatch } from "../pipeline/detector.ts";
import type { Origin } from "../pipeline/origin.ts";
import type { FirstSeenTimer } from "../timer/timer.ts";
import { ensureTimer } from "../timer/timer-ledger.ts";
import { learningDocuments, matchKey, storedMatches, termDocuments } from "./first-seen-documents.ts";

/** A match of a first-seen policy, and where it comes from. */
export interface PendingMatch {
  readonly match: FirstSeenMatch;
  readonly origin: Origin;
  readonly sighting: Sighting;
}

interface TermWork {
  readonly keys: FirstSeenMatch["keys"];
  readonly firstSeen: FirstSeenMatch["firstSeen"];
  readonly policyId: string;
  readonly pending: PendingMatch[];
}

const concurrency = 16;

/**
 * Takes matches into their terms, and keeps those that are new as known by now until they can be decided. Doing it
 * again changes nothing, so a crash in between loses nothing: the message comes again.
 *
 * @returns Origins whose terms could not be written, with the reason.
 */
export async function rememberSightings(
  context: PipelineContext,
  pending: readonly PendingMatch[],
): Promise<readonly { readonly origin: Origin; readonly error: unknown }[]> {
  const failures: { origin: Origin; error: unknown }[] = [];
  const terms = new Map<string, TermWork>();
  const watched = new Map<string, TermWork>();
  for (const each of pending) {
    const { keys, firstSeen, detection } = each.match;
    for (const [works, key] of [
      [terms, keys.term],
      [watched, keys.learning],
    ] as const) {
      const work = works.get(key) ?? { keys, firstSeen, policyId: detection.policy.id, pending: [] };
      works.set(key, work);
      work.pending.push(each);
    }
  }
  const attempt = async (work: TermWork, step: (work: TermWork) => Promise<void>): Promise<void> => {
    try {
      await step(work);
    } catch (error) {
      for (const origin of new Set(work.pending.map((each) => each.origin))) failures.push({ origin, error });
    }
  };
  // Since when an account is watched must be known before any of its terms can be decided.
  await pMap(watched.values(), (work) => attempt(work, rememberLearning(context)), { concurrency });
  await pMap(terms.values(), (work) => attempt(work, rememberTerm(context)), { concurrency });
  return failures;
}

function rememberLearning({ store }: PipelineContext) {
  return async ({ keys, pending }: TermWork): Promise<void> => {
    const times = pending.map(({ sighting }) => sighting.time);
    await learningDocuments.update(store, keys.learning, learningRetentionSeconds, (current) =>
      learn(current, times),
    );
  };
}

function rememberTerm(context: PipelineContext) {
  return async ({ keys, firstSeen, policyId, pending }: TermWork): Promise<void> => {
    const { store, retentionSeconds, clock, allowedLatenessSeconds } = context;
    const sightings = pending.map(({ sighting }) => sighting);
    let waiting: readonly Sighting[] = [];
    let nextDue: number | undefined;
    const times = sightings.map(({ time }) => time);
    let former: TermDocument | undefined;
    let mustAskFormer = keys.formerTerm !== undefined;
    const add = () =>
      termDocuments.update(store, keys.term, termRetentionSeconds(firstSeen), (current) => {
        if (current !== undefined) mustAskFormer = false;
        if (mustAskFormer) return current;
        const known = current ?? continueTerm(former, times, firstSeen.learnSeconds);
        const added = addSightings(known, sightings, firstSeen.withinSeconds);
        ({ waiting, nextDue } = added);
        return added.document;
      });
    await add();
    if (mustAskFormer && keys.formerTerm !== undefined) {
      former = await termDocuments.read(store, keys.formerTerm);
      mustAskFormer = false;
      await add();
    }
    // A match that waits until its record is old is kept for as long as it may wait, beyond what is usual.
    const ahead = Math.max(0, (nextDue ?? 0) - clock.now()) / 1000 + allowedLatenessSeconds;
    const remember = async ({ id }: Sighting): Promise<void> => {
      const found = pending.find(({ sighting }) => sighting.id === id);
      if (found === undefined) return;
      const { origin, match } = found;
      await storedMatches.update(
        store,
        matchKey(policyId, id),
        Math.ceil(retentionSeconds + ahead),
        (current) =>
          current ?? { record: origin.describe(match.detection.reasons), group: match.detection.group },
      );
    };
    await pMap(waiting, remember, { concurrency });
    const { term, learning } = keys;
    if (waiting.length > 0 && nextDue !== undefined)
      await schedule(context, policyId, { term, learning }, nextDue);
  };
}

function schedule(
  context: PipelineContext,
  policyId: string,
  keys: Pick<FirstSeenMatch["keys"], "term" | "learning">,
  nextDue: number,
): Promise<void> {
  return ensureTimer(context, {
    kind: "first-seen",
    policyId,
    ...keys,
    at: nextDue + context.allowedLatenessSeconds * 1000 + 1,
  });
}

/** What a timer finds in a term: the matches that are new, and how to forget them once they are safe. */
export interface DecidedMatches {
  readonly found: readonly {
    readonly detection: Detection;
    readonly origin: Origin;
    readonly event: IncidentEvent;
  }[];
  /** Marks them as decided and schedules the next look. Call it when the matches are durable. */
  finish(): Promise<void>;
}

/** Decides the complete sightings of one term. The document changes only in `finish`. */
export async function decideSightings(
  context: PipelineContext,
  message: Origin["message"],
  { policyId, term, learning: learningKey }: FirstSeenTimer,
): Promise<DecidedMatches> {
  const { store, detector, clock, allowedLatenessSeconds } = context;
  const policy = detector.firstSeen(policyId);
  if (policy === undefined) return { found: [], finish: async () => undefined };
  const learning = await learningDocuments.read(store, learningKey);
  const completeBefore = clock.now() - allowedLatenessSeconds * 1000;
  const tellFrom = completeBefore - redeliverySeconds * 1000;
  const options = { ...policy.firstSeen, completeBefore, tellFrom };
  const document = await termDocuments.read(store, term);
  if (document === undefined) return { found: [], finish: async () => undefined };
  const found = [];
  const told = decideTerm(document, learning, options).found;
  for (const { id, time } of told) {
    const stored = await storedMatches.read(store, matchKey(policyId, id));
    if (stored === undefined)
      throw new Error(`The record of event ${id} is not in the state store any more.`);
    const { record, group } = stored;
    const origin: Origin = {
      message,
      eventId: record.eventId,
      describe: (reasons) => ({ ...record, reasons }),
      call: () => callOfAlertRecord(record),
    };
    const reasons = [policy.reason, ...record.reasons];
    const detection = { ...policy.detection, group, reasons };
    found.push({ detection, origin, event: storedEvent({ id, time }, { ...record, reasons }) });
  }
  return {
    found,
    async finish() {
      let nextDue: number | undefined;
      await termDocuments.update(store, term, termRetentionSeconds(policy.firstSeen), (current) => {
        if (current === undefined) return current;
        const decided = decideTerm(current, learning, options);
        // A record from long ago came in between: it is not told yet, so it must be looked at again.
        const isTold = JSON.stringify(decided.found) === JSON.stringify(told);
        nextDue = isTold ? decided.nextDue : decided.found[0]?.time;
        return isTold ? decided.document : current;
      });
      if (nextDue !== undefined) await schedule(context, policyId, { term, learning: learningKey }, nextDue);
    },
  };
}
