import type { Contradiction } from "./lint-field.ts";
import type { Test } from "./test.ts";

/** What a test asks, as its key has it: the field, the kind, and what belongs to the kind. */
export function partsOfKey(test: Test): readonly unknown[] {
  const parts: unknown = JSON.parse(test.key);
  return Array.isArray(parts) ? parts : [];
}

/** A comparison of a number, or of a part of a date, with a number. */
interface Bound {
  readonly test: Test;
  /** The part of a date; empty for the number itself. */
  readonly subject: string;
  readonly comparison: string;
  readonly number: number;
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
  for (const subject of new Set(asserted.map((bound) => bound.subject))) {
    const found = clash(
      asserted.filter((bound) => bound.subject === subject),
      refused.filter((bound) => bound.subject === subject),
    );
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function clash(asserted: readonly Bound[], refused: readonly Bound[]): Contradiction | undefined {
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
  const isWhole = bounds.some(({ subject }) => subject !== "");
  return numbers.flatMap((number, index) => {
    const next = numbers[index + 1] ?? number + 2;
    return isWhole
      ? [number - 1, number, number + 1]
      : [index === 0 ? number - 1 : number, number, (number + next) / 2];
  });
}

function holds({ comparison, number }: Bound, sample: number): boolean {
  switch (comparison) {
    case "lt":
      return sample < number;
    case "lte":
      return sample <= number;
    case "gt":
      return sample > number;
    case "gte":
      return sample >= number;
    default:
      return sample === number;
  }
}

function boundOf(test: Test): Bound[] {
  if (test.kind !== "number" && test.kind !== "date") {
    return [];
  }
  const [number, comparison, subject] = partsOfKey(test).toReversed();
  return [
    {
      test,
      subject: test.kind === "date" ? String(subject) : "",
      comparison: String(comparison),
      number: Number(number),
    },
  ];
}
