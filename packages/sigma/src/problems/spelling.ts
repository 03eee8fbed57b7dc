/** Names that differ by more letters than this are different names, however long they are. */
const mostLetterChanges = 4;
/** A shorter word of a name (`is`, `to`) says too little about which name was meant. */
const shortestWord = 3;
/** Of two names whose words are equally near, the one with fewer further words is meant. */
const furtherWord = 1 / 100;

/**
 * The known name that was probably meant by an unknown one: the nearest in spelling, else the only one that has the same
 * words, each perhaps misspelled, or has them all and more (`severty` for `minimumSeverity`, `approved_region` for
 * `ApprovedRegions`, `userName` for `userIdentity.userName`), or fewer. Undefined when none or several could be meant,
 * because a wrong guess is worse than none.
 */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const names = [...known];
  return misspelled(name, names) ?? nearestByWords(name, names);
}

/**
 * The known name that is probably misspelled, by the letters of the whole name: at most a third of them differ, or one, and
 * at most `mostChanges`. How words are joined (`groupBy`, `group-by`) makes no difference, and of several that are
 * equally near none is meant, unless they differ in nothing but case and separators. For where a guess decides
 * whether something is reported at all.
 */
export function misspelled(
  name: string,
  known: Iterable<string>,
  mostChanges = mostLetterChanges,
): string | undefined {
  const written = lettersOf(name);
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of new Set(known)) {
    const changes = changesBetween(written, lettersOf(candidate), Math.min(least, mostChanges));
    if (changes === undefined) {
      continue;
    }
    if (changes < least) {
      best = candidate;
      least = changes;
    } else if (changes > 0) {
      best = undefined;
    }
  }
  return best;
}

/** `Did you mean ...?` about the nearest name, for a problem's hint. */
export function didYouMean(name: string, known: Iterable<string>): string | undefined {
  const meant = nearest(name, known);
  return meant === undefined ? undefined : `Did you mean \`${meant}\`?`;
}

function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, "");
}

/** Changed letters between two words that are near each other, if there are at most `most`. */
function changesBetween(written: string, meant: string, most: number): number | undefined {
  // A single letter is near to every other.
  const limit = Math.min(most, meant.length < 2 ? 0 : Math.max(1, Math.floor(meant.length / 3)));
  if (Math.abs(meant.length - written.length) > limit) {
    return undefined;
  }
  const changes = written === meant ? 0 : editDistance(written, meant);
  return changes <= limit ? changes : undefined;
}

/** The only name whose words are nearest. */
function nearestByWords(name: string, known: readonly string[]): string | undefined {
  const written = wordsOf(name);
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const distance = wordDistance(written, wordsOf(candidate));
    if (distance !== undefined && distance <= least) {
      best = distance === least ? undefined : candidate;
      least = distance;
    }
  }
  return best;
}

/** `userIdentity.userName` is `user`, `identity`, `user` and `name`. */
function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

/** How far the words of the shorter name are from words of the other, where each of them has one. */
function wordDistance(written: readonly string[], meant: readonly string[]): number | undefined {
  const [fewer, more] = written.length <= meant.length ? [written, meant] : [meant, written];
  if (!fewer.some((word) => word.length >= shortestWord)) {
    return undefined;
  }
  const rest = [...more];
  let sum = 0;
  for (const word of fewer) {
    let nearestAt = -1;
    let least = mostLetterChanges + 1;
    for (const [index, other] of rest.entries()) {
      // Too many short words are near each other.
      const changes = changesBetween(word, other, word.length > shortestWord ? least - 1 : 0);
      if (changes !== undefined && changes < least) {
        nearestAt = index;
        least = changes;
      }
    }
    if (nearestAt < 0) {
      return undefined;
    }
    rest.splice(nearestAt, 1);
    sum += least;
  }
  return sum + rest.length * furtherWord;
}

/**
 * The number of single-letter changes between two words: insert, remove, replace, and swap neighbours. A swap is the
 * commonest typing slip, and the plain Levenshtein distance of the libraries counts it twice.
 */
function editDistance(left: string, right: string): number {
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
