import { editDistance } from "@streamwarden/sigma";

/**
 * The known name that was probably meant: at most a third of its letters differ (`polices`), or it has the same words or
 * contains the one that was written (`severty` for `minimumSeverity`, `approved_region` for `ApprovedRegions`). Undefined
 * when nothing is near, or several are equally so, because a wrong guess is worse than none.
 */
export function suggest(name: string, known: Iterable<string>): string | undefined {
  const names = [...known];
  return (
    suggestSpelling(name, names) ??
    best(names, (candidate) => wordDistance(wordsOf(name), wordsOf(candidate)))
  );
}

/** As `suggest`, by the letters of the whole name only: where a guess decides whether something is said at all. */
export function suggestSpelling(name: string, known: Iterable<string>): string | undefined {
  let found: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const changes = nearness(lettersOf(name), lettersOf(candidate));
    if (changes !== undefined && changes < least) {
      found = candidate;
      least = changes;
    }
  }
  return found;
}

function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, "");
}

/** `minimumSeverity` and `minimum_severity` are `minimum` and `severity`. */
function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== "");
}

/** Changed letters between two texts that are near each other. */
function nearness(written: string, meant: string): number | undefined {
  const limit = Math.max(1, Math.floor(meant.length / 3));
  if (Math.abs(meant.length - written.length) > limit) return undefined;
  const changes = editDistance(written, meant);
  return changes <= limit ? changes : undefined;
}

/** Too many short words are near each other. */
const shortestWord = 4;

/** How far the words of one name are from words of the other, where each of the shorter name has one. */
function wordDistance(written: readonly string[], meant: readonly string[]): number | undefined {
  const [fewer, more] = written.length <= meant.length ? [written, meant] : [meant, written];
  if (!fewer.some((word) => word.length >= shortestWord)) return undefined;
  const rest = [...more];
  let sum = 0;
  for (const word of fewer) {
    const distances = rest.map((other) => nearness(word, other) ?? Number.POSITIVE_INFINITY);
    const least = Math.min(...distances);
    if (least === Number.POSITIVE_INFINITY) return undefined;
    rest.splice(distances.indexOf(least), 1);
    sum += least;
  }
  return sum + rest.length / 100;
}

/** The only candidate with the least distance. */
function best(
  candidates: readonly string[],
  distanceOf: (candidate: string) => number | undefined,
): string | undefined {
  const rated = candidates
    .map((candidate) => ({ candidate, distance: distanceOf(candidate) ?? Number.POSITIVE_INFINITY }))
    .filter(({ distance }) => distance !== Number.POSITIVE_INFINITY)
    .sort((left, right) => left.distance - right.distance);
  const [first, second] = rated;
  return first?.distance === second?.distance ? undefined : first?.candidate;
}
