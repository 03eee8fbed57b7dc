/**
 * The known word that was probably meant: at most a third of its letters differ. Undefined when nothing is near,
 * because a wrong guess is worse than none.
 */
export const suggest = (word: string, known: Iterable<string>): string | undefined => {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const limit = Math.max(1, Math.floor(candidate.length / 3));
    if (Math.abs(candidate.length - word.length) > limit) continue;
    const changes = distance(word.toLowerCase(), candidate.toLowerCase());
    if (changes <= limit && changes < bestDistance) {
      best = candidate;
      bestDistance = changes;
    }
  }
  return best;
};

/** Letters to insert, remove or replace (Levenshtein). */
const distance = (left: string, right: string): number => {
  let row = Array.from({ length: right.length + 1 }, (_unused, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
};
