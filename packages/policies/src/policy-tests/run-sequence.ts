import { type CloudTrailRecord, eventTimeOf } from "@streamwarden/cloudtrail";
import {
  advance,
  type Correlation,
  chainedEntries,
  closeWindows,
  correlationEntries,
  type Firing,
  type GroupedEntry,
  type GroupValue,
  inChainOrder,
  type Ruleset,
  type WindowDocument,
} from "@streamwarden/sigma";
import { type FirstSeen, type FirstSeenKeys, firstSeenKeys } from "../first-seen/first-seen.ts";
import { FirstSeenHistory } from "../first-seen/first-seen-history.ts";
import type { Policy } from "../policy.ts";

/** What the records left behind in one window, for explanations: as it was before it was decided itself. */
export interface HeldWindow {
  readonly correlation: Correlation;
  readonly group: readonly GroupValue[];
  readonly document: WindowDocument | undefined;
  /** Each once, by time. */
  readonly firings: readonly Firing[];
}

/** What a policy made of records that were delivered in some order. */
export interface SequenceRun {
  /** Whether the policy was true of a record, or fired, at least once. */
  readonly fired: boolean;
  /** Those of all correlations. */
  readonly windows: readonly HeldWindow[];
}

/**
 * Delivers records one by one in the order given to the reducers of production, then decides the windows that wait.
 * Which matches of a first-seen policy were new is decided at the end.
 */
export function runSequence(
  ruleset: Ruleset,
  { rule: policy, ...subject }: Policy,
  records: readonly CloudTrailRecord[],
): SequenceRun {
  if (policy.kind === "rule") {
    const matched = records.filter((record) => ruleset.match(record).includes(policy));
    const { firstSeen } = subject;
    const fired =
      firstSeen === undefined
        ? matched.length > 0
        : isAnyNew(matched, firstSeen, (record) => firstSeenKeys(ruleset, subject, firstSeen, record));
    return { fired, windows: [] };
  }
  const windows = holdWindows(ruleset, records);
  const fired = windows.some(({ correlation, firings }) => correlation === policy && firings.length > 0);
  return { fired, windows };
}

/** The windows of all correlations over records, in whatever order these come. */
function holdWindows(ruleset: Ruleset, records: readonly CloudTrailRecord[]): HeldWindow[] {
  const windows = new Windows(ruleset, records);
  for (const record of records) windows.add(record);
  return windows.decided();
}

function isAnyNew(
  matched: readonly CloudTrailRecord[],
  firstSeen: FirstSeen,
  keysOf: (record: CloudTrailRecord) => FirstSeenKeys,
): boolean {
  const history = new FirstSeenHistory(firstSeen);
  for (const record of matched)
    history.add(keysOf(record), { id: record.eventID, time: eventTimeOf(record) });
  return history.found().length > 0;
}

interface OpenWindow {
  readonly correlation: Correlation;
  readonly group: readonly GroupValue[];
  document: WindowDocument | undefined;
  /** By event: a firing may be reported again. */
  readonly firings: Map<string, Firing>;
}

class Windows {
  readonly #ruleset: Ruleset;
  readonly #windows = new Map<string, OpenWindow>();
  readonly #allowedLatenessSeconds: number;

  /** Every order of the records must give the same, so none of them may be late. */
  constructor(ruleset: Ruleset, records: readonly CloudTrailRecord[]) {
    this.#ruleset = ruleset;
    const times = records.map(eventTimeOf).toSorted((left, right) => left - right);
    this.#allowedLatenessSeconds = Math.ceil(((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000);
  }

  add(record: CloudTrailRecord): void {
    const matched = this.#ruleset.match(record);
    const at = { id: record.eventID, time: eventTimeOf(record) };
    this.#advance(correlationEntries(this.#ruleset, matched, record, at));
  }

  /** Decides every window, those below before those above, and gives what each held. */
  decided(): HeldWindow[] {
    const held: HeldWindow[] = [];
    for (const correlation of inChainOrder(this.#ruleset.correlations)) {
      for (const window of [...this.#windows.values()].filter((one) => one.correlation === correlation)) {
        const { group, document } = window;
        const closed = closeWindows(correlation, document, Number.MAX_SAFE_INTEGER);
        this.#report(window, closed.firings);
        const firings = [...window.firings.values()].toSorted((left, right) => left.time - right.time);
        held.push({ correlation, group, document, firings });
      }
    }
    return held;
  }

  #advance(entries: readonly GroupedEntry[]): void {
    for (const { correlation, group, groupKey, entry } of entries) {
      const key = JSON.stringify([this.#ruleset.correlations.indexOf(correlation), groupKey]);
      const window = this.#windows.get(key) ?? {
        correlation,
        group,
        document: undefined,
        firings: new Map(),
      };
      this.#windows.set(key, window);
      const options = { allowedLatenessSeconds: this.#allowedLatenessSeconds };
      const { document, firings } = advance(window, window.document, [entry], options);
      window.document = document;
      this.#report(window, firings);
    }
  }

  #report(window: OpenWindow, firings: readonly Firing[]): void {
    for (const firing of firings) window.firings.set(firing.id, firing);
    if (firings.length > 0) this.#advance(chainedEntries(this.#ruleset, firings));
  }
}
