import type { FirstSeenHistory, LearningDocument, Policy, TermDocument } from "@streamwarden/policies";
import type { FirstSeenLearnt } from "@streamwarden/replay";

/** What is to be taught to one policy. */
export interface PolicyPlan {
  readonly policy: Policy;
  /** Records of which its rule is true. */
  readonly records: number;
  /** What is decided and may still matter, by state key. */
  readonly terms: readonly (readonly [key: string, document: TermDocument])[];
  /** Since when each set of `by` values is watched, by state key. */
  readonly groups: readonly (readonly [key: string, document: LearningDocument])[];
  /** Terms that were last seen too long ago to be remembered. */
  readonly forgotten: number;
  /** Terms that were seen for the first time when the consumers already watched: theirs to report. */
  readonly left: number;
}

/**
 * What each policy is to be taught.
 *
 * @param before Milliseconds since the epoch: what was first seen from then on is left to the consumers.
 */
export function seedPlan(
  policies: readonly Policy[],
  { result, histories }: FirstSeenLearnt,
  before: number,
): PolicyPlan[] {
  const seen = new Map(result.policies.map(({ id, seen = 0 }) => [id, seen]));
  return policies.map((policy) => ({
    policy,
    records: seen.get(policy.id) ?? 0,
    ...documentsOf(histories.get(policy), before),
  }));
}

function documentsOf(
  history: FirstSeenHistory<unknown> | undefined,
  before: number,
): Omit<PolicyPlan, "policy" | "records"> {
  if (history === undefined) return { terms: [], groups: [], forgotten: 0, left: 0 };
  const { terms, learning } = history.documents(before);
  const all = [...terms];
  const isTaught = ([, { runs }]: (typeof all)[number]): boolean => runs.some(({ decided }) => decided);
  const taught = all.filter(isTaught);
  const forgotten = all.filter(([, { runs }]) => runs.length === 0).length;
  return { terms: taught, groups: [...learning], forgotten, left: all.length - taught.length - forgotten };
}
