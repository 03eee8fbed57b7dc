import { shortDigest } from "@streamwarden/base";

/**
 * How many distinct eventIDs an incident has, in bounded space and independent of order and repetition: the
 * `distinctBound` smallest 52-bit hashes of the ids (a k-minimum-values sketch). Up to the bound the count is
 * exact and every id is known; above it the count is an estimate that only grows as ids are added, so that
 * thresholds on it stay a pure function of the set of records.
 */
export type DistinctIds = readonly string[];

const distinctBound = 1024;

const hexDigits = 13;
const hashSpace = 16 ** hexDigits;

/** 52 bits of the id's SHA-256 as 13 hexadecimal digits, so that string order is numeric order. */
function hashOf(id: string): string {
  return shortDigest(id, hexDigits);
}

export interface Addition {
  readonly ids: DistinctIds;
  /** Which of the given ids were in `current` already. */
  readonly known: ReadonlySet<string>;
}

/** Adds ids; returns the same `ids` reference when nothing changed. */
export function addDistinct(current: DistinctIds, ids: readonly string[], bound = distinctBound): Addition {
  const present = new Set(current);
  const known = new Set<string>();
  const added = new Set<string>();
  for (const id of ids) {
    const hash = hashOf(id);
    if (present.has(hash)) known.add(id);
    else added.add(hash);
  }
  if (added.size === 0) return { ids: current, known };
  const merged = [...current, ...added].sort().slice(0, bound);
  const unchanged =
    merged.length === current.length && merged.every((hash, index) => hash === current[index]);
  return { ids: unchanged ? current : merged, known };
}

/** The number of distinct ids, and whether it is an estimate. */
export function distinctCount(
  ids: DistinctIds,
  bound = distinctBound,
): { readonly count: number; readonly isEstimate: boolean } {
  const largest = ids.at(-1);
  if (ids.length < bound || largest === undefined) return { count: ids.length, isEstimate: false };
  const estimate = Math.round((bound - 1) / (Number.parseInt(largest, 16) / hashSpace));
  return { count: Math.max(bound, estimate), isEstimate: true };
}
