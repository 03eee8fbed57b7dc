import type { CloudTrailRecord } from "@streamwarden/cloudtrail";
import {
  advance,
  type Correlation,
  chainedEntries,
  closeWindows,
  type Entry,
  type Firing,
  type GroupValue,
  inChainOrder,
  type Ruleset,
  type WindowDocument,
} from "@streamwarden/sigma";
import { type PlainEntry, plainEntries } from "./plain-entry.ts";

/** What correlations gave over all records. */
export interface Correlated {
  /** Each once, by correlation in load order, then by group, time and event. */
  readonly firings: readonly Firing[];
  /** Entries that were let go because a window was full, by position of the correlation. Counts are then too low. */
  readonly dropped: ReadonlyMap<number, number>;
}

interface Group {
  readonly group: readonly GroupValue[];
  readonly entries: Entry[];
}

/** What one group of a correlation counted, and where it fired: both by time. */
export interface CorrelatedGroup {
  readonly group: readonly GroupValue[];
  readonly entries: readonly Entry[];
  readonly firings: readonly Firing[];
}

/** Entries of one window that are added at once; small against the most that a window holds. */
const entriesPerStep = 200;
/** The entries come sorted by time, so none is late. */
const options = { allowedLatenessSeconds: 0 };

/**
 * Runs the correlations over all entries, by the times of the events: the order of files and records is of no matter.
 * The reducers are those of production; only the state is a variable instead of a store.
 */
export class Correlator {
  /** The groups of the correlation that is looked at closely, once all is decided. */
  readonly groups: CorrelatedGroup[] = [];
  readonly #ruleset: Ruleset;
  readonly #lookedAt: Correlation | undefined;
  /** The groups of each correlation, by position, then by group key. */
  readonly #groups: readonly Map<string, Group>[];

  /** @param lookedAt a correlation whose groups are kept. */
  constructor(ruleset: Ruleset, lookedAt?: Correlation) {
    this.#ruleset = ruleset;
    this.#lookedAt = lookedAt;
    this.#groups = ruleset.correlations.map(() => new Map());
  }

  add(entries: readonly PlainEntry[]): void {
    for (const { correlation, group, groupKey, entry } of entries) {
      const groups = this.#groups[correlation];
      const known = groups?.get(groupKey);
      if (known === undefined) groups?.set(groupKey, { group, entries: [entry] });
      else known.entries.push(entry);
    }
  }

  /** Nothing follows: decides every window, those below before those above. Call once. */
  finish(): Correlated {
    const { correlations } = this.#ruleset;
    const byCorrelation = new Map<Correlation, readonly Firing[]>();
    const dropped = new Map<number, number>();
    for (const correlation of inChainOrder(correlations)) {
      const position = correlations.indexOf(correlation);
      const groups = [...(this.#groups[position] ?? [])].sort(([left], [right]) => (left < right ? -1 : 1));
      const firings: Firing[] = [];
      for (const [, { group, entries }] of groups) {
        const found = decide(correlation, group, entries);
        firings.push(...found.firings);
        if (correlation === this.#lookedAt) {
          const byTime = found.firings.toSorted((left, right) => left.time - right.time);
          this.groups.push({ group, entries, firings: byTime });
        }
        if (found.dropped > 0) dropped.set(position, (dropped.get(position) ?? 0) + found.dropped);
      }
      this.#groups[position]?.clear();
      byCorrelation.set(correlation, firings);
      const chained = chainedEntries(this.#ruleset, firings);
      this.add(chained.map((entry) => ({ ...entry, correlation: correlations.indexOf(entry.correlation) })));
    }
    return { firings: correlations.flatMap((one) => byCorrelation.get(one) ?? []), dropped };
  }
}

function decide(
  correlation: Correlation,
  group: readonly GroupValue[],
  entries: Entry[],
): { readonly firings: readonly Firing[]; readonly dropped: number } {
  entries.sort((left, right) => left.time - right.time || (left.id < right.id ? -1 : 1));
  const firings = new Map<string, Firing>();
  let document: WindowDocument | undefined;
  let dropped = 0;
  const take = (found: readonly Firing[]): void => {
    for (const firing of found) firings.set(firing.id, firing);
  };
  for (let start = 0; start < entries.length; start += entriesPerStep) {
    const advanced = advance(
      { correlation, group },
      document,
      entries.slice(start, start + entriesPerStep),
      options,
    );
    dropped += advanced.dropped;
    take(advanced.firings);
    const next = entries[start + entriesPerStep]?.time ?? Number.POSITIVE_INFINITY;
    const closed = closeWindows(correlation, advanced.document, next);
    take(closed.firings);
    document = closed.document;
  }
  return { firings: [...firings.values()], dropped };
}

/** What a correlation made of records, group by group, exactly as a replay of them does. */
export function correlatedGroups(
  ruleset: Ruleset,
  correlation: Correlation,
  records: readonly CloudTrailRecord[],
): readonly CorrelatedGroup[] {
  const correlator = new Correlator(ruleset, correlation);
  for (const record of records) correlator.add(plainEntries(ruleset, ruleset.match(record), record));
  correlator.finish();
  return correlator.groups;
}
