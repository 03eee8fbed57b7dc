import { type CloudTrailRecord, eventTimeOf } from "@streamwarden/cloudtrail";
import {
  advance,
  type Correlation,
  chainDepth,
  chainedEntries,
  closeWindows,
  correlationEntries,
  type Firing,
  type GroupedEntry,
  type GroupValue,
  type Ruleset,
  type WindowDocument,
} from "@streamwarden/sigma";
import { type FirstSeen, type FirstSeenKeys, firstSeenKeys } from "./first-seen.ts";
import { FirstSeenHistory } from "./first-seen-history.ts";
import type { Policy } from "./policy.ts";

/** What the records left behind in one window, for explanations. */
export interface HeldWindow {
  readonly correlation: Correlation;
  readonly group: readonly GroupValue[];
  readonly document: WindowDocument | undefined;
}

/** What a policy made of records that were delivered in some order. */
export interface SequenceRun {
  /** Whether the policy was true of a record, or fired, at least once. */
  readonly fired: boolean;
  /** The windows as they were before those that wait were decided. */
  readonly windows: readonly HeldWindow[];
}

/**
 * Delivers records one by one in the order given to the reducers of production, then decides the windows that wait.
 * A policy on first sightings is told at the end which of its matches were new.
 */
export const runSequence = (
  ruleset: Ruleset,
  { rule: policy, ...subject }: Policy,
  records: readonly CloudTrailRecord[],
): SequenceRun => {
  if (policy.kind === "rule") {
    const matched = records.filter((record) => ruleset.match(record).includes(policy));
    const { firstSeen } = subject;
    const fired =
      firstSeen === undefined
        ? matched.length > 0
        : isAnyNew(matched, firstSeen, (record) => firstSeenKeys(ruleset, subject, firstSeen, record));
    return { fired, windows: [] };
  }
  const windows = new Windows(ruleset, records);
  for (const record of records) windows.add(record);
  const held = windows.held();
  windows.close();
  return { fired: windows.fired.has(policy), windows: held };
};

const isAnyNew = (
  matched: readonly CloudTrailRecord[],
  firstSeen: FirstSeen,
  keysOf: (record: CloudTrailRecord) => FirstSeenKeys,
): boolean => {
  const history = new FirstSeenHistory(firstSeen);
  for (const record of matched)
    history.add(keysOf(record), { id: record.eventID, time: eventTimeOf(record) });
  return history.found().length > 0;
};

class Windows {
  readonly fired = new Set<Correlation>();
  readonly #ruleset: Ruleset;
  readonly #windows = new Map<string, HeldWindow>();
  readonly #allowedLatenessSeconds: number;

  /** Every order of the records must give the same, so none of them may be late. */
  constructor(ruleset: Ruleset, records: readonly CloudTrailRecord[]) {
    this.#ruleset = ruleset;
    const times = records.map(eventTimeOf);
    this.#allowedLatenessSeconds = Math.ceil((Math.max(...times) - Math.min(...times)) / 1000);
  }

  add(record: CloudTrailRecord): void {
    const matched = this.#ruleset.match(record);
    const at = { id: record.eventID, time: eventTimeOf(record) };
    this.#advance(correlationEntries(this.#ruleset, matched, record, at));
  }

  held(): HeldWindow[] {
    return [...this.#windows.values()];
  }

  /** Decides every window, those below before those above. */
  close(): void {
    for (const correlation of this.#ruleset.correlations.toSorted(
      (left, right) => chainDepth(left) - chainDepth(right),
    )) {
      for (const [key, window] of this.#windows) {
        if (window.correlation !== correlation) continue;
        const { document, firings } = closeWindows(correlation, window.document, Number.MAX_SAFE_INTEGER);
        this.#windows.set(key, { ...window, document });
        this.#tell(firings);
      }
    }
  }

  #advance(entries: readonly GroupedEntry[]): void {
    for (const { correlation, group, groupKey, entry } of entries) {
      const key = JSON.stringify([this.#ruleset.correlations.indexOf(correlation), groupKey]);
      const { document, firings } = advance(
        { correlation, group },
        this.#windows.get(key)?.document,
        [entry],
        { allowedLatenessSeconds: this.#allowedLatenessSeconds },
      );
      this.#windows.set(key, { correlation, group, document });
      this.#tell(firings);
    }
  }

  #tell(firings: readonly Firing[]): void {
    for (const { correlation } of firings) this.fired.add(correlation);
    if (firings.length > 0) this.#advance(chainedEntries(this.#ruleset, firings));
  }
}
