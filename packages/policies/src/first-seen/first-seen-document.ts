/**
 * What is kept of one term (one set of `of` values for one set of `by` values): plain JSON. Its content is a pure
 * function of the set of sightings it was given (within the allowed lateness), whatever their order.
 */
export interface TermDocument {
  /** Sightings that follow each other within the policy's `within`, as one; ordered by time, never touching. */
  readonly runs: readonly Run[];
}

/** Only the first sighting of a run can be new: each of the others had one before it within `within`. */
interface Run {
  /** Milliseconds since the epoch, both. */
  readonly first: number;
  readonly last: number;
  /** The events at `first`, sorted, at most 20; none once it was decided whether they are new. */
  readonly ids: readonly string[];
  readonly decided: boolean;
}

/** What is kept of one set of `by` values: since when it is watched. Plain JSON, and as pure as a term. */
export interface LearningDocument {
  /** Time of the earliest sighting, in milliseconds since the epoch. */
  readonly earliest: number;
  /** The last day with a sighting, in days since the epoch: so that a document in use never expires. */
  readonly lastDay: number;
}

/** One record that the policy's rule is true of. */
export interface Sighting {
  readonly id: string;
  /** When it happened, in milliseconds since the epoch. */
  readonly time: number;
}

export interface AddedSightings {
  /** The very document that was given, where nothing changed. */
  readonly document: TermDocument;
  /** Those of the given sightings that are new as known by now, and wait to be decided. */
  readonly waiting: readonly Sighting[];
  /** Time of the earliest sighting that waits, in milliseconds since the epoch. */
  readonly nextDue?: number;
}

export interface DecidedTerm {
  readonly document: TermDocument;
  /** The sightings that are new, by time and id. */
  readonly found: readonly Sighting[];
  readonly nextDue?: number;
}

/** Events of one second that keep their ids. More would only add to the count of the same incident. */
const mostIds = 20;
const millisecondsPerDay = 86_400_000;
/** Queues keep a message for 14 days at most: a record may come again that much later, and must not be new then. */
export const redeliverySeconds = 15 * 86_400;
const empty: TermDocument = { runs: [] };

/** Adds sightings to a term. Pure; the order, repetition and batching of sightings cannot show. */
export function addSightings(
  document: TermDocument | undefined,
  sightings: readonly Sighting[],
  withinSeconds: number,
): AddedSightings {
  const before = document ?? empty;
  const added = sightings.map(
    ({ id, time }): Run => ({ first: time, last: time, ids: [id], decided: false }),
  );
  const runs = joined([...before.runs, ...added], withinSeconds);
  const after = sameRuns(before.runs, runs) ? before : { runs };
  const idsAt = waitingIds(after);
  const isWaiting = ({ id, time }: Sighting): boolean => idsAt.get(time)?.includes(id) === true;
  return { document: after, waiting: sightings.filter(isWaiting), ...nextDueOf(after) };
}

/** One term from two documents about it: adding the sightings of both. Pure. */
export function mergeTerms(left: TermDocument, right: TermDocument, withinSeconds: number): TermDocument {
  return {
    runs: joined([...left.runs, ...right.runs], withinSeconds),
  };
}

/**
 * A term that begins where another ends, for an actor that the first release knew under another name. Pure. What comes
 * within the learning period after the other's last sighting is known; what comes later is new, as anybody's would be.
 *
 * @returns undefined where the other says nothing of these times.
 */
export function continueTerm(
  former: TermDocument | undefined,
  times: readonly number[],
  learnSeconds: number,
): TermDocument | undefined {
  const last = former?.runs.at(-1);
  const isKnown = last !== undefined && Math.min(...times) <= last.last + learnSeconds * 1000;
  return isKnown ? { runs: [{ ...last, ids: [], decided: true }] } : undefined;
}

/**
 * A term of the state store with what history knows of it, which was decided as history before. Pure, and safe while
 * consumers run: what waits to be reported keeps waiting unless history holds a sighting before it, within `within`; and
 * nothing is added that would wait for a timer which nobody scheduled.
 *
 * @returns the very document `current` where nothing changes.
 */
export function teachTerm(
  current: TermDocument | undefined,
  history: TermDocument,
  withinSeconds: number,
): TermDocument | undefined {
  const before = current ?? empty;
  const known = history.runs.filter(({ decided }) => decided);
  const idsAt = waitingIds(before);
  const runs = joined([...before.runs, ...known], withinSeconds).map((run): Run => {
    const ids = idsAt.get(run.first);
    return ids === undefined ? run : { ...run, ids, decided: false };
  });
  return sameRuns(before.runs, runs) ? current : { runs };
}

/**
 * Decides the sightings from before `completeBefore`, each once. Pure.
 *
 * Deciding forgets the ids, so what was found cannot be had from the returned document again: first make it durable,
 * computed from the stored document, then store this document, both with the same `completeBefore`.
 *
 * @param completeBefore No record from before this time is still to come: the current time minus the allowed
 * lateness, in milliseconds since the epoch.
 */
export function decideTerm(
  document: TermDocument,
  learning: LearningDocument | undefined,
  { completeBefore, tellFrom, withinSeconds, learnSeconds }: DecideOptions,
): DecidedTerm {
  const learnt = (learning?.earliest ?? Number.POSITIVE_INFINITY) + learnSeconds * 1000;
  const earliestTold = Math.max(learnt, tellFrom);
  const found: Sighting[] = [];
  const runs = document.runs.flatMap((run): Run[] => {
    const isComplete = run.first < completeBefore;
    if (!run.decided && isComplete && run.first >= earliestTold) {
      found.push(...run.ids.map((id) => ({ id, time: run.first })));
    }
    const isOver = isComplete && run.last < completeBefore - (withinSeconds + redeliverySeconds) * 1000;
    if (isOver) return [];
    return [isComplete && !run.decided ? { ...run, ids: [], decided: true } : run];
  });
  const after = sameRuns(document.runs, runs) ? document : { runs };
  return { document: after, found, ...nextDueOf(after) };
}

export interface DecideOptions {
  readonly completeBefore: number;
  /**
   * Sightings from before this time are history: they teach and are never reported. Milliseconds since the epoch; at least
   * `redeliverySeconds` before `completeBefore`, so that no message that comes again counts as history.
   */
  readonly tellFrom: number;
  readonly withinSeconds: number;
  readonly learnSeconds: number;
}

/** Takes the times of sightings into what is known of their `by` values. Pure. */
export function learn(document: LearningDocument | undefined, times: readonly number[]): LearningDocument {
  const earliest = Math.min(document?.earliest ?? Number.POSITIVE_INFINITY, ...times);
  const lastDay = Math.max(document?.lastDay ?? Number.NEGATIVE_INFINITY, ...times.map(dayOf));
  const isSame = document !== undefined && document.earliest === earliest && document.lastDay === lastDay;
  return isSame ? document : { earliest, lastDay };
}

/** What is known of the same `by` values from two sources. Pure; the very document `left` where nothing changes. */
export function mergeLearning(left: LearningDocument | undefined, right: LearningDocument): LearningDocument {
  if (left === undefined) return right;
  const earliest = Math.min(left.earliest, right.earliest);
  const lastDay = Math.max(left.lastDay, right.lastDay);
  return earliest === left.earliest && lastDay === left.lastDay ? left : { earliest, lastDay };
}

function dayOf(time: number): number {
  return Math.floor(time / millisecondsPerDay);
}

/** Runs that are at most `within` apart are one: the first sighting of the later one is not new. */
function joined(runs: readonly Run[], withinSeconds: number): Run[] {
  const sorted = runs.toSorted((left, right) => left.first - right.first);
  const result: Run[] = [];
  for (const run of sorted) {
    const before = result.at(-1);
    if (before === undefined || run.first - before.last > withinSeconds * 1000) result.push(run);
    else result[result.length - 1] = join(before, run);
  }
  return result;
}

function join(left: Run, right: Run): Run {
  // Where either was decided the earlier one came too late to be reported, and the later one was reported.
  const decided = left.decided || right.decided;
  const ids = left.first === right.first ? [...new Set([...left.ids, ...right.ids])].toSorted() : left.ids;
  return {
    first: left.first,
    last: Math.max(left.last, right.last),
    ids: decided ? [] : ids.slice(0, mostIds),
    decided,
  };
}

/** The ids that wait to be decided, by the time of their sighting. */
function waitingIds({ runs }: TermDocument): ReadonlyMap<number, readonly string[]> {
  return new Map(runs.filter(({ decided }) => !decided).map(({ first, ids }) => [first, ids]));
}

function nextDueOf({ runs }: TermDocument): { readonly nextDue?: number } {
  const waiting = runs.find(({ decided }) => !decided);
  return waiting === undefined ? {} : { nextDue: waiting.first };
}

function sameRuns(left: readonly Run[], right: readonly Run[]): boolean {
  return left.length === right.length && left.every((run, index) => isSameRun(run, right[index]));
}

function isSameRun(left: Run, right: Run | undefined): boolean {
  return (
    right !== undefined &&
    left.first === right.first &&
    left.last === right.last &&
    left.decided === right.decided &&
    left.ids.length === right.ids.length &&
    left.ids.every((id, index) => id === right.ids[index])
  );
}
