/** Words that are told apart by more changes than this are two words, however long they are. */
const MostChanges = 4;
/** A shorter part of a name (`is`, `to`) says too little about which name was meant. */
const ShortestPart = 3;

/**
 * The known word that was probably meant by an unknown one: the nearest in spelling, else the only one that is made of
 * the same parts and more (`userName` for `userIdentity.userName`). Undefined when none or several could be meant,
 * because a wrong guess is worse than none.
 */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  const known = [...words];
  return misspelled(word, known) ?? byParts(word, known);
}

/** The word that is probably misspelled: at most a third of its letters differ, or one, and at most `mostChanges`. */
export function misspelled(
  word: string,
  words: Iterable<string>,
  mostChanges = MostChanges,
): string | undefined {
  const lower = word.toLowerCase();
  let best: string | undefined;
  let bestChanges = Number.POSITIVE_INFINITY;
  for (const candidate of words) {
    // One letter is near to every other.
    const ownMost = candidate.length < 2 ? 0 : Math.max(1, Math.floor(candidate.length / 3));
    const most = Math.min(mostChanges, ownMost, bestChanges - 1);
    if (Math.abs(candidate.length - word.length) <= most) {
      const changes = editDistance(lower, candidate.toLowerCase());
      if (changes <= most) {
        best = candidate;
        bestChanges = changes;
      }
    }
  }
  return best;
}

export function didYouMean(word: string, words: Iterable<string>): string | undefined {
  const meant = nearest(word, words);
  return meant === undefined ? undefined : `Did you mean \`${meant}\`?`;
}

/** The only word that has all parts of the given one, or all of whose parts it has; of several the one with fewest parts more. */
function byParts(word: string, words: readonly string[]): string | undefined {
  const given = partsOf(word);
  let best: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const candidate of words) {
    const parts = partsOf(candidate);
    const [short, long] = parts.size < given.size ? [parts, given] : [given, parts];
    const excess = long.size - short.size;
    if (excess <= fewest && isSaid(short) && short.isSubsetOf(long)) {
      best = excess === fewest ? undefined : candidate;
      fewest = excess;
    }
  }
  return best;
}

function isSaid(parts: ReadonlySet<string>): boolean {
  return [...parts].some((part) => part.length >= ShortestPart);
}

/** `userIdentity.userName` is made of `user`, `identity` and `name`. */
function partsOf(name: string): ReadonlySet<string> {
  return new Set(
    name
      .replaceAll(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .filter((part) => part !== ""),
  );
}

/**
 * The number of single-letter changes between two words: insert, remove, replace, and swap neighbours, which is the
 * commonest slip of a hand and two changes by the plain Levenshtein distance of the libraries.
 */
export function editDistance(left: string, right: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        cost = Math.min(cost, (before[column - 2] ?? cost) + 1);
      }
      current.push(cost);
    }
    before = previous;
    previous = current;
  }
  return previous[right.length] ?? 0;
}
