import { compare } from "../matchers/comparison-matchers.ts";
import type { Bound, Test } from "../matchers/matcher.ts";
import type { Contradiction } from "./lint-field.ts";

interface BoundTest extends Bound {
  readonly test: Test;
}

/** Every bound is compared with all others at every number between them. */
const MOST_BOUNDS = 30;

/** Comparisons of one field (and one part of its date) that no number satisfies together. */
export function contradictoryBounds(
  clauses: readonly (readonly Test[])[],
  denied: readonly Test[],
): Contradiction | undefined {
  const asserted = clauses
    .flatMap((clause) => (clause.length === 1 ? clause.flatMap(boundOf) : []))
    .slice(0, MOST_BOUNDS);
  const refused = denied.flatMap(boundOf).slice(0, MOST_BOUNDS);
  for (const part of new Set(asserted.map((bound) => bound.part))) {
    const found = clash(
      asserted.filter((bound) => bound.part === part),
      refused.filter((bound) => bound.part === part),
    );
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function clash(asserted: readonly BoundTest[], refused: readonly BoundTest[]): Contradiction | undefined {
  const samples = samplesOf([...asserted, ...refused]);
  const isLeft = (sample: number): boolean => !refused.some((bound) => holds(bound, sample));
  for (const bound of asserted) {
    const own = samples.filter((sample) => holds(bound, sample));
    const other = refused.find((candidate) => own.every((sample) => holds(candidate, sample)));
    if (other !== undefined) {
      return { clause: [bound.test], other: [other.test], isDenied: true, isCertain: true };
    }
    const left = own.filter(isLeft);
    const opposite = asserted.find((candidate) => !left.some((sample) => holds(candidate, sample)));
    if (opposite !== undefined && opposite !== bound) {
      return { clause: [bound.test], other: [opposite.test], isDenied: false, isCertain: false };
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

const holds = ({ comparison, number }: Bound, sample: number): boolean => compare(sample, comparison, number);

const boundOf = (test: Test): BoundTest[] => (test.bound === undefined ? [] : [{ test, ...test.bound }]);
