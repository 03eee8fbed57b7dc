import { compare } from "../matchers/comparison-matchers.ts";
import type { Bound, Matcher } from "../matchers/matcher.ts";

/** Two parts of a conjunction that exclude each other. */
export interface Contradiction {
  readonly clause: readonly Matcher[];
  readonly other: readonly Matcher[];
  /** Whether the other part is denied (`not`). */
  readonly isDenied: boolean;
  /** Whether it excludes the first for lists too, of which different members may satisfy different matchers. */
  readonly isCertain: boolean;
}

interface BoundMatcher extends Bound {
  readonly matcher: Matcher;
}

/** Every bound is compared with all others at every number between them. */
const mostBounds = 30;

/** Comparisons of one field (and one part of its date) that no number satisfies together. */
export function contradictoryBounds(
  clauses: readonly (readonly Matcher[])[],
  denied: readonly Matcher[],
): Contradiction | undefined {
  const asserted = clauses
    .flatMap((clause) => (clause.length === 1 ? clause.flatMap(boundOf) : []))
    .slice(0, mostBounds);
  const rejected = denied.flatMap(boundOf).slice(0, mostBounds);
  for (const part of new Set(asserted.map((bound) => bound.part))) {
    const found = clash(
      asserted.filter((bound) => bound.part === part),
      rejected.filter((bound) => bound.part === part),
    );
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function clash(
  asserted: readonly BoundMatcher[],
  rejected: readonly BoundMatcher[],
): Contradiction | undefined {
  const samples = samplesOf([...asserted, ...rejected]);
  const isLeft = (sample: number): boolean => !rejected.some((bound) => holds(bound, sample));
  for (const bound of asserted) {
    const own = samples.filter((sample) => holds(bound, sample));
    const other = rejected.find((candidate) => own.every((sample) => holds(candidate, sample)));
    if (other !== undefined) {
      return { clause: [bound.matcher], other: [other.matcher], isDenied: true, isCertain: true };
    }
    const left = own.filter(isLeft);
    const opposite = asserted.find((candidate) => !left.some((sample) => holds(candidate, sample)));
    if (opposite !== undefined && opposite !== bound) {
      return { clause: [bound.matcher], other: [opposite.matcher], isDenied: false, isCertain: false };
    }
  }
  return undefined;
}

/** Numbers of which one satisfies whatever can be satisfied: every bound, and between and beyond them. */
function samplesOf(bounds: readonly Bound[]): number[] {
  const numbers = [...new Set(bounds.map(({ number }) => number))].sort((left, right) => left - right);
  const isWhole = bounds.some(({ part }) => part !== undefined);
  return numbers.flatMap((number, index) => {
    const next = numbers[index + 1] ?? number + 2;
    return isWhole
      ? [number - 1, number, number + 1]
      : [index === 0 ? number - 1 : number, number, (number + next) / 2];
  });
}

function holds({ comparison, number }: Bound, sample: number): boolean {
  return compare(sample, comparison, number);
}

function boundOf(matcher: Matcher): BoundMatcher[] {
  return matcher.bound === undefined ? [] : [{ matcher, ...matcher.bound }];
}
